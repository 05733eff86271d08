"""Checkpoints -> ONNX files of the lite pack: `python -m training.export [face] [detector] ...`.

The files are what insightface expects: the encoder takes (pixel - 127.5) / 127.5, the detector (pixel - 127.5) / 128,
both RGB, NCHW. Weights are stored in half precision and widened when the file is loaded; all sums are in float32.
"""

from __future__ import annotations

import argparse
import shutil
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from training import card
from training.detector_net import STRIDES, DetectorNet
from training.paths import CARDS, CONFIGS, PACK, var_dir
from training.run import keep_weights

FACE_FILE = "face.onnx"
DRAWN_FILE = "face-drawn.npz"
EARLIER_FILE = "face-earlier.npz"
DETECTOR_FILE = "detector.onnx"
POINTS_FILE = "points.onnx"
WEBTOON_FILE = "stylizers/student/webtoon.onnx"
CLIP_FILE = "clip/open_clip_model.safetensors"


class _Unit(nn.Module):
    """An encoder whose vectors have unit length."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.normalize(self.net(x), dim=1)


class _Flat(nn.Module):
    """A detector with SCRFD's nine outputs, without the batch: 3 x [k, 1] scores 0..1, 3 x [k, 4], 3 x [k, 10]."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: Tensor) -> list[Tensor]:
        scores, boxes, points = self.net(x)
        return [torch.sigmoid(s[0]) for s in scores] + [b[0] for b in boxes] + [p[0] for p in points]


def _halve(model: Any) -> Any:
    """Store every large float32 weight as float16 with a cast in front of its use; the runtime folds the casts."""
    from onnx import TensorProto, helper, numpy_helper

    graph = model.graph
    kept, casts = [], []
    for weight in graph.initializer:
        values = numpy_helper.to_array(weight)
        if weight.data_type != TensorProto.FLOAT or values.size < 256:
            kept.append(weight)
            continue
        name = f"{weight.name}_half"
        kept.append(numpy_helper.from_array(values.astype(np.float16), name))
        casts.append(helper.make_node("Cast", [name], [weight.name], name=f"Widen_{weight.name}", to=TensorProto.FLOAT))
    del graph.initializer[:]
    graph.initializer.extend(kept)
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    return model


def _write(net: nn.Module, example: Tensor, path: Path, outputs: list[str], axes: dict[str, dict[int, str]]) -> None:
    import onnx

    path.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        net.eval(), (example,), str(path), input_names=["input"], output_names=outputs, dynamic_axes=axes,
        opset_version=17, dynamo=False,
    )  # fmt: skip
    model = _halve(onnx.load(str(path)))
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def load_face(checkpoint: Path, config: Path) -> tuple[nn.Module, dict[str, Any]]:
    """The averaged encoder of a checkpoint and everything else that the checkpoint says."""
    from training.face_net import of_weights

    del config  # the weights say the shape
    saved = torch.load(checkpoint, map_location="cpu", weights_only=True)
    return of_weights(saved["net"]).eval(), saved


def load_detector(checkpoint: Path, config: Path) -> tuple[nn.Module, dict[str, Any]]:
    """The averaged detector of a checkpoint and everything else that the checkpoint says."""
    from training.detector import read_config

    saved = torch.load(checkpoint, map_location="cpu", weights_only=True)
    settings = read_config(config)
    net = DetectorNet(settings.widths, settings.neck)
    net.load_state_dict(saved["net"])
    return net.eval(), saved


def export_face(net: nn.Module, path: Path) -> None:
    """Write the encoder: input [n, 3, 112, 112], output [n, dim] of unit length."""
    _write(_Unit(net), torch.zeros(1, 3, 112, 112), path, ["embedding"], {"input": {0: "n"}, "embedding": {0: "n"}})


def export_detector(net: nn.Module, path: Path) -> None:
    """Write the detector: input [1, 3, h, w] with sides divisible by 32."""
    names = [f"{kind}_{stride}" for kind in ("score", "box", "points") for stride in STRIDES]
    axes = {"input": {2: "height", 3: "width"}, **{name: {0: f"n_{name}"} for name in names}}
    _write(_Flat(net), torch.zeros(1, 3, 320, 320), path, names, axes)


def load_points(checkpoint: Path, config: Path) -> tuple[nn.Module, dict[str, Any]]:
    """The averaged second look of a checkpoint and everything else that the checkpoint says."""
    from training.points import read_config
    from training.points_net import PointsNet

    saved = torch.load(checkpoint, map_location="cpu", weights_only=True)
    shape = read_config(config)
    net = PointsNet(shape.widths, shape.neck)
    net.load_state_dict(saved["net"])
    return net.eval(), saved


