"""Train the face encoder to follow both published networks on the pictures it sees:

    python -m training.follow [--config training/configs/face-followed.toml] [--start training/checkpoints/face.pt]

It answers what they answer (`training.followed`), and its map before the last layers, through one matrix that is thrown
away afterwards, becomes theirs. Checkpoints are those of `training.face`; `training.export face` takes either.
"""

from __future__ import annotations

import dataclasses
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from embeddings.earlier import pooling
from training.command import Options, command
from training.drawn import DrawnSet, load_drawn
from training.earlier import LITE_BLOCK
from training.face import Validation, encode, lesson_axes, loss_of
from training.face_net import FaceNet, grown, of_weights
from training.faces import FaceSet, load_faces
from training.followed import ACTOR, CHANNELS, GRIDS, PHOTO, Followed, load_followed
from training.muon import muon_optimizer
from training.own_norms import apart
from training.paths import var_dir
from training.prepare import teacher_vectors
from training.run import Run, kept_weights
from training.scores import drawing_ranks
from training.style_mix import StyleMix
from training.targets import actors_bridge, photo_lesson
from training.teacher import Vectors, unit

SHRINKAGE = 0.7
"""Of the bridge that validation fits on the training actors, as a product with such an encoder would."""
FAST, SLOW, FAST_UNTIL = 3e-3, 1e-3, 0.6
"""Learning rate of the matrices that are thrown away, before and after that share of a phase."""
RELIT, TINTED, LIGHTER = 0.1, 0.03, 0.06
"""Standard deviations of contrast, colour and brightness of a picture from pass to pass."""


@dataclasses.dataclass(frozen=True)
class Phase:
    """One stretch of training."""

    name: str
    minutes: float
    lr: float
    restyled: float
    """Share of each batch that carries the manner of another picture (`training.style_mix`)."""


@dataclasses.dataclass(frozen=True)
class FollowConfig:
    """Everything that decides the outcome, read from TOML."""

    name: str
    seed: int
    dim: int
    widths: tuple[int, ...]
    blocks: tuple[int, ...]
    batch: int
    weight_decay: float
    matrix_weight: float
    map_weight: float
    """Of the squared error of both maps, in variances of these, beside the loss of the vectors."""
    photo_share: float
    """How far a photo's person draws its answer."""
    as_it_was: float
    """How much what the teachers say of a photo before it was moved, relit and bent counts in its answer."""
    average: float
    checkpoint_minutes: float
    phases: tuple[Phase, ...]


def read_config(path: Path) -> FollowConfig:
    """The config of a TOML file."""
    data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    data["phases"] = tuple(Phase(**phase) for phase in data["phases"])
    data.update({key: tuple(data[key]) for key in ("widths", "blocks")})
    return FollowConfig(**data)


@dataclasses.dataclass(frozen=True, eq=False)
class Batch:
    """Faces [n, 3, 112, 112] in -1..1 with what they are to become."""

    faces: Tensor
    vectors: Tensor
    """[n, dim] of unit length."""
    maps: tuple[Tensor, Tensor]
    """[n, c, places], mean zero and variance one a channel."""
    drawn: Tensor
    """[n], what is normalized apart from photos."""


class Lessons:
    """Draws batches in shuffled passes over the pictures."""

    def __init__(self, config: FollowConfig, faces: FaceSet, followed: Followed, axes: Vectors) -> None:
        self._followed = followed
        self._targets = unit(followed.vectors @ axes.T)
        photos = photo_lesson(faces, teacher_vectors(faces), axes, config.photo_share)
        place = {row: at for at, row in enumerate(photos.rows.tolist())}
        at = np.flatnonzero(followed.kinds == PHOTO)
        before = photos.targets[[place[row] for row in followed.rows[at].tolist()]]
        self._targets[at] = unit((1 - config.as_it_was) * self._targets[at] + config.as_it_was * before)
        some = np.arange(0, len(followed.kinds), 20)
        self._usual = [_usual(np.asarray(maps[some], np.float32)) for maps in followed.maps]
        self._order = np.zeros(0, np.int64)

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """The next pictures, every second one mirrored, each a little relit."""
        if len(self._order) < size:
            self._order = rng.permutation(len(self._followed.kinds))
        pick, self._order = np.sort(self._order[:size]), self._order[size:]
        mirrored = torch.from_numpy(rng.random(len(pick)) < 0.5)
        faces = torch.from_numpy(np.asarray(self._followed.faces[pick])).permute(0, 3, 1, 2).float() / 127.5 - 1
        faces[mirrored] = faces[mirrored].flip(-1)
        maps = [
            (_mirrored(np.asarray(maps[pick], np.float32), grid, mirrored) - mean) / spread
            for maps, grid, (mean, spread) in zip(self._followed.maps, GRIDS, self._usual, strict=True)
        ]
        kinds = self._followed.kinds[pick]
        drawn = torch.from_numpy((kinds != PHOTO) & (kinds != ACTOR))
        return Batch(_relit(faces), torch.from_numpy(self._targets[pick]), (maps[0], maps[1]), drawn)


def _usual(maps: npt.NDArray[np.float32]) -> tuple[Tensor, Tensor]:
    """Mean and spread of each channel, [1, c, 1]."""
    seen = torch.from_numpy(maps)
    return seen.mean((0, 2))[None, :, None], seen.std((0, 2))[None, :, None]


