"""Refit what ranks with a pack: bridges, weights, calibration. `python -m training.bridge [--pack lite]`.

To be run whenever an encoder or the face finder of the pack has changed: its tuning is bound to their contracts. Actors
of the drawn set that an encoder was trained on (`training.splits`) help to fit the bridge; what is chosen and
calibrated is judged on those it never saw; the dev-test actors are only measured on. Faces and vectors are kept in
`var/`, so that a new encoder costs its own vectors only.

`--pack` may also be `joined`, `three`, `mobilefacenet` or `insightface-small` (`training.public_packs`), and `--style`
a style of the product, `onnx:animegan3_tiny`, `cartoongan:paprika` or `whitebox`. Prints the table of docs/ranking.md.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, replace
from pathlib import Path

from casting import evaluate
from casting.cli.output import progress
from casting.evaluation import EvaluationReport, Truth
from casting.spaces import PHOTO, Space
from casting.tuning import TUNING_FILE, Tuning
from casting.tuning.fitting import FitReport, fit_tuning
from casting.tuning.tuning import ALL, BESIDE
from training import card
from training.drawn_library import PHOTOS, drawings, make
from training.paths import PACK, var_dir
from training.public_packs import public_pack
from training.public_styles import PublicEngine, public_models
from training.ranking_table import markdown
from training.splits import actor_parts

LITE = "lite"
FACES_TAUGHT = {LITE, "three"}
"""Packs whose face vectors come, in part at least, from an encoder that has seen drawings of actors for training."""
TAUGHT = "clip"
"""The encoder that has seen drawings of the actors for training, in every pack."""


@dataclass(frozen=True, eq=False)
class Refit:
    """What was fitted on all but the dev-test actors, and what it was measured at on these."""

    fitted: FitReport
    tuning: Tuning
    measured: EvaluationReport


def spaces_of(pack: str, styles: list[str]) -> list[str]:
    """Spaces worth trying: photos in every encoder of the pack, and face vectors of photos in each style."""
    from embeddings import load_encoders, open_pack

    photos = [str(Space(name, PHOTO)) for name in load_encoders(open_pack(pack))]
    return [*photos, *(f"arcface:{style}" for style in styles)]


def refit(pack: str, styles: list[str], models: Path | None = None, photos: int = PHOTOS) -> Refit:
    """Fit on all but the dev-test actors, and measure on these; the tuning is left in the library at `var/`."""
    folder = public_pack(pack)
    name = Path(pack).name if photos == PHOTOS else f"{Path(pack).name}-{photos}-photos"
    spaces = dict.fromkeys(spaces_of(folder, styles), 1.0)
    library = make(
        var_dir("tuning") / name, photos, PublicEngine.of, pack=folder, spaces=spaces, threads=1,
        models=models or public_models(),
    )  # fmt: skip
    engine, truth = PublicEngine.of(library), drawings()
    parts = actor_parts(sorted({row.actor for row in truth}))
    unseen = {actor for actor, part in parts.items() if part == "val"}
    known = [row for row in truth if parts[row.actor] != "test"]
    try:
        with progress() as bar:
            taught = fit_tuning(library, engine, known, spaces=list(spaces), unseen=unseen, progress=bar)
            fitted, tuning = taught, taught.tuning
            if pack not in FACES_TAUGHT:
                faces = [one for one in spaces if Space.parse(one).encoder != TAUGHT]
                fitted = fit_tuning(library, engine, known, spaces=faces, progress=bar)
                tuning = _beside(fitted.tuning, taught.tuning)
            tuning.save(library.folder / TUNING_FILE)
            tested: list[Truth] = [row for row in truth if parts[row.actor] == "test"]
            measured = evaluate(library, engine, tested, bar, "dev-test", weights=tuning.weights)
    finally:
        library.close()
    return Refit(fitted, tuning, measured)


def _beside(faces: Tuning, everything: Tuning) -> Tuning:
    """The tuning of the face spaces; of the others what they would add, judged on actors that none has seen."""
    others = {name: replace(space, weight=0.0) for name, space in everything.spaces.items() if name not in faces.spaces}
    added = {name: everything.beside.get(name, everything.weights) for name in others}
    beside = {**faces.beside, **added, ALL: everything.beside.get(ALL, everything.weights)}
    return replace(faces, spaces={**faces.spaces, **others}, facts={**faces.facts, BESIDE: beside})


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pack", default=LITE, help="pack to fit; only `lite` is written into the repository")
    parser.add_argument("--style", action="append", default=[], help="style of gallery photos to try beside them")
    parser.add_argument("--models", type=Path, help="models folder with the styles' files")
    parser.add_argument("--photos", type=int, default=PHOTOS, help="photos of each actor in the gallery")
    parser.add_argument("--dry-run", action="store_true", help="measure, and leave the pack in the repository as it is")
    parser.add_argument("--html", type=Path, help="write the dev-test report here")
    given = parser.parse_args()
    done = refit(given.pack, given.style or ["cel"], given.models, given.photos)
    figures = done.fitted.as_dict()
    print(json.dumps({key: figures[key] for key in ("actors", "before", "after", "gain", "weights", "calibration")}))
    print(json.dumps(done.tuning.facts["bridges"]), json.dumps(done.tuning.beside))
    if given.html:
        done.measured.write_html(given.html)
    if given.pack == LITE and given.photos == PHOTOS and not given.dry_run:
        done.tuning.save(PACK / TUNING_FILE)
        card.record(PACK, recorded(done.measured))
        print(f"written: {PACK / TUNING_FILE}")
    print(markdown(done.measured))


def recorded(measured: EvaluationReport) -> dict[str, float]:
    """Figures that go into pack.toml."""
    found = {f"ranking: {name}, dev-test among all 150": measured.metrics[name].value for name in ("R@1", "R@5", "MRR")}
    check = measured.calibration
    if check is not None:
        found["ranking: expected calibration error"] = check.error
        found["ranking: no good match, actor missing"] = check.missing_caught.value
        found["ranking: no good match, actor first"] = check.first_lost.value
    return found


if __name__ == "__main__":
    main()
