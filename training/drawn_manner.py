"""How a pack's face networks read drawings (`embeddings.manner`): `python -m training.drawn_manner [--pack joined]`.

From the drawings of training actors and as many photos of training people; nobody's name is used, and no picture of a
validation or test actor. To be run after `training.export face`, before anything is fitted on the encoder.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from embeddings.arcface import Feeding
from embeddings.contract import RGB
from embeddings.manner_fit import OWN, SHARE, find_manner
from training import card
from training.drawn import load_drawn
from training.export import DRAWN_FILE, FACE_FILE
from training.faces import Crops, load_faces, window
from training.paths import PACK


def _windows(crops: Crops) -> Sequence[RGB]:
    return [np.ascontiguousarray(one) for one in window(crops)]


def examples() -> tuple[Sequence[RGB], Sequence[RGB]]:
    """Aligned photos and as many drawings, 112x112."""
    faces, drawn = load_faces(), load_drawn()
    drawings = drawn.crops[drawn.drawing & (drawn.part == "train")]
    rows = np.random.default_rng(7).permutation(faces.rows("train"))[: len(drawings)]
    return _windows(np.asarray(faces.crops[np.sort(rows)])), _windows(drawings)


def make_manner(network: Path, feeding: Feeding, out: Path, share: float = SHARE, own: float = OWN) -> None:
    """Find the manner of drawings for one network and keep it at `out`."""
    photos, drawings = examples()
    manner = find_manner(
        network, feeding, photos, drawings, share, own, threads=2,
        told=lambda done, of: print(f"{network.name}: {done} of {of} layers", end="\r", flush=True),
    )  # fmt: skip
    manner.save(out)
    print(f"written: {out}, {len(manner.layers)} layers")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pack", type=Path, default=PACK, help="folder with the exported encoder")
    parser.add_argument("--share", type=float, default=SHARE, help="of the way from photos to drawings")
    parser.add_argument("--own", type=float, default=OWN, help="share of the picture read in the figures of drawings")
    given = parser.parse_args()
    make_manner(given.pack / FACE_FILE, Feeding(), given.pack / DRAWN_FILE, given.share, given.own)
    card.write_pack(given.pack)


if __name__ == "__main__":
    main()
