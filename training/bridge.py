"""Refit what ranks with a pack: bridges, weights, calibration. `python -m training.bridge [--pack lite]`.

To be run whenever an encoder or the face finder of the pack has changed: its tuning is bound to their contracts. Actors
of the drawn set that the encoder was trained on (`training.splits`) help to fit the bridge; what is chosen and
calibrated is judged on those it never saw; the dev-test actors are only measured on. Faces and vectors are kept in
`var/`, so that a new encoder costs its own vectors only: some three minutes on a quiet core.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from casting import Engine, Library, evaluate
from casting.cli.output import progress
from casting.evaluation import EvaluationReport
from casting.spaces import PHOTO, Space
from casting.tuning import TUNING_FILE
from casting.tuning.fitting import FitReport, fit_tuning
from training import card
from training.drawn_library import drawings, make
from training.paths import PACK, var_dir
from training.splits import actor_parts

LITE = "lite"


def spaces_of(pack: str, styles: list[str]) -> list[str]:
    """Spaces worth trying: photos in every encoder of the pack, and face vectors of photos in each style."""
    from embeddings import load_encoders, open_pack

    photos = [str(Space(name, PHOTO)) for name in load_encoders(open_pack(pack))]
    return [*photos, *(f"arcface:{style}" for style in styles)]


def refit(pack: str, styles: list[str], models: Path | None = None) -> tuple[Library, FitReport, EvaluationReport]:
    """Fit on all but the dev-test actors, and measure on these; the tuning is left in the library at `var/`."""
    name = Path(pack).name
    settings = {"models": models} if models else {}
    spaces = dict.fromkeys(spaces_of(pack, styles), 1.0)
    library = make(var_dir("tuning") / name, pack=pack, spaces=spaces, threads=1, **settings)
    engine, truth = Engine.of(library), drawings()
    parts = actor_parts(sorted({row.actor for row in truth}))
    unseen = {actor for actor, part in parts.items() if part == "val"} if pack == LITE else None
    with progress() as bar:
        fitted = fit_tuning(
            library, engine, [row for row in truth if parts[row.actor] != "test"], unseen=unseen, progress=bar
        )
        fitted.tuning.save(library.folder / TUNING_FILE)
        tested = [row for row in truth if parts[row.actor] == "test"]
        measured = evaluate(library, engine, tested, bar, "dev-test", weights=fitted.tuning.weights)
    return library, fitted, measured


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pack", default=LITE, help="pack to fit; only `lite` is written into the repository")
    parser.add_argument("--style", action="append", default=[], help="style of gallery photos to try beside them")
    parser.add_argument("--models", type=Path, help="models folder with the styles' files")
    parser.add_argument("--html", type=Path, help="write the dev-test report here")
    given = parser.parse_args()
    library, fitted, measured = refit(given.pack, given.style or ["cel"], given.models)
    figures = fitted.as_dict()
    print(json.dumps({key: figures[key] for key in ("actors", "before", "after", "gain", "weights", "calibration")}))
    print(measured.ablation_frame().drop(columns=["kind", "R@10"]).to_string(index=False))
    if given.html:
        measured.write_html(given.html)
    check = measured.calibration
    if given.pack == LITE:
        fitted.tuning.save(PACK / TUNING_FILE)
        recorded = {
            f"ranking: {name}, dev-test among all 150": measured.metrics[name].value for name in ("R@1", "R@5", "MRR")
        }
        if check is not None:
            recorded["ranking: expected calibration error"] = check.error
            recorded["ranking: no good match, actor missing"] = check.missing_caught.value
            recorded["ranking: no good match, actor first"] = check.first_lost.value
        card.record(PACK, recorded)
        print(f"written: {PACK / TUNING_FILE}")
    if check is not None:
        print(
            f"calibration error {check.error:.3f} ({check.by_luck:.3f} by luck alone); no good match: "
            f"{check.missing_caught}% with the actor missing, "
            f"{check.first_lost}% with the actor first"
        )
    library.close()


if __name__ == "__main__":
    main()
