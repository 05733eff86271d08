"""What the Evaluation page works on: known answers, and the report of the last evaluation in this session."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from app_pages import library_state, state, work_state
from casting import evaluate, pictures
from casting.progress import Progress
from casting.truth_uploads import TruthSet, truth_sets
from castoon.errors import CastoonError
from castoon.images import read

if TYPE_CHECKING:
    from casting.evaluation import EvaluationReport

WORK = "evaluation"
DRAWING_PX = 220


@st.cache_data(show_spinner=False, max_entries=4)
def _sets(folder: str, revision: int, turn: int) -> list[TruthSet]:
    del folder, revision, turn
    return truth_sets(state.library())


def sets() -> list[TruthSet]:
    """Known answers at hand."""
    opened = state.library()
    return _sets(str(opened.folder), opened.database.revision(), st.session_state.setdefault("truth round", 0))


def start(chosen: TruthSet, ablation: bool) -> None:
    """Evaluate beside the page."""
    library, models = state.library(), state.engine()

    def run(progress: Progress) -> tuple[TruthSet, EvaluationReport]:
        return chosen, evaluate(library, models, chosen.read(), progress, chosen.name, ablation=ablation)

    work_state.start(WORK, run)


def report() -> tuple[TruthSet, EvaluationReport] | None:
    """What the last evaluation found."""
    work = work_state.current(WORK)
    return work.result if work is not None and work.ended else None


@st.cache_data(show_spinner=False, max_entries=256)
def drawing(path: str) -> bytes | None:
    """A drawing for the screen; None where it cannot be read."""
    try:
        return pictures.jpeg(read(Path(path)).pixels, DRAWING_PX)
    except CastoonError:
        return None


def portrait_of(name: str) -> bytes | None:
    """An actor's portrait by name."""
    row = next((one for one in library_state.actors() if one.name == name), None)
    return library_state.picture(row.portrait, row.portrait_box, DRAWING_PX) if row else None
