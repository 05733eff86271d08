"""Train the face encoder: `python -m training.face [--config FILE] [--minutes N] [--device cuda] [--fresh]`.

Phases of the config follow one another. The learning rate follows the *time* a phase has had (one-cycle over its
minutes), so that the same command fits an hour on two cores or a minute in a test; checkpoints make it resumable.
"""

from __future__ import annotations

import dataclasses
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from embeddings.hiding import HIDDEN
from training.augment import Strength, augment, parts_hidden
from training.command import Options, command
from training.drawn import DrawnSet, load_drawn
from training.face_net import FaceNet, grown, of_weights
from training.faces import Crops, FaceSet, load_faces
from training.looks import load_looks
from training.mixtures import DRAWINGS, load_mixtures
from training.muon import muon_optimizer
from training.own_norms import apart, as_drawn
from training.paths import var_dir
from training.prepare import drawn_teacher, teacher_vectors
from training.run import Run, kept_weights
from training.scores import area, cosines, drawing_ranks, fold_hits, verification_pairs
from training.style_mix import StyleMix
from training.targets import drawn_lessons, photo_lesson, principal_axes, teacher_bridge
from training.teacher import Vectors, unit
from training.views import View, joined, windows


@dataclasses.dataclass(frozen=True)
class Phase:
    """One stretch of training."""

    name: str
    minutes: float
    lr: float
    drawings: float
    """Share of each batch that is drawings of training actors."""
    drawn_photos: float = 0.03
    """Share of each batch that is photos of the same actors."""
    looks: float = 0.0
    """Share of each batch that is training photos drawn by styles."""
    mixtures: float = 0.0
    """Share of each batch that is two pictures in one."""
    drawn_mixtures: float = 0.0
    """Share of each batch that is two drawings in one, to be answered as the teacher does behind its bridge."""
    restyled: float = 0.0
    """Share of each batch that carries the manner of another picture (`training.style_mix`)."""
    hidden: float = 0.0
    """Share of each batch of which a part is hidden as in use (`embeddings.hiding`), to be answered like the whole."""
    side: int = 112
    """Pixels of the faces; a smaller side costs less while the coarse things are learnt."""
    strength: Strength = dataclasses.field(default_factory=Strength)


@dataclasses.dataclass(frozen=True)
class FaceConfig:
    """Everything that decides the outcome, read from TOML."""

    name: str
    seed: int
    dim: int
    widths: tuple[int, ...]
    blocks: tuple[int, ...]
    batch: int
    weight_decay: float
    matrix_weight: float
    photo_share: float
    drawing_share: float
    average: float
    """Decay per step of the running average of the weights; the average is what is judged and exported."""
    checkpoint_minutes: float
    phases: tuple[Phase, ...]


def read_config(path: Path) -> FaceConfig:
    """The config of a TOML file."""
    data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    phases = []
    for phase in data.pop("phases"):
        strength = Strength(**phase.pop("strength", {}))
        phases.append(Phase(**phase, strength=strength))
    data.update({key: tuple(data[key]) for key in ("widths", "blocks")})
    return FaceConfig(**data, phases=tuple(phases))


def build(config: FaceConfig) -> FaceNet:
    """An untrained encoder of the config's shape."""
    return FaceNet(config.dim, config.widths, config.blocks)


@torch.no_grad()
def encode(net: nn.Module, crops: Crops, device: torch.device, view: View = None, batch: int = 128) -> Vectors:
    """Unit vectors of 160x160 crops, without augmentation."""
    net.eval()
    found = []
    for start in range(0, len(crops), batch):
        seen = torch.from_numpy(windows(crops[start : start + batch], view)).to(device)
        x = seen.permute(0, 3, 1, 2).float() / 127.5 - 1
        found.append(net(x.contiguous(memory_format=torch.channels_last)).cpu().numpy())
    return unit(np.concatenate(found))