def _mirrored(maps: npt.NDArray[np.float32], grid: int, mirrored: Tensor) -> Tensor:
    seen = torch.from_numpy(maps).reshape(*maps.shape[:2], grid, grid)
    seen[mirrored] = seen[mirrored].flip(-1)
    return torch.flatten(seen, 2)


def _relit(x: Tensor) -> Tensor:
    n = len(x)
    gain = torch.exp(RELIT * torch.randn(n, 1, 1, 1) + TINTED * torch.randn(n, 3, 1, 1))
    return (x * gain + LIGHTER * torch.randn(n, 1, 1, 1)).clamp(-1, 1)


class MapReader(nn.Module):
    """Catches the map of the block that is read beside the vector while the student learns, and makes the teachers' of
    it: one matrix each, thrown away afterwards."""

    pooling: Tensor

    def __init__(self, net: FaceNet, width: int) -> None:
        super().__init__()
        self.turned = nn.ModuleList(nn.Conv1d(width, channels, 1) for channels in CHANNELS)
        self.register_buffer("pooling", torch.from_numpy(pooling(*GRIDS)), persistent=False)
        caught: list[Tensor] = []

        def catch(module: nn.Module, _: tuple[Tensor, ...], seen: Tensor) -> None:  # no method: copies of the network
            if module.training:  # would copy what a method belongs to
                caught.append(seen)

        net.trunk[LITE_BLOCK].register_forward_hook(catch)
        self._caught = caught

    def forget(self) -> None:
        """Drop what a copy of the network has seen meanwhile."""
        self._caught.clear()

    def loss(self, batch: Batch) -> Tensor:
        """Squared error of both maps; the network has just been run by `apart`."""
        photos, others = (caught.float().flatten(2) for caught in self._caught)
        seen = photos.new_empty(len(batch.drawn), *photos.shape[1:])
        seen[~batch.drawn], seen[batch.drawn] = photos, others
        self.forget()
        made = self.turned[0](seen), self.turned[1](seen @ self.pooling)
        errors = [(one - maps).square().mean() for one, maps in zip(made, batch.maps, strict=True)]
        return torch.stack(errors).sum()


def bridged_ranks(net: nn.Module, drawn: DrawnSet, device: torch.device) -> float:
    """MRR of validation drawings over a bridge of the training actors, whom this student was never told of."""
    keep = drawn.part != "test"
    parts, found = drawn.part, unit(encode(net, drawn.crops[keep], device))
    vectors = np.zeros((len(keep), found.shape[1]), np.float32)
    vectors[keep] = found
    bridge = actors_bridge(drawn, vectors, SHRINKAGE)
    carried = keep & drawn.drawing
    vectors[carried] = bridge.carry(vectors[carried])
    return drawing_ranks(vectors, drawn, parts, "val", ("train", "val")).mrr


def train(config: FollowConfig, options: Options) -> Path:
    """Run all phases, or go on with them; returns the checkpoint that validation liked best."""
    torch.manual_seed(config.seed)
    faces, drawn, device = load_faces(), load_drawn(), options.device
    net = FaceNet(config.dim, config.widths, config.blocks).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    if options.start is not None:
        grown(of_weights(kept_weights(options.start)), net)
    folder = var_dir("face", options.name or config.name)
    axes = lesson_axes(folder / "axes.npy", faces, config.dim, net if options.start else None, device)
    lessons, validation = Lessons(config, faces, load_followed(faces, drawn), axes), Validation(faces, drawn)
    reader = MapReader(net, config.widths[-1]).to(device)
    turning = torch.optim.AdamW(reader.parameters(), lr=FAST, weight_decay=0.01)

    def judge(mean_net: nn.Module) -> dict[str, float]:
        figures = validation.figures(mean_net, device)
        figures["bridged_mrr"] = bridged_ranks(mean_net, drawn, device)
        return figures | {"score": (figures["area"] + figures["bridged_mrr"]) / 2}

    run = Run(
        folder, net, muon_optimizer(net, config.weight_decay), judge, config.average, config.checkpoint_minutes * 60,
        {"config": config.name}, options.fresh,
    )  # fmt: skip
    styles, whole_time = StyleMix(net.trunk), sum(phase.minutes for phase in config.phases)
    rng = np.random.default_rng(config.seed + run.state["seen"])
    for phase in run.steps(config.phases, options.minutes, choose="last"):
        styles.share = phase.restyled
        share = 1.0 if options.minutes is None else options.minutes / whole_time
        for group in turning.param_groups:
            group["lr"] = FAST if run.elapsed < FAST_UNTIL * phase.minutes * 60 * share else SLOW
        batch = lessons.batch(rng, config.batch)
        reader.forget()
        x = batch.faces.to(device).contiguous(memory_format=torch.channels_last)
        with torch.autocast(device.type, torch.bfloat16, enabled=options.half):
            vectors = apart(net, x, batch.drawn.to(device))
        vector_loss, map_loss = (
            loss_of(vectors, batch.vectors.to(device), config.matrix_weight),
            reader.loss(batch),
        )
        turning.zero_grad(set_to_none=True)
        parts = {"vectors": float(vector_loss.detach()), "maps": float(map_loss.detach())}
        run.step(vector_loss + config.map_weight * map_loss, len(x), 5.0, parts)
        turning.step()
    return run.best


if __name__ == "__main__":
    command(__doc__, "face-followed.toml", read_config, train, half=True)
