"""The allocator of a long-running process: many threads share few heaps, and a setting of the operator's own stands."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys

import pytest

HEAPS = """
import ctypes, re, sys, threading
from pathlib import Path
from castoon import memory

print(memory.keep_level())
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

glibc = pytest.mark.skipif(
    os.name != "posix" or not hasattr(ctypes.CDLL(None), "malloc_info"), reason="the allocator is not glibc's"
)


def heaps(path: object, **more: str) -> tuple[str, int]:
    """What `keep_level` answers, and how many heaps sixteen threads were given."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    script = [sys.executable, "-c", HEAPS, str(path)]
    told = subprocess.run(script, env={**own, **more}, capture_output=True, text=True, check=True, timeout=60).stdout
    said, count = told.split()
    return said, int(count)


@glibc
def test_many_threads_share_two_heaps(tmp_path: object) -> None:
    assert heaps(f"{tmp_path}/info.xml") == ("True", 2)


@glibc
def test_what_the_operator_has_set_stands(tmp_path: object) -> None:
    said, count = heaps(f"{tmp_path}/info.xml", MALLOC_ARENA_MAX="5")
    assert (said, count) == ("False", 5)
