"""`python -m casting.demo --out DIR [--sheet PNG]`: draw the demo cast again."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from casting.demo.build import build
from casting.demo.sheet import save_sheets


def main(arguments: list[str] | None = None) -> int:
    """Draw the data set, say how long it took and how large it is."""
    parser = argparse.ArgumentParser(prog="python -m casting.demo", description="Draw the fictional demo cast.")
    parser.add_argument("--out", type=Path, required=True, help="folder to write the data set into")
    parser.add_argument("--sheet", type=Path, help="also write contact sheets beside this PNG name")
    parser.add_argument("--workers", type=int, help="processes that draw (default: up to four)")
    chosen = parser.parse_args(arguments)
    start = time.monotonic()

    def progress(done: int, total: int) -> None:
        spent = time.monotonic() - start
        left = spent / done * (total - done)
        print(f"\r{done}/{total} pictures, {done / spent:.2f}/s, {left:.0f} s left ", end="", file=sys.stderr)

    build(chosen.out, progress, chosen.workers)
    size = sum(path.stat().st_size for path in chosen.out.rglob("*") if path.is_file())
    print(f"\n{chosen.out}: {size / 1e6:.2f} MB in {time.monotonic() - start:.0f} s", file=sys.stderr)
    if chosen.sheet:
        for path in save_sheets(chosen.out, chosen.sheet):
            print(path, file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
