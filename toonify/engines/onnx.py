"""`onnx`: any image-to-image network exported to ONNX, described by a small TOML file beside it.

White-box cartoonization, AnimeGANv3, DCT-Net, photo2cartoon or a lab's own U-GAT-IT, CycleGAN or Pix2Pix run without
code.
Files: `<variant>.onnx` and `<variant>.toml`, for instance

    title = "AnimeGANv3 tiny, cute"
    layout = "NHWC"            # or NCHW
    channels = "RGB"           # or BGR
    range = [-1.0, 1.0]        # of the input; `output_range` where the answer differs
    multiple = 16              # sides are divisible by this; `size = 256` for networks of one input size
    largest = 512              # longer sides are reduced first
    licence = "non-commercial"
    commercial_use = false
    moves_features = true
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, get_args

import numpy as np

from castoon.errors import NotReadyError
from castoon.files import short_hash
from castoon.words import Words
from toonify.batches import run_in_batches
from toonify.contract import RGB, Stylizer
from toonify.engine import Engine, Runtime, StyleRequest, Variant
from toonify.parameters import parameters_hash, slider

Layout = Literal["NHWC", "NCHW"]
Channels = Literal["RGB", "BGR"]


@dataclass(frozen=True)
class OnnxParameters:
    """What a person may change about an ONNX style."""

    strength: float = slider(1.0, 0, 1, title="Strength", help="Mixes the photo back in.")


@dataclass(frozen=True)
class Card:
    """The TOML file beside a network: how pictures go in and come out."""

    title: str
    licence: str
    layout: Layout = "NCHW"
    channels: Channels = "RGB"
    range: tuple[float, float] = (-1.0, 1.0)
    output_range: tuple[float, float] | None = None
    """None: that of the input."""
    multiple: int = 1
    size: int | None = None
    largest: int = 1024
    commercial_use: bool = False
    moves_features: bool = False


def read_card(path: Path) -> Card:
    """A checked card, or `NotReadyError` naming the entry that is wrong."""
    try:
        entries: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise NotReadyError(
            str(path), Words("it cannot be read ({why}).", why=error), "See toonify/engines/onnx.py for its form."
        ) from error
    checks: dict[str, Callable[[Any], bool]] = {
        "title": _is_text,
        "licence": _is_text,
        "layout": lambda v: v in get_args(Layout),
        "channels": lambda v: v in get_args(Channels),
        "range": _is_range,
        "output_range": _is_range,
        "multiple": lambda v: _is_whole(v, 1, 512),
        "size": lambda v: _is_whole(v, 16, 4096),
        "largest": lambda v: _is_whole(v, 16, 8192),
        "commercial_use": lambda v: isinstance(v, bool),
        "moves_features": lambda v: isinstance(v, bool),
    }
    for name in ("title", "licence"):
        if name not in entries:
            raise NotReadyError(str(path), Words("the entry `{name}` is missing.", name=name), "Add it.")
    for name, value in entries.items():
        if name not in checks:
            raise NotReadyError(
                str(path),
                Words("there is no entry `{name}`.", name=name),
                Words("Entries are {names}.", names=", ".join(checks)),
            )
        if not checks[name](value):
            raise NotReadyError(
                str(path),
                Words("`{name} = {value!r}` is not allowed.", name=name, value=value),
                "See toonify/engines/onnx.py.",
            )
    for name in ("range", "output_range"):
        if name in entries:
            entries[name] = (float(entries[name][0]), float(entries[name][1]))
    return Card(**entries)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_range(value: Any) -> bool:
    numbers = isinstance(value, list) and len(value) == 2 and all(isinstance(v, int | float) for v in value)
    return numbers and value[0] < value[1]


def _is_whole(value: Any, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


class Strength(Protocol):
    """Parameters of a style that can be mixed with the photo."""

    @property
    def strength(self) -> float:
        """0 for the photo, 1 for the style."""
        ...


class OnnxStylizer:
    """A style that an ONNX network makes."""

    COST = 3000
    """Bytes a batch takes for each pixel of input; networks differ, and a batch that does not fit is split."""

    def __init__(
        self, variant: str, network: Path, card: Card, parameters: Strength, runtime: Runtime, engine: str = "onnx"
    ) -> None:
        from toonify.checkpoints import file_hash
        from toonify.fitting import Fit

        self.name = f"{engine}:{variant}"
        self.card = card
        self.parameters = parameters
        self.runtime = runtime
        self.path = network
        self.fingerprint = short_hash(f"{engine}-1", file_hash(network), repr(card), parameters_hash(parameters))
        self.fit = Fit(card.multiple, max(32, card.multiple), card.largest, card.size)
        fixed = self._session().get_inputs()[0].shape[0]
        self.batch = fixed if isinstance(fixed, int) else None

    def stylize(self, faces: Sequence[RGB]) -> list[RGB]:
        """Stylized pictures of the same sizes."""
        from toonify.fitting import require_rgb

        fitted = [self.fit.forth(require_rgb(face, index)) for index, face in enumerate(faces)]
        results: dict[int, RGB] = {}
        for shape in dict.fromkeys(face.shape for face in fitted):
            same = [index for index, face in enumerate(fitted) if face.shape == shape]
            size = int(self.runtime.memory_mb * 2**20 // (shape[0] * shape[1] * self.COST))
            size = min(size, self.batch) if self.batch else size
            answers = run_in_batches([fitted[index] for index in same], self._run, size, f"style {self.name}")
            results.update(
                (index, self.fit.back(answer, faces[index])) for index, answer in zip(same, answers, strict=True)
            )
        return [results[index] for index in range(len(faces))]

    def _session(self) -> Any:
        from toonify.checkpoints import file_hash
        from toonify.model_cache import MODELS

        size = self.path.stat().st_size
        key = ("onnx", file_hash(self.path), self.runtime.device)
        return MODELS.get(key, lambda: _open_session(self.path, self.runtime), lambda _: 2 * size)

    def _run(self, faces: Sequence[RGB]) -> list[RGB]:
        card, session = self.card, self._session()
        low, high = card.range
        batch = np.stack(faces).astype(np.float32) * ((high - low) / 255) + low
        batch = batch[..., ::-1] if card.channels == "BGR" else batch
        batch = batch.transpose(0, 3, 1, 2) if card.layout == "NCHW" else batch
        answer = session.run(None, {session.get_inputs()[0].name: np.ascontiguousarray(batch)})[0]
        answer = answer.transpose(0, 2, 3, 1) if card.layout == "NCHW" else answer
        answer = answer[..., ::-1] if card.channels == "BGR" else answer
        if answer.ndim != 4 or answer.shape[0] != len(faces) or answer.shape[3] != 3:
            raise NotReadyError(
                str(self.path),
                Words("its answer has the shape {shape}.", shape=answer.shape),
                "Check its layout entry.",
            )
        low, high = card.output_range or card.range
        made = np.nan_to_num((answer - low) * (255 / (high - low)))
        strength = self.parameters.strength
        if strength < 1 and made.shape[1:] == faces[0].shape:
            made = made * strength + np.stack(faces) * (1 - strength)
        return list(np.clip(np.rint(made), 0, 255).astype(np.uint8))


def _open_session(path: Path, runtime: Runtime) -> Any:
    import onnxruntime

    wanted = ["CUDAExecutionProvider", "CPUExecutionProvider"] if runtime.device != "cpu" else ["CPUExecutionProvider"]
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    try:
        available = onnxruntime.get_available_providers()
        return onnxruntime.InferenceSession(str(path), options, providers=[one for one in wanted if one in available])
    except Exception as error:
        words = str(error).splitlines()[0][:160] if str(error) else type(error).__name__
        raise NotReadyError(
            str(path), Words("it is no ONNX network that can be run ({words}).", words=words), "Get or export it again."
        ) from error


def find_network(request: StyleRequest, engine: str = "onnx") -> tuple[Path, Card]:
    """The network of a variant and its card."""
    network = request.folder / f"{request.variant}.onnx"
    for path in (network, network.with_suffix(".toml")):
        if not path.is_file():
            raise NotReadyError(
                Words("style {engine}:{variant}", engine=engine, variant=request.variant),
                Words("{path} is not there.", path=path),
                "Put it there.",
            )
    return network, read_card(network.with_suffix(".toml"))


def open_style(request: StyleRequest) -> Stylizer:
    """Open `onnx:<variant>`."""
    network, card = find_network(request)
    return OnnxStylizer(request.variant, network, card, request.parameters, request.runtime)


def variants(folder: Path) -> list[Variant]:
    """One style a network; one without a card, or with a wrong one, counts as missing it."""
    found: list[Variant] = []
    for network in sorted(folder.glob("*.onnx")):
        path = network.with_suffix(".toml")
        if not path.is_file():
            found.append(Variant(network.stem, network.stem, (path,)))
            continue
        try:
            card = read_card(path)
        except NotReadyError as error:
            found.append(Variant(network.stem, network.stem, problem=error))
            continue
        found.append(Variant(network.stem, card.title, (), card.licence, card.commercial_use, card.moves_features))
    name = "animegan3_tiny"
    return found or [Variant(name, "Any ONNX network", (folder / f"{name}.onnx", folder / f"{name}.toml"))]


ENGINE = Engine(
    name="onnx",
    title="Any ONNX network",
    licence="as its card says",
    commercial_use=False,
    moves_features=False,
    parameters=OnnxParameters,
    variants=variants,
    open=open_style,
)
