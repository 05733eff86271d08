"""Once before training: decode the crops, find and align the drawn set, compute teacher vectors."""

from __future__ import annotations

import argparse

import numpy as np

from training.drawn import DrawnSet, load_drawn
from training.faces import FaceSet, load_faces, window
from training.paths import shared_dir, var_dir
from training.teacher import Teacher, Vectors, encode_cached


def teacher_vectors(faces: FaceSet, mirrored: bool = False) -> Vectors:
    """Teacher vectors [n, 640] of all crops, as they are or mirrored."""
    name = "teacher_mirrored.npy" if mirrored else "teacher.npy"
    step = -1 if mirrored else 1
    return encode_cached(
        Teacher(shared_dir()),
        var_dir("cache") / name,
        len(faces.table),
        lambda start, stop: np.asarray(window(faces.crops[start:stop])[:, :, ::step]),
    )


def drawn_teacher(drawn: DrawnSet) -> Vectors:
    """Teacher vectors [n, 640] of the drawn set's aligned crops."""
    path = var_dir("cache") / "teacher_drawn.npy"
    return encode_cached(
        Teacher(shared_dir()), path, len(drawn.crops), lambda start, stop: np.asarray(window(drawn.crops[start:stop]))
    )


def main() -> None:
    """Command line."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    print("photos")
    teacher_vectors(load_faces())
    print("drawn set")
    drawn_teacher(load_drawn())


if __name__ == "__main__":
    main()
