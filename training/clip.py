"""Train the CLIP of the lite pack: `python -m training.clip [--config FILE] [--minutes N] [--device cuda] [--fresh]`.

Each trait of `training.captions` has a direction in the common space. First the image tower learns to place faces along
these directions (and beside the faces that its teacher finds alike, which asks for no labels); then the text tower
learns to answer a caption with the sum of what it states; at last both are trained together, faces against captions:
a caption must tell the faces it fits from those it does not. A trait that is not known of a face counts neither way.
"""

from __future__ import annotations

import dataclasses
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.augment import Strength
from training.captions import LANGUAGES, NAMES, TRAITS, Caption, imagined, strewn, write
from training.clip_faces import Album, Batch, Labels, frequencies, known_traits, views
from training.clip_model import CONTEXT, Tokens, architecture, build, encode_text, prime
from training.clip_prompts import PROMPTS, mean_auc
from training.command import Options, command
from training.drawn import load_drawn
from training.faces import Crops, FaceSet, load_faces
from training.muon import Muon
from training.paths import var_dir
from training.restyled import load_restyled
from training.run import Run, begin_from
from training.teacher import Vectors, unit


@dataclasses.dataclass(frozen=True)
class Phase:
    """One stretch of training."""

    name: str
    minutes: float
    lr: float
    faces: int
    """Pictures of a batch; 0 leaves the image tower alone."""
    captions: int
    """Sentences of a batch; 0 leaves the text tower alone."""
    prime: bool = False
    """Whether the text tower begins anew, from what tokens say of traits."""
    side: int = 112
    """Pixels of the pictures; 96 costs less while the coarse things are learnt."""
    strength: Strength = dataclasses.field(default_factory=Strength)


@dataclasses.dataclass(frozen=True)
class ClipConfig:
    """Everything that decides the outcome, read from TOML; the architecture is in `open_clip_config.json`."""

    name: str
    seed: int
    teacher_dim: int
    teacher_weight: float
    plain: float
    """Share of each batch that is faces without attributes (gender and age only)."""
    drawings: float
    restyled: float
    """How often a face that the webtoon stylizer has drawn is shown so."""
    weight_decay: float
    average: float
    checkpoint_minutes: float
    phases: tuple[Phase, ...]


def read_config(path: Path) -> ClipConfig:
    """The config of a TOML file."""
    data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    phases = tuple(Phase(**{**p, "strength": Strength(**p.get("strength", {}))}) for p in data.pop("phases"))
    return ClipConfig(**data, phases=phases)


class Pupil(nn.Module):
    """The open_clip model `clip`, and what only training needs: directions of traits, a way to the teacher's space."""

    def __init__(self, tokens: Tokens, teacher_dim: int) -> None:
        super().__init__()
        self.clip = build(tokens)
        dim = int(architecture()["embed_dim"])
        self.directions = nn.Parameter(torch.randn(len(TRAITS), dim) / dim**0.5)
        self.to_teacher = nn.Linear(dim, teacher_dim, bias=False)
        self.bias = nn.Parameter(torch.zeros(()))

    def faces(self, x: Tensor) -> Tensor:
        """Unit vectors of pictures [n, 3, side, side] in -1..1."""
        return F.normalize(self.clip.encode_image(x), dim=1)  # type: ignore[operator]

    def words(self, ids: Tensor) -> Tensor:
        """Unit vectors of texts."""
        return F.normalize(encode_text(self.clip, ids), dim=1)

    def stated(self, stated: Tensor) -> Tensor:
        """Unit vectors of what captions state: the sum of their traits' directions."""
        return F.normalize(stated.float() @ F.normalize(self.directions, dim=1), dim=1)

    def logits(self, one: Tensor, other: Tensor) -> Tensor:
        """How well each of one fits each of the other."""
        return self.clip.logit_scale.exp() * one @ other.T + self.bias  # type: ignore[operator]


