"""Starting the dashboard as a process of its own, and saying where it is once it answers."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Callable
from pathlib import Path

from castoon.errors import InputError, NotReadyError

HOST = "127.0.0.1"
START_LIMIT_S = 90
APP = Path(__file__).resolve().parent.parent / "streamlit_app.py"
MIB = 1 << 20
LEVEL_MEMORY = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": str(4 * MIB),
    "MALLOC_TRIM_THRESHOLD_": str(32 * MIB),
}
"""Every click runs in a thread of its own, and glibc gives threads heaps that it hardly ever hands back. With two
heaps, and large arrays mapped one by one, what is freed goes back to the system; other allocators ignore this."""


def environment(library: Path) -> dict[str, str]:
    """What the dashboard's process is started with; what the operator has set stands."""
    return {**LEVEL_MEMORY, **os.environ, "CASTOON_LIBRARY": str(library.absolute())}


def serve(library: Path, port: int, browser: bool, announce: Callable[[str], None]) -> None:
    """Run the dashboard on a library until it is stopped; `announce` is called with its address when it answers."""
    if _taken(port):
        raise InputError(
            f"port {port}", "something else answers there already.", "Choose another: PORT=8502 make demo."
        )
    address = f"http://{HOST}:{port}"
    command = [
        sys.executable, "-m", "streamlit", "run", str(APP), "--server.port", str(port), "--server.address", HOST,
        "--server.headless", "true", "--browser.gatherUsageStats", "false",
    ]  # fmt: skip
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(
            command, cwd=APP.parent, env=environment(library), stdout=log, stderr=subprocess.STDOUT
        )
        signal.signal(signal.SIGTERM, lambda *_: server.terminate())
        try:
            _wait(server, address)
            if browser and (sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
                webbrowser.open(address)
            announce(address)
            server.wait()
        except KeyboardInterrupt:
            pass
        finally:
            server.terminate()
            server.wait()
        if server.returncode not in {0, -signal.SIGTERM, -signal.SIGINT}:
            log.seek(0)
            said = log.read().decode(errors="replace").strip().splitlines()[-5:]
            raise NotReadyError("dashboard", "it ended: " + " | ".join(said), "Run `castoon doctor`.")


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False


def _wait(server: subprocess.Popen[bytes], address: str) -> None:
    ends = time.monotonic() + START_LIMIT_S
    while time.monotonic() < ends and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2) as answer:  # noqa: S310
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
