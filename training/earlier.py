"""What is read before a pack's face network's last layers (`embeddings.earlier`): `python -m training.earlier`.

From photos of training people of whom there are several. To be run after `training.export face`, before anything is
fitted on the encoder.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from embeddings.arcface import Feeding
from embeddings.earlier_fit import find_earlier
from training import card
from training.export import EARLIER_FILE, FACE_FILE
from training.faces import load_faces, window
from training.paths import PACK

LITE_BLOCK = 16
LITE = f"/net/trunk/trunk.{LITE_BLOCK}/act/PRelu_output_0"
"""The first block of the last stage of lite's encoder, 7x7. Chosen on the 20 validation actors among the blocks of the
last two stages; the block after it, and hidden parts seen there, were worse."""
LITE_WEIGHT, PUBLIC_WEIGHT = 2.0, 0.6
"""How much it counts where a whole face's vector counts 2. A network that has learnt training drawings by heart is best
believed as much before its end; public ones, which have not, less. docs/ranking.md has what was tried."""
PHOTOS = 8000


def make_earlier(network: Path, feeding: Feeding, tensor: str, out: Path, weight: float) -> None:
    """Find how a map of one network is read and keep it at `out`."""
    faces = load_faces()
    rows = faces.rows("train")
    people = faces.table["person"].to_numpy()[rows].astype(str)
    _, place, counts = np.unique(people, return_inverse=True, return_counts=True)
    rows = np.random.default_rng(11).permutation(rows[counts[place] > 1])[:PHOTOS]
    rows.sort()
    photos = [np.ascontiguousarray(one) for one in window(np.asarray(faces.crops[rows]))]
    earlier = find_earlier(
        network, feeding, photos, faces.table["person"].to_numpy()[rows].astype(str), tensor, weight=weight,
        told=lambda done, of: print(f"{network.name}: {done} of {of} photos", end="\r", flush=True),
    )  # fmt: skip
    earlier.save(out)
    print(f"written: {out}, {earlier.dim} values of {len(earlier.mean)}")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pack", type=Path, default=PACK, help="folder with the exported encoder")
    given = parser.parse_args()
    make_earlier(given.pack / FACE_FILE, Feeding(), LITE, given.pack / EARLIER_FILE, LITE_WEIGHT)
    card.write_pack(given.pack)


if __name__ == "__main__":
    main()
