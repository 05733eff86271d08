"""Who is trained on, who chooses the checkpoint, and who is only ever tested on. Always by person, never by picture.

Actors of the drawn set: sorted by name, every third one (index 0, 3, 6, ...) is *test*; of the others every fifth one
(index 0, 5, 10, ...) is *val*. Faces: by a hash of the CelebA identity (or of the file name where no identity is
known, those pictures show one person each): 2 of 16 buckets are *test*, 1 of 16 is *val*.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Literal

Part = Literal["train", "val", "test"]
BUCKETS = 16
TEST_BUCKETS = frozenset({0, 1})
VAL_BUCKETS = frozenset({2})


def person_part(person: str) -> Part:
    """Part of a person (an identity such as `celeba-2880`, or the file name of a picture without one)."""
    bucket = hashlib.sha256(person.encode()).digest()[0] % BUCKETS
    if bucket in TEST_BUCKETS:
        return "test"
    return "val" if bucket in VAL_BUCKETS else "train"


def actor_parts(names: Sequence[str]) -> dict[str, Part]:
    """Part of every actor of the drawn set, given all their names in any order."""
    ordered = sorted(names)
    parts: dict[str, Part] = dict.fromkeys(ordered[::3], "test")
    others = [name for name in ordered if name not in parts]
    parts.update({name: "val" if place % 5 == 0 else "train" for place, name in enumerate(others)})
    return parts
