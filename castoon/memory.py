"""Keep the memory of a process that serves many people level.

Every click runs in a thread of its own, and glibc gives threads heaps of their own that it hardly ever hands back: a
dashboard then holds half as much again as it uses, and more from hour to hour. With two heaps, and large arrays mapped
one by one, what is freed goes back to the system.
"""

from __future__ import annotations

import ctypes
import os
from functools import cache

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""Names of `mallopt`'s parameters in glibc's `malloc.h`."""
MIB = 1 << 20


@cache
def keep_level() -> bool:
    """Set the allocator once a process; False where it is not glibc's, or where the environment has set it already."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if os.name == "posix" else None
    if mallopt is None or any(name.startswith("MALLOC_") for name in os.environ):
        return False
    mallopt.argtypes, mallopt.restype = (ctypes.c_int, ctypes.c_int), ctypes.c_int
    settings = ((_ARENA_MAX, 2), (_MMAP_THRESHOLD, 4 * MIB), (_TRIM_THRESHOLD, 32 * MIB))
    return all(mallopt(name, value) == 1 for name, value in settings)
