"""Every notebook runs from top to bottom: on the demo cast, and on the research pictures where they are."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from casting import Engine, Library, import_cast, rebuild

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
ACTORS, PHOTOS, DRAWINGS = 20, 2, 3


def run(path: Path) -> list[dict]:  # type: ignore[type-arg]
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook, timeout=240, kernel_name="python3", resources={"metadata": {"path": str(FOLDER)}}
    ).execute()
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One library for all notebooks; the first of them makes it."""
    return tmp_path_factory.mktemp("notebooks") / "demo"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path: Path, demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASTOON_LIBRARY", str(demo))
    monkeypatch.setenv("CASTOON_PACK", "fake")
    assert any("text/html" in output.get("data", {}) for output in run(path))


@pytest.fixture(scope="session")
def drawn(shared_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A small library of real photos, and a folder of artists' drawings of the same people."""
    home = tmp_path_factory.mktemp("drawn")
    actors = sorted((shared_dir / "drawn" / "photos").iterdir())[:ACTORS]
    for kind, count in (("photos", PHOTOS), ("drawings", DRAWINGS)):
        for actor in actors:
            (home / kind / actor.name).mkdir(parents=True)
            for picture in sorted((shared_dir / "drawn" / kind / actor.name).glob("*.jpg"))[:count]:
                shutil.copyfile(picture, home / kind / actor.name / picture.name)
    library = Library.create(home / "library", pack="lite")
    engine = Engine.of(library)
    import_cast(library, home / "photos", engine.finder)
    rebuild(library, engine)
    return home / "library", home / "drawings"


@pytest.mark.slow
@pytest.mark.parametrize("path", [path for path in NOTEBOOKS if not path.stem.startswith("00")], ids=lambda p: p.stem)
def test_a_notebook_runs_on_drawings_of_real_people(
    path: Path, drawn: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CASTOON_LIBRARY", str(drawn[0]))
    monkeypatch.setenv("CASTOON_TRUTH", str(drawn[1]))
    assert any("text/html" in output.get("data", {}) for output in run(path))
