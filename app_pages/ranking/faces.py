"""Which face counts on each picture: framed on it, picked with one click, corrected by dragging."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from app_pages import address, asked
from app_pages.asked import Question, Shown
from app_pages.components import face_picker
from app_pages.components.face_picker import Box, Points
from app_pages.state import plain, t
from casting.castings import ChosenFace

if TYPE_CHECKING:
    from casting.types import Finding

SCREEN_PX = 900
Size = tuple[int, int]
SAME_PX = 0.51
"""Two faces whose coordinates differ by less are the same one, rounded."""
MIDDLE: tuple[Box, Points] = (
    (0.35, 0.3, 0.65, 0.7),
    ((0.43, 0.45), (0.57, 0.45), (0.5, 0.54), (0.44, 0.62), (0.56, 0.62)),
)
"""A face in the middle of the picture, in shares of its size: where to begin when none was found."""


def choose_faces(question: Question) -> Question | None:
    """Show the pictures, one large; the question with the faces chosen, or None where no picture has one."""
    chosen = _of_address(question)
    place = _which(question)
    shown = question.shown[place]
    with st.spinner(t("working.faces"), show_time=True):
        finding = asked.finding(shown)
    now = _face(shown, finding, chosen[place])
    if now is not None:
        chosen[place] = now
    _to_address(question, chosen)
    kept = [at for at, face in enumerate(chosen) if _usable(question.shown[at], face)]
    for at in sorted(set(range(len(chosen))) - set(kept) - {place}):
        st.caption(t("faces.left_out", picture=plain(question.shown[at].label)))
    if not kept:
        return None
    if len(kept) > 1:
        st.caption(t("faces.averaged", count=len(kept)))
    return replace(
        question, shown=tuple(question.shown[at] for at in kept), faces=tuple(chosen[at] for at in kept)
    )  # fmt: skip


def _which(question: Question) -> int:
    """The picture that is shown large."""
    count = len(question.shown)
    if count == 1:
        return 0
    key = f"picture {question.shown[0].key[:12]}"
    place = st.pills(
        t("pictures.which"), range(count), default=0, required=True, key=key,
        format_func=lambda at: f"{at + 1}", label_visibility="collapsed",
    )  # fmt: skip
    return int(place or 0)


def _face(shown: Shown, finding: Finding, chosen: ChosenFace) -> ChosenFace | None:
    """The face chosen on the picture that is shown; None where there is none yet."""
    height, width = asked.picture(shown).shape[:2]
    size = (width, height)
    key = shown.key[:12]
    found = finding.faces
    if not found:
        st.error(t("faces.none"), icon=":material/face_retouching_off:")
        st.info(t("faces.none.next"), icon=":material/lightbulb:")
    current = _number_of(finding, chosen)
    by_hand = bool(st.session_state.setdefault(f"by hand {key}", current is None and chosen.box is not None))
    if found and not by_hand:
        current = min(int(st.session_state.get(f"face {key}", current or 0)), len(found) - 1)
    frames = [(_shares(face.box, size), _point_shares(face.points.tolist(), size)) for face in found]
    own = _own(chosen, size) or (frames[current or 0] if frames else MIDDLE)
    clicked, mark = face_picker(
        asked.small(shown, SCREEN_PX), frames, -1 if current is None else current, own if by_hand else None,
        key=f"picker {key} {by_hand}", words=_words(),
    )  # fmt: skip
    if clicked is not None and clicked != current:
        st.session_state[f"face {key}"] = clicked
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        picked = _numbers(key, len(found), current or 0)
        st.toggle(t("faces.by_hand"), key=f"by hand {key}", help=t("faces.by_hand.help"))
    if by_hand:
        return _in_pixels(mark.box, mark.points, size) if mark else _in_pixels(*own, size)
    return ChosenFace.of(found[picked]) if found else None


def _numbers(key: str, count: int, current: int) -> int:
    """Numbers for the keyboard, in step with clicks on the picture."""
    if count < 2:
        st.caption(t("faces.one") if count else "")
        return 0
    name = f"face {key}"
    st.session_state.setdefault(name, current)
    picked = st.pills(
        t("faces.found", count=count), range(count), required=True, key=name, format_func=lambda at: str(at + 1)
    )
    return int(picked or 0)


def _number_of(finding: Finding, chosen: ChosenFace) -> int | None:
    """Which of the faces found is the chosen one; None for one that was marked by hand."""
    if chosen.box is None and chosen.points is None:
        return min(chosen.number, max(0, len(finding.faces) - 1))
    for number, face in enumerate(finding.faces):
        if _apart(face.box, chosen.box) < SAME_PX and _apart(face.points.ravel().tolist(), _flat(chosen)) < SAME_PX:
            return number
    return None


def _apart(one: Sequence[float], other: Sequence[float] | None) -> float:
    """The largest distance of two lists of coordinates, in pixels."""
    return max((abs(a - b) for a, b in zip(one, other, strict=True)), default=0.0) if other else 0.0


def _flat(chosen: ChosenFace) -> list[float]:
    return [value for point in chosen.points or () for value in point]


def _usable(shown: Shown, face: ChosenFace) -> bool:
    return face.box is not None or face.points is not None or bool(asked.finding(shown).faces)


def _words() -> dict[str, object]:
    return {
        "picture": t("upload.label"),
        "face": t("faces.face"),
        "adjust": t("faces.by_hand"),
        "corner": t("faces.corner"),
        "points": [t(f"point.{number}") for number in range(5)],
    }


def _shares(box: Box, size: Size) -> Box:
    width, height = size
    return box[0] / width, box[1] / height, box[2] / width, box[3] / height


def _point_shares(points: list[list[float]] | Points, size: Size) -> Points:
    return tuple((x / size[0], y / size[1]) for x, y in points)


def _own(chosen: ChosenFace, size: Size) -> tuple[Box, Points] | None:
    if chosen.box is None or chosen.points is None:
        return None
    return _shares(chosen.box, size), _point_shares(chosen.points, size)


def _in_pixels(box: Box, points: Points, size: Size) -> ChosenFace:
    width, height = size
    x1, y1, x2, y2 = box
    marked = tuple((round(x * width, 1), round(y * height, 1)) for x, y in points)
    return ChosenFace(
        (round(x1 * width, 1), round(y1 * height, 1), round(x2 * width, 1), round(y2 * height, 1)), marked
    )


def _of_address(question: Question) -> list[ChosenFace]:
    """Faces as the address says: a number from 1, or the ten coordinates of five points, one entry a picture."""
    entries = address.get("faces").split(",") if address.get("faces") else []
    chosen = list(question.faces)
    for place, entry in enumerate(entries[: len(chosen)]):
        if entry.isascii() and entry.isdigit():
            chosen[place] = ChosenFace(number=max(0, int(entry[:3]) - 1))
        elif (marked := _parsed(entry)) is not None:
            chosen[place] = marked
    return chosen


def _parsed(entry: str) -> ChosenFace | None:
    try:
        values = [float(part) for part in entry.split("_")]
    except ValueError:
        return None
    if len(values) != 14 or not all(abs(value) < 1e6 for value in values):
        return None
    points = tuple(zip(values[4::2], values[5::2], strict=True))
    return ChosenFace((values[0], values[1], values[2], values[3]), points)


def _to_address(question: Question, chosen: list[ChosenFace]) -> None:
    """Say in the address which faces were chosen, where they are others than those that are kept."""
    entries = []
    for shown, kept, face in zip(question.shown, question.faces, chosen, strict=True):
        number = _number_of(asked.finding(shown), face)
        if number is not None and number == _number_of(asked.finding(shown), kept):
            entries.append("")
        elif number is not None:
            entries.append(str(number + 1))
        else:
            values = [*(face.box or ()), *(value for point in face.points or () for value in point)]
            entries.append("_".join(f"{value:g}" for value in values) if face != kept else "")
    address.put("faces", ",".join(entries).rstrip(","))
