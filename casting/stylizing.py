"""Photos into webtoon portraits, file by file, and what that did to the faces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from casting.engine import PORTRAIT_PX, Engine
from casting.styles import list_styles, style_root
from castoon.errors import InputError
from castoon.files import atomic_writer
from castoon.images import RGB, read
from castoon.words import Words

if TYPE_CHECKING:
    from embeddings import Face
    from toonify import Stylizer
    from toonify.report import StyleReport

REPORT_SHEET = "sheet.png"


@dataclass(frozen=True, eq=False)
class StylizedFile:
    """One photo in one style, as written."""

    photo: Path
    style: str
    result: Path


@dataclass(frozen=True, eq=False)
class _Portrait:
    photo: Path
    pixels: RGB
    face: Face
    crop: RGB


def load_styles(engine: Engine, names: Sequence[str], parameters: Mapping[str, str]) -> list[Stylizer]:
    """Styles by name; parameters are those of the one style, or empty."""
    import toonify

    if parameters and len(names) > 1:
        raise InputError("--param", "several styles are asked for.", "Give parameters to one style at a time.")
    settings = engine.settings
    return [
        toonify.load(
            name, models=style_root(settings, name), device=settings.device, **_typed(name, parameters, settings)
        )
        for name in names
    ]


def _typed(name: str, given: Mapping[str, str], settings: Any) -> dict[str, Any]:
    """Parameters typed as the style declares them."""
    if not given:
        return {}
    known = next((one for one in list_styles(settings) if one.name == name), None)
    kinds = {parameter.name: parameter.kind for parameter in known.parameters} if known else {}
    typed: dict[str, Any] = {}
    for key, text in given.items():
        try:
            match kinds.get(key):
                case "float":
                    typed[key] = float(text)
                case "int":
                    typed[key] = int(text)
                case "bool":
                    typed[key] = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}[text]
                case _:
                    typed[key] = text
        except (ValueError, KeyError) as error:
            raise InputError(
                Words("parameter {key}", key=key),
                Words("`{text}` is not of the kind {kind}.", text=text, kind=kinds[key]),
                "Correct it.",
            ) from error
    return typed


def stylize_files(
    photos: Sequence[Path], styles: Sequence[Stylizer], engine: Engine, out: Path, *, whole: bool = False
) -> tuple[list[StylizedFile], list[InputError]]:
    """Write `<name>.<style>.png` for each photo; returns what was written and what was refused.

    A portrait of the main face is written, or with `whole` the picture with all its faces stylized in place.
    """
    done: list[StylizedFile] = []
    refused: list[InputError] = []
    for photo in photos:
        try:
            pixels = read(photo).pixels
            for stylizer in styles:
                made = (
                    _whole(pixels, engine, stylizer, photo) if whole else _portrait_of(pixels, engine, stylizer, photo)
                )
                target = out / f"{photo.stem}.{_file_name(stylizer.name)}.png"
                write_png(target, made)
                done.append(StylizedFile(photo, stylizer.name, target))
        except InputError as error:
            refused.append(error)
    return done, refused


def report_files(
    photos: Sequence[Path], styles: Sequence[Stylizer], engine: Engine, progress: Any = None
) -> tuple[StyleReport, list[InputError]]:
    """Measure what styles do to the main faces of photos; photos in one folder are of one person.

    See `toonify.report` for the columns. Faces in stylized pictures are looked for as in drawings.
    """
    from toonify.report import report

    portraits: list[_Portrait] = []
    refused: list[InputError] = []
    for photo in photos:
        try:
            portraits.append(_main_portrait(photo, engine))
        except InputError as error:
            refused.append(error)
    if not portraits:
        raise InputError(Words("photos"), "no face was found in any of them.", "Use photos that show a face.")
    owners = [str(one.photo.parent) for one in portraits]
    together = len(set(owners)) > 1
    made = report(
        [one.crop for one in portraits], styles, lambda crops: _embed(engine, crops),
        owners=owners if together else None, progress=progress,
    )  # fmt: skip
    return made, refused


def write_png(target: Path, pixels: RGB) -> None:
    """A lossless picture, written whole or not at all."""
    from PIL import Image

    with atomic_writer(target) as handle:
        Image.fromarray(pixels).save(handle, "PNG")


def _embed(engine: Engine, crops: Sequence[RGB]) -> npt.NDArray[np.float32]:
    encoder = engine.encoder("arcface")
    vectors = np.full((len(crops), encoder.dim), np.nan, np.float32)
    findings = [engine.finder.find(crop, "auto") for crop in crops]
    seen = [number for number, finding in enumerate(findings) if finding.faces]
    if seen:
        faces = [engine.face_picture(crops[number], findings[number].faces[0]) for number in seen]
        vectors[seen] = encoder.encode_gallery(faces)
    return vectors


def _main_face(pixels: RGB, engine: Engine, photo: Path) -> Face:
    finding = engine.finder.find(pixels, "photo")
    if not finding.faces:
        step = finding.next_step or "Use a picture that shows a face."
        raise InputError(str(photo), finding.reason or "no face was found.", step)
    return finding.faces[0]


def _main_portrait(photo: Path, engine: Engine) -> _Portrait:
    from toonify import portrait_crop

    pixels = read(photo).pixels
    face = _main_face(pixels, engine, photo)
    return _Portrait(photo, pixels, face, portrait_crop(pixels, face.points, PORTRAIT_PX).image)


def _portrait_of(pixels: RGB, engine: Engine, stylizer: Stylizer, photo: Path) -> RGB:
    from toonify import portrait_crop

    face = _main_face(pixels, engine, photo)
    return stylizer.stylize([portrait_crop(pixels, face.points, PORTRAIT_PX).image])[0]


def _whole(pixels: RGB, engine: Engine, stylizer: Stylizer, photo: Path) -> RGB:
    from toonify import stylize_pictures

    (made,) = stylize_pictures(
        [pixels], lambda picture: [face.points for face in engine.finder.find(picture, "auto").faces], stylizer
    )
    if made.reason:
        raise InputError(str(photo), made.reason, "Use a picture that shows a face.")
    return made.picture


def _file_name(style: str) -> str:
    return style.replace(":", "-").replace("/", "-")
