"""Who may do what, where people sign in: viewers look, editors change things too.

Without sign-in, whoever has the machine is an editor: a library is a folder, and folders have permissions of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Literal

from casting.settings import Settings

Role = Literal["stranger", "viewer", "editor"]


def role_of(email: str, settings: Settings) -> Role:
    """The role of somebody who has signed in; without an address they are nobody in particular."""
    address = email.strip().casefold()
    if settings.editors and _among(address, settings.editors):
        return "editor"
    if settings.viewers and not _among(address, settings.viewers):
        return "stranger"
    if not address:
        return "stranger" if settings.editors else "viewer"
    return "viewer" if settings.editors else "editor"


def _among(address: str, patterns: Sequence[str]) -> bool:
    return bool(address) and any(fnmatchcase(address, pattern.strip().casefold()) for pattern in patterns)
