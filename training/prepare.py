"""Once before training: decode the crops, find and align the drawn set, draw, mix, compute teacher vectors."""

from __future__ import annotations

import argparse

import numpy as np

from training.drawn import DrawnSet, load_drawn
from training.faces import FaceSet, load_faces, window
from training.looks import load_looks
from training.mixtures import DRAWINGS, load_mixtures
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
    print("photos", flush=True)
    faces = load_faces()
    teacher_vectors(faces)
    print("drawn set", flush=True)
    drawn = load_drawn()
    drawn_teacher(drawn)
    print("photos in styles", flush=True)
    looks = load_looks(faces)
    print("mixtures", flush=True)
    load_mixtures(faces, looks, drawn)
    load_mixtures(faces, looks, drawn, DRAWINGS)


if __name__ == "__main__":
    main()
