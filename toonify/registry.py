"""Which styles there are, and opening one by name."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Any

from castoon.errors import InputError, NotReadyError
from castoon.words import Words
from toonify.contract import Stylizer
from toonify.engine import Device, Engine, Runtime, StyleInfo, StyleRequest, Variant, Watch
from toonify.parameters import build, describe

PULL = "castoon models pull research"
NO_MODELS = Path("no-models-folder")


def engines() -> tuple[Engine, ...]:
    """Every engine, in the order people see them."""
    from toonify.engines import adain, animegan2, cartoongan, cel, dualstylegan, fast, gatys, onnx, student, stylegan2

    return (
        cel.ENGINE,
        student.ENGINE,
        dualstylegan.ENGINE,
        stylegan2.TOONIFY,
        stylegan2.STYLEGAN2,
        cartoongan.ENGINE,
        animegan2.ENGINE,
        onnx.ENGINE,
        adain.ENGINE,
        fast.ENGINE,
        gatys.ENGINE,
    )


def stylizers(models: Path | None = None) -> list[StyleInfo]:
    """All styles: those installed under `models`, and those that could be, with what it takes to get them.

    `models` is the models folder of the settings; its styles lie in `<models>/stylizers/<engine>/<variant>/`.
    """
    return [
        _info(engine, variant, models) for engine in engines() for variant in engine.variants(_folder(engine, models))
    ]


def load(
    name: str,
    *,
    models: Path | None = None,
    device: Device = "auto",
    memory_mb: int = 2048,
    watch: Watch | None = None,
    **parameters: Any,
) -> Stylizer:
    """Open a style by name: `cel`, or `engine:variant` such as `dualstylegan:cartoon/53`.

    `parameters` are those of the style's `StyleInfo`; what is left out keeps its default. Networks are shared between
    stylizers of the same weights and leave memory when they have not been used for long. `watch(done, of)` follows
    engines that work in steps, and stops them (`StoppedError`) by answering False.
    """
    engine_name, _, variant = name.partition(":")
    known = {engine.name: engine for engine in engines()}
    if engine_name not in known:
        close = get_close_matches(engine_name, known, 1)
        hint = (
            Words("Did you mean `{name}`?", name=close[0])
            if close
            else Words("Engines are {names}.", names=", ".join(known))
        )
        raise InputError(Words("style {name}", name=name), "there is no such engine.", hint)
    engine = known[engine_name]
    if ".." in variant or "\\" in variant or variant.startswith("/"):
        raise InputError(
            Words("style {name}", name=name), "a style is a name, not a path.", "Choose one of `toonify.stylizers()`."
        )
    folder = _folder(engine, models)
    found = {item.name: item for item in engine.variants(folder)}
    exact = found.get(variant)
    if exact is not None and exact.problem is not None:
        raise exact.problem
    if exact is not None and exact.missing:
        raise NotReadyError(
            Words("style {name}", name=name),
            Words("missing: {names}.", names=", ".join(str(path) for path in exact.missing)),
            _how_to_get(exact, models),
        )
    chosen = build(engine.parameters, parameters, name)
    return engine.open(StyleRequest(variant, folder, chosen, Runtime(device, memory_mb, watch)))


def _folder(engine: Engine, models: Path | None) -> Path:
    return (models or NO_MODELS) / "stylizers" / engine.name


def _info(engine: Engine, variant: Variant, models: Path | None) -> StyleInfo:
    return StyleInfo(
        name=f"{engine.name}:{variant.name}" if variant.name else engine.name,
        title=variant.title,
        installed=not variant.missing and variant.problem is None,
        how_to_get=_how_to_get(variant, models),
        licence=variant.licence or engine.licence,
        commercial_use=engine.commercial_use if variant.commercial_use is None else variant.commercial_use,
        moves_features=engine.moves_features if variant.moves_features is None else variant.moves_features,
        parameters=describe(engine.parameters),
    )


def _how_to_get(variant: Variant, models: Path | None) -> str:
    if variant.problem is not None:
        return str(variant.problem)
    if not variant.missing:
        return ""
    if models is None:
        return Words("Set the models folder (CASTOON_MODELS), then run `{command}`.", command=PULL)
    names = ", ".join(sorted({path.name for path in variant.missing}))
    return Words(
        "Run `{command}`, or put {names} into {folder}.", command=PULL, names=names, folder=variant.missing[0].parent
    )