def fits(labels: Tensor, stated: Tensor) -> Tensor:
    """Whether each caption is true of each face, [faces, captions]: 1, -1, or 0 where that is not known."""
    labels, stated = labels.float(), stated.float()
    wrong = ((labels * stated[:, None]).transpose(0, 1) < 0).any(2)
    unknown = (labels == 0).float() @ (stated != 0).float().T > 0
    return torch.where(wrong, -1, torch.where(unknown, 0, 1))


def separation(logits: Tensor, truth: Tensor) -> Tensor:
    """Logistic loss in which true and false count the same for each column; columns without both are left out."""
    cost = F.softplus(-logits * truth)
    true, false = (truth > 0).float(), (truth < 0).float()
    usable = (true.sum(0) > 0) & (false.sum(0) > 0)
    mean = sum((cost * side).sum(0) / side.sum(0).clamp(min=1) for side in (true, false)) / 2
    assert isinstance(mean, Tensor)
    return (mean * usable).sum() / usable.sum().clamp(min=1)


def trait_loss(logits: Tensor, labels: Tensor, often: Tensor) -> Tensor:
    """Logistic loss over known traits, so weighted that a trait's presence and absence count the same."""
    weight = torch.where(labels > 0, 0.5 / often, torch.where(labels < 0, 0.5 / (1 - often), 0.0)).clamp(max=8.0)
    return (F.softplus(-logits * labels) * weight).sum() / weight.sum().clamp(min=1)


class Writer:
    """Writes captions of faces that are at hand, in both languages by turns."""

    def __init__(self, tokens: Tokens, length: int, rng: np.random.Generator) -> None:
        self._tokens, self._length, self._rng = tokens, length, rng

    def write(self, labels: Labels, count: int) -> tuple[Tensor, Tensor]:
        """Token ids [n, length] and what they state [n, traits], of about `count` faces with something to say."""
        captions: list[Caption] = []
        for place, row in enumerate(self._rng.integers(0, len(labels), count).tolist()):
            caption = write(self._rng, labels[row], LANGUAGES[place % len(LANGUAGES)])
            captions += [caption] if caption else []
        ids = self._tokens.batch([strewn(self._rng, caption.text) for caption in captions], self._length)
        return ids, torch.from_numpy(np.stack([caption.stated for caption in captions]))


def optimizer_of(net: Pupil, weight_decay: float) -> torch.optim.Optimizer:
    """Muon for the convolutions of the image tower, AdamW for the rest."""
    groups: dict[str, list[nn.Parameter]] = {"convolutions": [], "matrices": [], "vectors": []}
    for name, weight in net.named_parameters():
        if weight.ndim == 4 and min(weight.shape[0], weight[0].numel()) >= 32:
            groups["convolutions"].append(weight)
        else:
            groups["matrices" if weight.ndim > 1 and "embedding" not in name else "vectors"].append(weight)
    return Muon(
        [
            {"params": groups["convolutions"], "weight_decay": weight_decay, "orthogonal": True, "times": 8.0},
            {"params": groups["matrices"], "weight_decay": weight_decay},
            {"params": groups["vectors"], "weight_decay": 0.0},
        ],
        lr=1e-3,
    )


@torch.no_grad()
def encode(net: Pupil, crops: Crops, rows: npt.NDArray[np.int64], side: int, batch: int = 64) -> Vectors:
    """Unit vectors of some crops."""
    device = net.bias.device
    found = [
        net.faces(views(torch.from_numpy(crops[rows[start : start + batch]]).to(device), side)).cpu().numpy()
        for start in range(0, len(rows), batch)
    ]
    return unit(np.concatenate(found))