def lesson_axes(path: Path, faces: FaceSet, dim: int, begun: nn.Module | None, device: torch.device) -> Vectors:
    """The axes [dim, 640] on which targets lie, kept in `path`.

    A network that is `begun` already has axes of its own: the new ones are turned until its answers fit best, so that
    it need not learn anew which number means what (cosines do not notice).
    """
    if not path.is_file():
        rows, teacher = faces.rows("train"), teacher_vectors(faces)
        axes = principal_axes(teacher[rows], dim)
        if begun is not None:
            some = np.sort(np.random.default_rng(23).permutation(rows)[:4000])
            answers = encode(begun, np.asarray(faces.crops[some]), device)
            begun.train()
            left, _, right = np.linalg.svd(answers.T @ unit(teacher[some] @ axes.T))
            axes = np.asarray(left @ right @ axes, np.float32)
        np.save(path, axes)
    return np.asarray(np.load(path, allow_pickle=False), np.float32)


class Lessons:
    """Draws batches: photos in shuffled passes, drawings and their actors' photos by share."""

    def __init__(self, config: FaceConfig, faces: FaceSet, drawn: DrawnSet, axes: Vectors) -> None:
        teacher, taught = teacher_vectors(faces), drawn_teacher(drawn)
        self.axes = axes
        bridge = teacher_bridge(drawn, taught)
        taught = np.where(drawn.drawing[:, None], bridge.carry(taught), taught)
        self.photos = photo_lesson(faces, teacher, self.axes, config.photo_share)
        self.actor_photos, self.drawings = drawn_lessons(
            drawn, taught, self.axes, config.drawing_share, config.photo_share
        )
        target_of = dict(zip(self.photos.rows.tolist(), self.photos.targets, strict=True))
        self._looks = load_looks(faces)
        self._mixtures = load_mixtures(faces, self._looks, drawn)
        self._drawn_mixtures = load_mixtures(faces, self._looks, drawn, DRAWINGS)
        self._drawn_mixture_targets = unit(bridge.carry(self._drawn_mixtures.vectors) @ self.axes.T)
        self._look_targets = np.stack([target_of[row] for row in self._looks.rows.tolist()])
        self._mixture_targets = unit(self._mixtures.vectors @ self.axes.T)
        self._faces, self._drawn = faces, drawn
        self._order = np.zeros(0, np.int64)

    def batch(self, rng: np.random.Generator, size: int, phase: Phase) -> tuple[Tensor, Tensor, Tensor]:
        """Crops [size, 160, 160, 3], targets [size, dim], and which crops are drawn or mixed [size]."""
        shares = (phase.drawings, phase.drawn_photos, phase.looks, phase.mixtures, phase.drawn_mixtures)
        count_d, count_p, count_l, count_m, count_b = (round(size * share) for share in shares)
        rest = size - count_d - count_p - count_l - count_m - count_b
        if len(self._order) < rest:
            self._order = rng.permutation(len(self.photos.rows))
        pick, self._order = np.sort(self._order[:rest]), self._order[rest:]
        d = rng.integers(0, len(self.drawings.rows), count_d)
        p = rng.integers(0, len(self.actor_photos.rows), count_p)
        look = rng.integers(0, len(self._looks.rows), count_l)
        mixed = rng.integers(0, len(self._mixtures.crops), count_m)
        both = rng.integers(0, len(self._drawn_mixtures.crops), count_b)
        crops = np.concatenate(
            [
                self._faces.crops[self.photos.rows[pick]],
                self._drawn.crops[self.actor_photos.rows[p]],
                self._drawn.crops[self.drawings.rows[d]],
                self._looks.crops[look],
                self._mixtures.crops[mixed],
                self._drawn_mixtures.crops[both],
            ]
        )
        targets = np.concatenate(
            [
                self.photos.targets[pick],
                self.actor_photos.targets[p],
                self.drawings.targets[d],
                self._look_targets[look],
                self._mixture_targets[mixed],
                self._drawn_mixture_targets[both],
            ]
        )
        return torch.from_numpy(crops), torch.from_numpy(targets), torch.arange(size) >= rest + count_p


