"""A ranking as CSV, and what its files are called."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from casting.results import Ranking
from castoon.files import write_atomic

if TYPE_CHECKING:
    import pandas as pd


def write_csv(ranking: Ranking, target: Path) -> None:
    """Write `csv_bytes` to a file."""
    write_atomic(target, csv_bytes(ranking))


def csv_bytes(ranking: Ranking) -> bytes:
    """One row an actor, with version and licence; opens in Korean Excel too."""
    frame = ranking.frame()
    frame["index_version"], frame["model_pack"], frame["licence"] = (
        ranking.index_version, ranking.pack, ranking.pack_licence,
    )  # fmt: skip
    return table_bytes(frame)


def table_bytes(frame: pd.DataFrame) -> bytes:
    """Any table as CSV whose texts no spreadsheet runs as formulas."""
    safe = frame.copy()
    for column in safe.select_dtypes(include=["object", "string"]):
        safe[column] = safe[column].map(_no_formula)
    return bytes(safe.to_csv(index=False).encode("utf-8-sig"))


def file_stem(name: str) -> str:
    """A name as a file may be called on every system."""
    return re.sub(r'[\\/:*?"<>|\x00-\x1f]+', " ", name).strip(" .")[:80] or "ranking"


def _no_formula(value: object) -> object:
    """Keep spreadsheets from running a name as a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value
