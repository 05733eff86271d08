"""From a model pack to its encoders, one a space."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal

from castoon.errors import NotReadyError
from castoon.files import sha256_file
from castoon.words import Words
from embeddings.arcface import ArcFaceEncoder, Feeding
from embeddings.contract import Encoder
from embeddings.earlier import Earlier
from embeddings.fakes import FakeEncoder
from embeddings.hiding import joined
from embeddings.manner import Manner
from embeddings.pack import Pack
from embeddings.runtime import open_session

_RGB = 3


class Encoders(Mapping[str, Encoder]):
    """Encoders by name; those that take seconds to open (CLIP brings torch) are opened when first asked for."""

    def __init__(self, ready: Mapping[str, Encoder], waiting: Mapping[str, Callable[[], Encoder]]) -> None:
        self._ready, self._waiting, self._lock = dict(ready), dict(waiting), threading.Lock()
        self._names = (*ready, *waiting)

    def __getitem__(self, name: str) -> Encoder:
        with self._lock:
            if name not in self._ready and name in self._waiting:
                self._ready[name] = self._waiting[name]()
            return self._ready[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def load_encoders(
    pack: Pack,
    threads: int = 1,
    mirror: bool = False,
    hide: bool = True,
    providers: Sequence[str] | None = None,
    manners: Path | None = None,
    as_photos: bool = False,
) -> Mapping[str, Encoder]:
    """The encoders of a pack by name: `arcface` (several face networks joined into one space) and `clip`.

    A face network whose manner of drawings lies in the folder `manners` (`arcface.npz`) reads them by it, others as
    the pack says; `as_photos`, drawings are read like photos, whatever is known of them. With `hide`, faces are also
    seen with parts hidden (`embeddings.hiding`).
    """
    if pack.fake:
        return {"arcface": FakeEncoder("arcface", 64, 0), "clip": FakeEncoder("clip", 48, 1)}
    files = [pack.folder / one.path for role in pack.roles("arcface") for one in pack.files if one.role == role]
    encoders: dict[str, Encoder] = {}

    def manner(role: str, network: Path) -> Manner | None:
        return None if as_photos else _manner(pack, role, network, manners)

    if not pack.files:
        path, feeding = insightface_recognition(pack.folder)
        faces = [("arcface", path, feeding)]
    else:
        faces = [
            (role, path, _feeding(pack, role, path)) for role, path in zip(pack.roles("arcface"), files, strict=True)
        ]
    if faces:
        networks = [
            ArcFaceEncoder(
                path, feeding, name=role, mirror=mirror, threads=threads, providers=providers,
                manner=manner(role, path), earlier=_earlier(pack, role),
            )
            for role, path, feeding in faces
        ]  # fmt: skip
        encoders["arcface"] = joined("arcface", networks, hide)
    waiting: dict[str, Callable[[], Encoder]] = {}
    if (weights := pack.file("clip")) is not None:
        waiting["clip"] = partial(_clip, pack, weights, threads)
    if not encoders and not waiting:
        raise NotReadyError(
            Words("model pack {pack}", pack=pack.name),
            "it has no model that makes vectors.",
            "Verify it: `castoon models verify`.",
        )
    return Encoders(encoders, waiting)


def _manner(pack: Pack, role: str, network: Path, own: Path | None) -> Manner | None:
    """How a role's network is to read drawings: by one's own manner if it was found for this network, or the pack's."""
    mine = own / f"{role}.npz" if own is not None else None
    if mine is not None and mine.is_file():
        manner = Manner.load(mine)
        if manner.network == sha256_file(network):
            return manner
    path = pack.file(f"{role}_drawn")
    return Manner.load(path) if path is not None else None


def _earlier(pack: Pack, role: str) -> Earlier | None:
    """How a role's network is read before its last layers, where the pack says."""
    path = pack.file(f"{role}_earlier")
    return Earlier.load(path) if path is not None else None


def _clip(pack: Pack, weights: Path, threads: int) -> Encoder:
    from embeddings.clip import CROP, ClipEncoder, ClipSource

    table = pack.settings.get("clip", {})
    source = ClipSource(
        str(table.get("model", "")), str(table.get("pretrained", "")), weights, pack.file("clip_config")
    )
    return ClipEncoder(
        source, crop=float(table.get("crop", CROP)), prompt=str(table.get("prompt", "{}")), threads=threads
    )


def insightface_recognition(folder: Path) -> tuple[Path, Feeding]:
    """Which file of a bare pack insightface would use for recognition, and how it would feed it."""
    from embeddings.runtime import open_analysis

    model = open_analysis(folder, ["detection", "recognition"]).models.get("recognition")
    if model is None:
        raise NotReadyError(str(folder), "it has no face recognition model.", "Choose another pack.")
    return Path(model.model_file), _as_insightface(model)


def _as_insightface(model: Any) -> Feeding:
    mean, std = float(model.input_mean), float(model.input_std)
    return Feeding((mean, mean, mean), (std, std, std), "rgb")


def _feeding(pack: Pack, role: str, path: Path) -> Feeding:
    table = pack.settings.get(role)
    if table is None:
        from insightface.model_zoo.arcface_onnx import ArcFaceONNX

        return _as_insightface(ArcFaceONNX(str(path), session=open_session(path)))
    try:
        colour: Literal["rgb", "bgr"] = "bgr" if table.get("colour", "rgb") == "bgr" else "rgb"
        return Feeding(_three(table, "mean"), _three(table, "std"), colour)
    except (TypeError, ValueError) as error:
        raise NotReadyError(
            Words("pack.toml of {pack}", pack=pack.name),
            Words("[{role}] cannot be read ({why}).", role=role, why=error),
            "Pull the pack again.",
        ) from error


def _three(table: Mapping[str, Any], name: str) -> tuple[float, float, float]:
    value = table.get(name, 127.5)
    numbers = [float(one) for one in value] if isinstance(value, list) else [float(value)] * _RGB
    if len(numbers) != _RGB or (name == "std" and 0.0 in numbers):
        raise ValueError(f"{name} = {value}")
    return (numbers[0], numbers[1], numbers[2])
