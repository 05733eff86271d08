"""CLIP of the lite pack by zero-shot sentences: `python -m training.evaluate_clip [--part test] [--record]`.

The exported files, opened by open_clip through `embeddings.clip` as the product opens them. Faces of people never
trained on: for each of twenty traits, the chance that a face with it scores above a face without it (AUC) for one
English and one Korean sentence; the same on faces that our webtoon stylizer has redrawn.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from embeddings.clip import ClipEncoder, ClipSource, wide_crop
from training import card
from training.captions import LANGUAGES
from training.clip_faces import known_traits
from training.clip_model import ARCHITECTURE
from training.clip_prompts import PROMPTS, trait_aucs
from training.detector_labels import ELLIPSE
from training.evaluate_webtoon import Stylizer
from training.export import CLIP_FILE, WEBTOON_FILE
from training.faces import LEFT, TOP, Crops, FaceSet, load_faces
from training.paths import PACK
from training.teacher import Vectors, unit

RESTYLED = 600


def open_clip_of(pack: Path) -> ClipEncoder:
    """The encoder as the product opens it."""
    weights = pack / CLIP_FILE
    return ClipEncoder(ClipSource(weights=weights, config=weights.with_name(ARCHITECTURE.name)), crop=card.CLIP_CROP)


def face_square(crop: Crops) -> Crops:
    """What CLIP is shown of a 160x160 crop."""
    x, y, rx, ry = ELLIPSE
    return wide_crop(crop, (LEFT + x - rx, TOP + y - ry, LEFT + x + rx, TOP + y + ry), card.CLIP_CROP)


def encode(clip: ClipEncoder, crops: Crops, batch: int = 64) -> Vectors:
    """Unit vectors of 160x160 crops."""
    found = [
        clip.encode_crops([face_square(crop) for crop in np.asarray(crops[start : start + batch])])
        for start in range(0, len(crops), batch)
    ]
    return unit(np.concatenate(found))


def evaluate(clip: ClipEncoder, faces: FaceSet, part: str, stylizer: Path) -> dict[str, float]:
    """All figures of a part."""
    rows = faces.rows(part)
    rows = rows[faces.table["attributes"].notna().to_numpy()[rows]]
    labels = known_traits(faces.table)[rows]
    texts = {language: clip.encode_text(list(PROMPTS[language].values())) for language in LANGUAGES}
    sets = {"photos": (encode(clip, faces.crops[rows]), labels)}
    if stylizer.is_file():
        student, few = Stylizer(stylizer), np.random.default_rng(3).permutation(len(rows))[:RESTYLED]
        drawn = np.stack([student.draw(np.asarray(faces.crops[row])) for row in rows[few]])
        sets["webtoons"] = encode(clip, drawn), labels[few]
    figures: dict[str, float] = {}
    for kind, (vectors, known) in sets.items():
        by_language = {language: trait_aucs(vectors, texts[language], known) for language in LANGUAGES}
        for language, found in by_language.items():
            figures[f"clip: mean AUC of {len(found)} traits, {language}, {kind}"] = float(np.mean(list(found.values())))
            if kind == "photos":
                figures |= {f"clip: AUC {language}, {trait}": value for trait, value in found.items()}
        print(f"{kind}: {len(vectors)} faces")
    return figures


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pack", type=Path, default=PACK)
    parser.add_argument("--part", choices=("val", "test"), default="test")
    parser.add_argument("--record", action="store_true", help="write the figures into pack.toml")
    given = parser.parse_args()
    if given.record and given.part != "test":
        parser.error("only figures of the test people are recorded")
    figures = evaluate(open_clip_of(given.pack), load_faces(), given.part, given.pack / WEBTOON_FILE)
    for name, value in figures.items():
        print(f"{name:48s} {value:.3f}")
    if given.record:
        card.record(given.pack, figures)


if __name__ == "__main__":
    main()