def export_points(net: nn.Module, path: Path) -> None:
    """Write the second look: input [n, 3, 80, 80], outputs points [n, 5, 2] in pixels of the crop, confidence [n]."""
    from training.points_net import SIDE, Answer, PointsNet

    assert isinstance(net, PointsNet)
    axes = {name: {0: "n"} for name in ("input", "points", "confidence")}
    _write(Answer(net), torch.zeros(2, 3, SIDE, SIDE), path, ["points", "confidence"], axes)


def load_webtoon(checkpoint: Path, config: Path) -> tuple[nn.Module, dict[str, Any]]:
    """The averaged stylizer of a checkpoint and everything else that the checkpoint says."""
    from training.webtoon import build, read_config

    saved = torch.load(checkpoint, map_location="cpu", weights_only=True)
    net = build(read_config(config))
    net.load_state_dict(saved["net"])
    return net.eval(), saved


def export_webtoon(net: nn.Module, path: Path) -> None:
    """Write the stylizer with its card for toonify: input and output [n, 3, h, w] in -1..1, sides divisible by 8."""
    axes = {name: {0: "n", 2: "height", 3: "width"} for name in ("input", "webtoon")}
    _write(net, torch.zeros(1, 3, 256, 256), path, ["webtoon"], axes)
    shutil.copyfile(CARDS / "webtoon.toml", path.with_suffix(".toml"))


def load_clip(checkpoint: Path, config: Path) -> tuple[nn.Module, dict[str, Any]]:
    """The averaged CLIP of a checkpoint, still with the small vocabulary, and everything else it says."""
    from training.clip import Pupil, read_config
    from training.clip_model import Tokens

    saved = torch.load(checkpoint, map_location="cpu", weights_only=True)
    net = Pupil(Tokens(), read_config(config).teacher_dim)
    net.load_state_dict(saved["net"])
    return net.clip.eval(), saved


def export_clip(net: nn.Module, path: Path) -> None:
    """Write the weights in half precision, and the architecture beside them as open_clip reads it."""
    from safetensors.torch import save_file

    from training.clip_model import ARCHITECTURE, Tokens, widened

    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(widened(net.state_dict(), Tokens()), str(path))
    path.chmod(0o644)
    shutil.copyfile(ARCHITECTURE, path.with_name(ARCHITECTURE.name))


def config_of(checkpoint: Path, model: str) -> Path:
    """The config that a checkpoint was trained with; the model's first one where the checkpoint does not say."""
    named = torch.load(checkpoint, map_location="cpu", weights_only=True).get("config", model)
    return CONFIGS / f"{named}.toml"


def best_of(kind: str, name: str) -> Path:
    """The checkpoint that validation chose, or the latest while there is none."""
    folder = var_dir(kind, name)
    best = folder / "best.pt"
    return best if best.is_file() else folder / "latest.pt"


def _facts(net: nn.Module, saved: dict[str, Any], config: Path) -> dict[str, str]:
    shape = tomllib.loads(config.read_text(encoding="utf-8"))
    return {
        "parameters": f"{sum(p.numel() for p in net.parameters()) / 1e6:.2f} million",
        "widths": ", ".join(str(width) for width in shape.get("widths", ())),
        "seen": f"{saved['state']['seen']:,}" if "state" in saved else "an unknown number of",
    }


@dataclass(frozen=True)
class Exporter:
    """How one model of the pack goes from a checkpoint to its file."""

    file: str
    load: Callable[[Path, Path], tuple[nn.Module, dict[str, Any]]]
    """Checkpoint and config -> the averaged network and everything else that the checkpoint says."""
    write: Callable[[nn.Module, Path], None]


EXPORTERS = {
    "face": Exporter(FACE_FILE, load_face, export_face),
    "detector": Exporter(DETECTOR_FILE, load_detector, export_detector),
    "points": Exporter(POINTS_FILE, load_points, export_points),
    "webtoon": Exporter(WEBTOON_FILE, load_webtoon, export_webtoon),
    "clip": Exporter(CLIP_FILE, load_clip, export_clip),
}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", metavar="model", help=f"{', '.join(EXPORTERS)}; all unless named")
    parser.add_argument("--checkpoint", type=Path, help="instead of the best one; for one model")
    parser.add_argument("--pack", type=Path, default=PACK)
    given = parser.parse_args()
    if unknown := set(given.models) - set(EXPORTERS):
        parser.error(f"no such model: {', '.join(sorted(unknown))}")
    if given.checkpoint and len(given.models) != 1:
        parser.error("--checkpoint goes with one model")
    for model in dict.fromkeys(given.models or EXPORTERS):
        exporter, checkpoint = EXPORTERS[model], given.checkpoint or best_of(model, model)
        config = config_of(checkpoint, model)
        net, saved = exporter.load(checkpoint, config)
        exporter.write(net, given.pack / exporter.file)
        if given.pack == PACK:
            keep_weights(saved, CONFIGS.parent / "checkpoints" / f"{model}.pt")
        card.write_card(given.pack, model, _facts(net, saved, config))
    print(f"written: {given.pack}")


if __name__ == "__main__":
    main()
