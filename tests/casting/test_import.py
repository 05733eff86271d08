"""What a cast looks like after it came in: facts, formats, orientation, content, repetition."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import select

from casting import Engine, Library, import_cast
from casting.catalog import Actor, Photo, Run
from castoon.images import decode

Maker = Callable[..., bytes]


def actors(library: Library) -> dict[str, Actor]:
    with library.database.session() as session:
        return {actor.name: actor for actor in session.scalars(select(Actor))}


def photos(library: Library) -> list[Photo]:
    with library.database.session() as session:
        return list(session.scalars(select(Photo).order_by(Photo.id)))


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
def test_every_format_comes_in_whatever_its_name(
    image_format: str, tmp_path: Path, library: Library, engine: Engine, draw: Maker
) -> None:
    (tmp_path / "cast" / "kim").mkdir(parents=True)
    (tmp_path / "cast" / "kim" / "renamed.dat").write_bytes(draw(1, image_format=image_format))
    assert import_cast(library, tmp_path / "cast", engine.finder).photos == 1
    (photo,) = photos(library)
    assert photo.format == image_format
    assert (library.folder / photo.file).is_file()


def test_orientation_is_honoured() -> None:
    upright = np.zeros((40, 20, 3), np.uint8)
    upright[:10] = 255
    image = Image.fromarray(np.rot90(upright))
    exif = Image.Exif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    image.save(buffer, "PNG", exif=exif)
    assert np.array_equal(decode(buffer.getvalue()).pixels, upright)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "CMYK", "1", "I;16"])
def test_every_colour_mode_becomes_rgb(mode: str) -> None:
    grey = Image.fromarray(np.tile(np.arange(0, 256, 4, dtype=np.uint8), (64, 1)))
    image = Image.fromarray(np.asarray(grey, np.uint16) * 257) if mode == "I;16" else grey.convert("RGB").convert(mode)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG" if mode == "CMYK" else "PNG")
    pixels = decode(buffer.getvalue()).pixels
    assert pixels.shape == (64, 64, 3)
    assert pixels.dtype == np.uint8
    assert pixels[:, 0].mean() < 60
    assert pixels[:, -1].mean() > 190


def test_a_table_brings_facts_and_later_rows_complete_them(
    tmp_path: Path, library: Library, engine: Engine, draw: Maker
) -> None:
    for take in range(2):
        (tmp_path / f"{take}.png").write_bytes(draw(1, take))
    table = (
        "name,photo,aliases,gender,birth_year,agency,height_cm,availability,tags,source,licence,consent\n"
        '김하늘,0.png,Kim H.;HN,Female,,"A, B",168.5,2027 spring,action;Action|drama,studio,CC BY 4.0,yes\n'
        "김하늘,1.png,,female,1992,,,,,fan,,\n"
    )
    (tmp_path / "cast.csv").write_bytes(table.encode("cp949"))
    report = import_cast(library, tmp_path / "cast.csv", engine.finder)
    assert (report.photos, report.actors, report.refused) == (2, 1, [])
    actor = actors(library)["김하늘"]
    assert (actor.gender, actor.birth_year, actor.agency, actor.height_cm) == ("female", 1992, "A, B", 168.5)
    assert actor.aliases == ["Kim H.", "HN"]
    assert actor.tags == ["action", "Action", "drama"]
    assert [(photo.source, photo.licence) for photo in photos(library)] == [("studio", "CC BY 4.0"), ("fan", None)]


def test_the_same_picture_is_taken_once_by_content(
    tmp_path: Path, library: Library, engine: Engine, draw: Maker
) -> None:
    home = tmp_path / "cast" / "kim"
    home.mkdir(parents=True)
    content = draw(1)
    (home / "a.png").write_bytes(content)
    (home / "b.png").write_bytes(content)
    buffer = io.BytesIO()
    Image.open(io.BytesIO(content)).save(buffer, "PNG", compress_level=1, dpi=(300, 300))
    (home / "c.png").write_bytes(buffer.getvalue())
    report = import_cast(library, tmp_path / "cast", engine.finder)
    assert (report.photos, report.present, report.refused) == (1, 2, [])


def test_a_second_import_adds_only_what_is_new(
    library: Library, engine: Engine, cast_folder: Path, draw: Maker
) -> None:
    assert import_cast(library, cast_folder, engine.finder).photos == 18
    (cast_folder / "actor 0" / "new.png").write_bytes(draw(0, 99))
    report = import_cast(library, cast_folder, engine.finder)
    assert (report.photos, report.present, report.actors) == (1, 18, 0)
    with library.database.session() as session:
        assert [run.state for run in session.scalars(select(Run))] == ["done", "done"]


@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize("table", [False, True])
def test_a_zip_is_read_like_the_folder_it_holds(
    wrapped: bool, table: bool, tmp_path: Path, library: Library, engine: Engine, draw: Maker
) -> None:
    top = "my cast/" if wrapped else ""
    with zipfile.ZipFile(tmp_path / "cast.zip", "w") as archive:
        archive.writestr(f"{top}kim/1.png", draw(1))
        archive.writestr(f"{top}lee/1.png", draw(2))
        archive.writestr("__MACOSX/kim/._1.png", b"resource fork")
        if table:
            archive.writestr(f"{top}cast.csv", "name,photo\nKim,kim/1.png\nLee,lee/1.png\n")
    report = import_cast(library, tmp_path / "cast.zip", engine.finder)
    assert (report.photos, report.refused) == (2, [])
    assert set(actors(library)) == ({"Kim", "Lee"} if table else {"kim", "lee"})


def test_names_of_a_korean_archiver_are_read(tmp_path: Path, library: Library, engine: Engine, draw: Maker) -> None:
    stand_in = b"ABCD/1.png"
    korean = "배우".encode("cp949") + b"/1.png"
    with zipfile.ZipFile(tmp_path / "cast.zip", "w") as archive:
        archive.writestr(stand_in.decode(), draw(1))
    (tmp_path / "cast.zip").write_bytes((tmp_path / "cast.zip").read_bytes().replace(stand_in, korean))
    import_cast(library, tmp_path / "cast.zip", engine.finder)
    assert set(actors(library)) == {"배우"}


def test_facts_that_contradict_the_library_are_refused(
    tmp_path: Path, library: Library, engine: Engine, draw: Maker
) -> None:
    (tmp_path / "1.png").write_bytes(draw(1))
    (tmp_path / "2.png").write_bytes(draw(1, 2))
    (tmp_path / "cast.csv").write_text("name,photo,birth_year\nKim,1.png,1990\n")
    import_cast(library, tmp_path / "cast.csv", engine.finder)
    (tmp_path / "cast.csv").write_text("name,photo,birth_year,agency\nKim,2.png,1991,A\n")
    report = import_cast(library, tmp_path / "cast.csv", engine.finder)
    assert report.photos == 0
    assert "birth_year" in report.refused[0].reason
    assert actors(library)["Kim"].agency is None