class Validation:
    """Figures on held-out people that are not the test people; they choose the checkpoint."""

    def __init__(self, faces: FaceSet, drawn: DrawnSet) -> None:
        pairs, self._truth = verification_pairs(faces.table, "val", 2000)
        self._rows, places = np.unique(pairs, return_inverse=True)
        self._pairs = places.reshape(pairs.shape)
        self._faces = np.asarray(faces.crops[self._rows])
        keep = drawn.part != "test"
        photo_number = np.zeros(len(drawn.actors), int)
        for actor in np.unique(drawn.actors):
            rows = np.flatnonzero((drawn.actors == actor) & ~drawn.drawing)
            photo_number[rows] = np.arange(len(rows))
        keep &= np.where(drawn.drawing, drawn.part == "val", photo_number < 5)
        self._drawn = DrawnSet(*(getattr(drawn, field.name)[keep] for field in dataclasses.fields(drawn)))
        self._parts = drawn.part[keep]
        self._taught = drawn.crops[drawn.drawing & (drawn.part == "train")]

    def figures(self, net: nn.Module, device: torch.device) -> dict[str, float]:
        """Verification, drawing -> actor MRR and R@1 among all training actors, by the whole face and as the product
        looks; `score` is the mean of area and MRR.

        The area under the curve of the pairs tells two networks apart better than their accuracy at one threshold.
        """
        values = cosines(encode(net, self._faces, device), self._pairs)
        crops, drawing, reader = self._drawn.crops, self._drawn.drawing, as_drawn(net, self._taught, device)
        vectors = joined(lambda view: encode(net, crops, device, view))
        vectors[drawing] = joined(lambda view: encode(reader, crops[drawing], device, view))
        whole, ranks = (
            drawing_ranks(some, self._drawn, self._parts, "val", ("train", "val"))
            for some in (vectors[:, : vectors.shape[1] // (1 + len(HIDDEN))], vectors)
        )
        accuracy, below = float(fold_hits(values, self._truth).mean()), area(values, self._truth)
        score = (below + ranks.mrr) / 2
        return {
            "verification": accuracy, "area": below, "mrr_whole": whole.mrr, "r1_whole": whole.r1,
            "mrr": ranks.mrr, "r1": ranks.r1, "score": score,
        }  # fmt: skip


def loss_of(vectors: Tensor, targets: Tensor, matrix_weight: float) -> Tensor:
    """1 - cosine to the target, plus the squared difference of the two similarity matrices of the batch."""
    vectors = F.normalize(vectors.float(), dim=1)
    cosine = (vectors * targets).sum(1)
    difference = vectors @ vectors.T - targets @ targets.T
    return (1 - cosine).mean() + matrix_weight * difference.square().mean()


def train(config: FaceConfig, options: Options) -> Path:
    """Run all phases, or go on with them; returns the checkpoint that validation liked best in the last phase."""
    torch.manual_seed(config.seed)
    faces, drawn, device = load_faces(), load_drawn(), options.device
    net = build(config).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    if options.start is not None:
        grown(of_weights(kept_weights(options.start)), net)
    folder = var_dir("face", options.name or config.name)
    if options.fresh:
        (folder / "axes.npy").unlink(missing_ok=True)
    axes = lesson_axes(folder / "axes.npy", faces, config.dim, net if options.start else None, device)
    lessons, validation = Lessons(config, faces, drawn, axes), Validation(faces, drawn)
    run = Run(
        folder,
        net,
        muon_optimizer(net, config.weight_decay),
        lambda mean_net: validation.figures(mean_net, device),
        config.average,
        config.checkpoint_minutes * 60,
        {"config": config.name, "axes": torch.from_numpy(lessons.axes)},
        options.fresh,
    )
    styles = StyleMix(net.trunk)
    rng = np.random.default_rng(config.seed + run.state["seen"])
    for phase in run.steps(config.phases, options.minutes, choose="last"):
        styles.share = phase.restyled
        crops, targets, drawn_too = lessons.batch(rng, config.batch, phase)
        seen = parts_hidden(augment(crops.to(device), phase.strength, phase.side), phase.hidden)
        x = seen.contiguous(memory_format=torch.channels_last)
        with torch.autocast(device.type, torch.bfloat16, enabled=options.half):
            vectors = apart(net, x, drawn_too.to(device))
        loss = loss_of(vectors, targets.to(device), config.matrix_weight)
        run.step(loss, len(crops), 5.0, {"loss": float(loss.detach())})
    return run.best


if __name__ == "__main__":
    command(__doc__, "face.toml", read_config, train, half=True)