class Validation:
    """Mean AUC of sentences on held-out people that are not the test people; chooses the checkpoint."""

    def __init__(self, faces: FaceSet, tokens: Tokens) -> None:
        rows = faces.rows("val")
        self._rows = rows[faces.table["attributes"].notna().to_numpy()[rows]]
        self._labels = known_traits(faces.table)[self._rows]
        self._crops = faces.crops
        self._ids = {language: tokens.batch(list(PROMPTS[language].values()), CONTEXT) for language in LANGUAGES}

    @torch.no_grad()
    def figures(self, net: Pupil, side: int) -> dict[str, float]:
        """Mean AUC in English, in Korean, and of the traits' own directions; `score` is the mean of the languages."""
        vectors = encode(net, self._crops, self._rows, side)
        device = net.bias.device
        places = torch.tensor([NAMES.index(name) for name in PROMPTS["en"]], device=device)
        texts: dict[str, Tensor] = {language: net.words(ids.to(device)) for language, ids in self._ids.items()}
        texts |= {"directions": F.normalize(net.directions, dim=1)[places]}
        found = {kind: mean_auc(vectors, made.cpu().numpy(), self._labels) for kind, made in texts.items()}
        return {**found, "score": (found["en"] + found["ko"]) / 2}


def loss_of(
    net: Pupil,
    seen: tuple[Batch, Tensor] | None,
    captions: tuple[Tensor, Tensor] | None,
    often: Tensor,
    teacher_weight: float,
) -> tuple[Tensor, dict[str, float]]:
    """The loss of faces (a batch and its pictures), of captions (ids and what they state), or of both against each
    other; and its parts for the log."""
    device = net.bias.device
    parts: dict[str, Tensor] = {}
    words = stated = torch.zeros(0, device=device)
    if captions is not None:
        words, stated = net.words(captions[0].to(device)), captions[1].to(device)
        goal = net.stated(stated)
        parts["words"] = (1 - (words * (goal if seen else goal.detach())).sum(1)).mean()
    if seen is not None:
        batch, x = seen
        faces, labels = net.faces(x), batch.labels.to(device)
        parts["traits"] = trait_loss(net.logits(faces, F.normalize(net.directions, dim=1)), labels, often)
        cosine = (F.normalize(net.to_teacher(faces), dim=1) * batch.targets.to(device)).sum(1)
        parts["teacher"] = teacher_weight * (1 - cosine).mean()
        if captions is not None:
            parts["captions"] = separation(net.logits(faces, words), fits(labels, stated))
    return torch.stack(list(parts.values())).sum(), {name: float(part.detach()) for name, part in parts.items()}


def train(config: ClipConfig, options: Options) -> Path:
    """Run all phases, or go on with them; returns the checkpoint that validation liked best."""
    torch.manual_seed(config.seed)
    device = options.device
    faces, tokens = load_faces(), Tokens()
    album = Album(faces, load_drawn(), config.teacher_dim, load_restyled(faces))
    validation = Validation(faces, tokens)
    often = torch.from_numpy(frequencies(album.labels[faces.rows("train")])).to(device)
    net = Pupil(tokens, config.teacher_dim).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    if options.start is not None:
        begin_from(net, options.start)
    run = Run(
        var_dir("clip", options.name or config.name),
        net,
        optimizer_of(net, config.weight_decay),
        lambda mean_net: validation.figures(mean_net, net.clip.visual.image_size),  # type: ignore[arg-type]
        config.average,
        config.checkpoint_minutes * 60,
        {"config": config.name},
        options.fresh,
    )
    rng = np.random.default_rng(config.seed + run.state["seen"])
    writer = Writer(tokens, CONTEXT, rng)
    shares = config.plain, config.drawings, config.restyled
    for phase in run.steps(config.phases, options.minutes):
        if phase.prime and run.elapsed == 0:
            prime(net.clip, tokens, net.directions.detach())
        batch = album.batch(rng, phase.faces, *shares) if phase.faces else None
        labels = batch.labels.numpy() if batch else imagined(rng, phase.captions)
        captions = writer.write(labels, phase.captions) if phase.captions else None
        seen = (batch, views(batch.crops.to(device), phase.side, phase.strength)) if batch else None
        loss, parts = loss_of(net, seen, captions, often, config.teacher_weight)
        run.step(loss, phase.faces, 5.0, parts)
    return run.best


if __name__ == "__main__":
    command(__doc__, "clip.toml", read_config, train)
