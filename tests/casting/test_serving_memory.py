"""The dashboard's process: many threads share few heaps, and a setting of the operator's own stands."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest

from casting.serving import LEVEL_MEMORY, environment

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
