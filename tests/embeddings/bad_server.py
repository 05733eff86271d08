"""A local file server with bad manners - it cuts, stalls, lies about length, serves wrong bytes - and a pack on it."""

from __future__ import annotations

import hashlib
import io
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embeddings.download import Patience
from embeddings.pack import Pack, PackFile

QUICK = Patience(attempts=4, stall_s=0.4, pause_s=0.01, longest_pause_s=0.02)
BODY = np.random.default_rng(0).bytes(700_001)
SHA = hashlib.sha256(BODY).hexdigest()


@dataclass
class Server:
    """A file server whose manners a test chooses, request by request."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    manners: list[str] = field(default_factory=list)
    """One for each coming request; `well` afterwards."""
    requests: list[tuple[str, str]] = field(default_factory=list)
    """Path and Range header of every request."""
    tag: str = '"one"'

    def next_manner(self) -> str:
        return self.manners.pop(0) if self.manners else "well"


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server(files={"/w.bin": BODY})

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None: ...

        def do_GET(self) -> None:
            manner = state.next_manner()
            asked = self.headers.get("Range", "")
            state.requests.append((self.path, asked))
            body = state.files.get(self.path)
            if body is None or manner == "404":
                return self.send_error(404)
            if manner in {"500", "503"}:
                return self.send_error(int(manner))
            if manner == "wrong bytes":
                body = bytes(len(body))
            start = int(asked[6:-1]) if asked and manner != "no ranges" else 0
            if asked and self.headers.get("If-Range", state.tag) != state.tag:
                start = 0
            if start > len(body):
                return self.send_error(416)
            shift = 5 if manner == "resumes elsewhere" and start else 0
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start - shift}-{len(body) - 1}/{len(body)}")
            part = body[start - shift :]
            length = len(part)
            if manner == "announces more":
                length += 1000
            if manner == "announces less":
                length -= 1000
            if manner == "too long":
                part += b"more"
                length += 4
            if manner != "no length":
                self.send_header("Content-Length", str(length))
            self.send_header("ETag", state.tag)
            self.send_header("Connection", "close")
            self.end_headers()
            if manner == "cuts":
                part = part[: len(part) // 3]
            if manner == "stalls":
                self.wfile.write(part[: len(part) // 2])
                self.wfile.flush()
                done.wait(3)
                part = b""
            self.wfile.write(part)
            self.close_connection = True
            return None

    done = threading.Event()
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    httpd.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{httpd.server_address[1]}"
    yield state
    done.set()
    httpd.shutdown()
    httpd.server_close()
    thread.join()


def leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.fixture
def wanted(server: Server) -> Pack:
    server.files["/p.zip"] = zipped({"inner/a.onnx": b"A" * 5000, "other.txt": b"no"})
    server.files["/card.md"] = b"what it is"
    return Pack(
        "research2",
        Path("nowhere"),
        "non-commercial",
        False,
        "here",
        files=(
            PackFile(
                "a.onnx", "arcface", hashlib.sha256(b"A" * 5000).hexdigest(), 5000, f"{server.url}/p.zip", "a.onnx"
            ),
            PackFile("deep/w.bin", "clip", SHA, len(BODY), f"{server.url}/w.bin"),
            PackFile("card.md", "card", url=f"{server.url}/card.md"),
        ),
        settings={"arcface": {"mean": 127.5, "std": [1.0, 2.0, 3.0], "colour": "rgb"}},
        measured={"R@1, all drawings": 0.5},
    )
