"""Whether the process that a lock or a job's row names is still the same one, and alive."""

from __future__ import annotations

import os
import socket
from pathlib import Path


def born(pid: int) -> str:
    """What tells a process from a later one with the same number; empty where the system does not say."""
    fields = _stat(pid)
    return fields[19] if fields else ""


def alive(pid: int, birth: str = "", host: str = "") -> bool:
    """Whether that very process still runs. One on another machine cannot be asked, and counts as alive."""
    if host and host != socket.gethostname():
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    fields = _stat(pid)
    if not fields:
        return True
    return fields[0] not in {"Z", "X"} and (not birth or birth == fields[19])


def _stat(pid: int) -> list[str]:
    """Linux's fields of a process from its state on: [0] is the state, [19] when it started."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return []
