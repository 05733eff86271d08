"""Weights between those that a run began from and those that it came to: `python -m training.blend`.

A run that teaches a new manner of pictures forgets a little of the old; the network half-way between both often keeps
most of either (Wortsman et al., 2022: robust fine-tuning). Validation people say how far to go.
"""

from __future__ import annotations

import argparse
import copy
from pathlib import Path

import torch
from torch import Tensor

from training.drawn import load_drawn
from training.export import config_of, load_face
from training.face import Validation
from training.face_net import FaceNet, grown, of_weights
from training.faces import load_faces
from training.run import kept_weights


def between(old: dict[str, Tensor], new: dict[str, Tensor], share: float) -> dict[str, Tensor]:
    """Weights of one shape, `share` of the way from `old` to `new`; what is no fraction (counters) is the new one's."""
    return {
        name: torch.lerp(old[name], value, share) if value.dtype.is_floating_point else value
        for name, value in new.items()
    }


def blended(begun: Path, run: Path, share: float) -> tuple[FaceNet, dict[str, object]]:
    """The face encoder between kept weights and a checkpoint that was trained from them, and the checkpoint's facts."""
    net, saved = load_face(run, config_of(run, "face"))
    assert isinstance(net, FaceNet)
    old = grown(of_weights(kept_weights(begun)), copy.deepcopy(net))
    net.load_state_dict(between(old.state_dict(), net.state_dict(), share))
    return net.eval(), saved


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--begun", type=Path, required=True, help="weights that the run began from")
    parser.add_argument("--run", type=Path, required=True, help="its checkpoint")
    parser.add_argument("--share", type=float, nargs="+", default=[0.25, 0.5, 0.75, 1.0])
    parser.add_argument("--out", type=Path, help="write the best of them here, for `training.export face --checkpoint`")
    given = parser.parse_args()
    validation = Validation(load_faces(), load_drawn())
    scores: dict[float, float] = {}
    for share in given.share:
        net, _ = blended(given.begun, given.run, share)
        figures = validation.figures(net, torch.device("cpu"))
        scores[share] = figures["score"]
        print(share, {name: round(value, 4) for name, value in figures.items()}, flush=True)
    if given.out:
        best = max(scores, key=lambda share: scores[share])
        net, saved = blended(given.begun, given.run, best)
        torch.save({**saved, "net": net.state_dict(), "blended": best}, given.out)
        print(f"written: {given.out} ({best:g} of the way)")


if __name__ == "__main__":
    main()
