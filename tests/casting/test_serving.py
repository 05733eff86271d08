"""The dashboard's process: opened by a command, refused with a reason, its many threads sharing few heaps."""

from __future__ import annotations

import ctypes
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from typer.testing import CliRunner

from casting import Library
from casting.cli import system
from casting.cli.app import app
from casting.serving import LEVEL_MEMORY, environment

_ = system
"""Its commands register themselves when it is imported."""
HEAPS = """
import ctypes, re, sys, threading
from pathlib import Path

together = threading.Barrier(16)

def work():
    together.wait()
    kept = [bytes(900) for _ in range(2000)]
    together.wait()
    del kept

threads = [threading.Thread(target=work) for _ in range(16)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
stream = ctypes.c_void_p(libc.fopen(sys.argv[1].encode(), b"w"))
libc.malloc_info(0, stream)
libc.fclose(stream)
print(len(re.findall("<heap nr", Path(sys.argv[1]).read_text())))
"""


@pytest.mark.skipif(
    os.name != "posix" or not hasattr(ctypes.CDLL(None), "malloc_info"), reason="the allocator is not glibc's"
)
def test_sixteen_threads_share_two_heaps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in LEVEL_MEMORY:
        monkeypatch.delenv(name, raising=False)
    script = [sys.executable, "-c", HEAPS, str(tmp_path / "info.xml")]
    told = subprocess.run(script, env=environment(tmp_path), capture_output=True, text=True, check=True, timeout=60)
    assert told.stdout.strip() == "2"


def test_what_the_operator_has_set_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALLOC_ARENA_MAX", "5")
    started_with = environment(tmp_path)
    assert started_with["MALLOC_ARENA_MAX"] == "5"
    assert started_with["CASTOON_LIBRARY"] == str(tmp_path)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_library_is_served_until_it_is_stopped(tmp_path: Path) -> None:
    Library.create(tmp_path / "mine").close()
    port = free_port()
    command = [sys.executable, "-m", "casting.cli", "serve", "-l", str(tmp_path / "mine"), "--port", str(port),
               "--no-browser"]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            (address,) = re.findall(r"http://\S+", server.stdout.readline())
            assert address == f"http://127.0.0.1:{port}"
            with urllib.request.urlopen(address, timeout=20) as page:
                assert b"Streamlit" in page.read()
        finally:
            server.send_signal(signal.SIGTERM)
        assert server.wait(30) == 0


def test_no_library_is_not_served(tmp_path: Path) -> None:
    said = CliRunner().invoke(app, ["serve", "-l", str(tmp_path / "none")])
    assert said.exit_code != 0
    assert "castoon import" in said.output


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    Library.create(tmp_path).close()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = CliRunner().invoke(app, ["serve", "-l", str(tmp_path), "--port", str(taken.getsockname()[1])])
    assert said.exit_code != 0
    assert "something else answers there" in said.output
