"""Finding faces in photos, drawings, panels and tall strips: a cascade of looks that stops when it is sure.

A photo is looked at as it is, by `insightface.app.FaceAnalysis`. Where that sees nothing, and for drawings from the
start, further looks follow - a border, a second detector, mirrored, more contrast - and what they saw is merged by
agreement. Large panels and tall strips are scanned in windows as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from castoon.errors import InputError, NotReadyError
from castoon.files import short_hash
from castoon.words import Words
from embeddings.agreement import LIMITS, agreed, without_parts
from embeddings.contract import RGB, Face, FaceFinder, FaceKind, FindHint, Finding
from embeddings.detectors import NOTHING, Detections, Detector, InsightfaceDetector, YunetDetector
from embeddings.drawnness import is_drawn
from embeddings.fakes import FakeFinder
from embeddings.pack import Pack
from embeddings.quality import MARGIN, cut_off, judge
from embeddings.second_look import SecondLook
from embeddings.tiles import SMALLEST, TOUCH, scan
from embeddings.views import View

REDUCED = 1280
"""Longer side in pixels to which a picture is reduced before looks at the whole of it; detectors reduce it further."""

OUTSIDE = 0.45
"""Share of a face's box beyond the picture's border from which its points must be within, or nobody could use it.

A picture cut tightly around a face is smaller than the face's box, and shows all that a network reads.
"""


@dataclass(frozen=True)
class Look:
    """One step of the cascade: which detector looks, and how."""

    detector: Literal["first", "second"]
    view: View


@dataclass(frozen=True)
class Rules:
    """What the cascade does and when it believes what it sees; part of the finder's contract.

    Chosen for SCRFD on a sample of research drawings against the same drawings shuffled in tiles, where no face is:
    what is measured on that set is not held out. A pack whose detector scores on another scale says so in its table
    `[detection]`.
    """

    photo: float = 0.5
    """Score from which a photo's faces are taken as they are."""
    seen: float = 0.15
    """Score from which a detection is evidence at all."""
    sure: float = 0.6
    """Confidence of the best face at which no further look is taken."""
    enough: float = 0.2
    """Confidence (mean score over all looks) from which a face counts once there were many looks; see `needed`."""
    second_trust: float = 0.1
    """Weight of the second detector's points beside the first one's; alone they rank actors 5 points lower."""
    tiled_from: int = 1100
    """Longer side in pixels from which drawings are scanned in windows too."""
    tall: float = 2.5
    """Ratio of sides from which any picture is a strip: it is scanned in windows only."""
    looks: tuple[Look, ...] = (
        Look("first", View(border=0.5)),
        Look("second", View(border=0.25)),
        Look("first", View(border=0.5, mirrored=True)),
        Look("second", View(border=0.25, mirrored=True)),
        Look("first", View(border=1.0)),
        Look("first", View(border=0.5, contrast=True)),
        Look("second", View()),
    )

    def needed(self, looks: int) -> float:
        """Confidence that a face needs after so many looks: the fewer have seen it, the more."""
        return max(self.enough, self.photo / max(1, looks))


def load_finder(pack: Pack, threads: int = 1, providers: Sequence[str] | None = None) -> FaceFinder:
    """The finder of a pack, for photos and drawings alike."""
    if pack.fake:
        return FakeFinder()
    second, points = pack.file("detection2"), pack.file("points")
    first: Detector = InsightfaceDetector(pack.folder, threads, providers)
    return CascadeFinder(
        first if points is None else SecondLook(first, points, threads, providers),
        None if second is None else YunetDetector(second, threads, providers),
        _rules(pack),
    )


def _rules(pack: Pack) -> Rules:
    """The rules, with the scores that the pack's table `[detection]` sets for its own detector."""
    table = pack.settings.get("detection", {})
    usual = Rules()
    try:
        return replace(
            usual,
            photo=float(table.get("photo", usual.photo)),
            seen=float(table.get("seen", usual.seen)),
            sure=float(table.get("sure", usual.sure)),
            enough=float(table.get("enough", usual.enough)),
        )
    except (TypeError, ValueError) as error:
        raise NotReadyError(
            Words("pack.toml of {pack}", pack=pack.name),
            Words("[detection] cannot be read ({why}).", why=error),
            "Mend it, or pull the pack again.",
        ) from error


class CascadeFinder:
    """Looks again and again, each time differently, until it is sure; merges by agreement."""

    def __init__(self, first: Detector, second: Detector | None = None, rules: Rules | None = None) -> None:
        self._detectors = {"first": first} if second is None else {"first": first, "second": second}
        self._rules = rules or Rules()

    @property
    def detectors(self) -> Mapping[str, Detector]:
        """`first`, and `second` where there is one."""
        return self._detectors

    @property
    def rules(self) -> Rules:
        """What it does and when it believes what it sees."""
        return self._rules

    @property
    def contract(self) -> str:
        """Hash over detectors, rules and limits: other contract, other faces."""
        parts = [f"{place}:{detector.contract}" for place, detector in self._detectors.items()]
        limits = (REDUCED, OUTSIDE, SMALLEST, TOUCH, MARGIN, *LIMITS)
        return short_hash("cascade 3", repr(self._rules), repr(limits), *parts)

    def find(self, image: RGB, hint: FindHint = "auto") -> Finding:
        """All faces, largest and most central first; or why there is none and what to do."""
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or min(image.shape[:2]) < 8:
            raise InputError(
                Words("picture"),
                Words("it is no RGB picture of at least 8 pixels ({shape}).", shape=image.shape),
                "Read it again.",
            )
        kind: FaceKind = hint if hint != "auto" else ("drawn" if is_drawn(image) else "photo")
        tried: list[str] = []
        seen = NOTHING
        if not self._is_strip(image):
            seen = self._as_it_is(image, tried) if hint != "drawn" else NOTHING
            if not len(seen) or kind == "drawn":
                seen = self._cascade(image, seen, tried)
        if self._is_strip(image) or (kind == "drawn" and max(image.shape[:2]) >= self._rules.tiled_from):
            seen = self._with_windows(image, seen, tried)
        seen = _mostly_within(seen, image)
        if not len(seen):
            return Finding((), *_why_nothing(image), tuple(tried))
        return Finding(_faces(image, seen, kind), tried=tuple(tried))

    def _as_it_is(self, image: RGB, tried: list[str]) -> Detections:
        detector = self._detectors["first"]
        tried.append(f"{detector.name}: {View()}")
        return without_parts(detector.detect(image, self._rules.photo))

    def _cascade(self, image: RGB, before: Detections, tried: list[str]) -> Detections:
        looks: list[Detections] = [before] if len(before) else []
        small, scale = _reduced(image)
        trust = [1.0] * len(looks)
        rules = self._rules
        for look in rules.looks:
            detector = self._detectors.get(look.detector)
            if detector is None:
                continue
            tried.append(f"{detector.name}: {look.view}")
            seen = look.view.restore(detector.detect(look.view.apply(small), rules.seen), small)
            looks.append(Detections(seen.boxes * scale, seen.points * scale, seen.scores))
            trust.append(1.0 if look.detector == "first" else rules.second_trust)
            best = agreed(looks, rules.needed(len(looks)), trust)
            if len(best) and float(best.scores[0]) >= rules.sure:
                return best
        return agreed(looks, rules.needed(len(looks)), trust) if looks else NOTHING

    def _is_strip(self, image: RGB) -> bool:
        long, short = max(image.shape[:2]), min(image.shape[:2])
        return bool(long > SMALLEST and long >= self._rules.tall * short)

    def _with_windows(self, image: RGB, seen: Detections, tried: list[str]) -> Detections:
        found = [seen]
        for detector in self._detectors.values():
            tried.append(f"{detector.name}: in windows")
            found.append(scan(image, detector, self._rules.photo))
        return without_parts(
            Detections(
                np.concatenate([one.boxes for one in found]),
                np.concatenate([one.points for one in found]),
                np.concatenate([one.scores for one in found]),
            )
        )


def _reduced(image: RGB) -> tuple[RGB, np.float32]:
    """The picture at no more than twice the detector's resolution, and the factor that leads back."""
    import cv2

    longer = max(image.shape[:2])
    if longer <= REDUCED:
        return image, np.float32(1.0)
    size = (round(image.shape[1] * REDUCED / longer), round(image.shape[0] * REDUCED / longer))
    small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    return small, np.float32(longer / REDUCED)


def _mostly_within(seen: Detections, image: RGB) -> Detections:
    """Without those that lie beyond the picture, in a border that only a view had: see `OUTSIDE`."""
    if not len(seen):
        return seen
    height, width = image.shape[:2]
    beyond = np.array([cut_off((x1, y1, x2, y2), width, height) for x1, y1, x2, y2 in seen.boxes.tolist()])
    shown = ((seen.points >= 0) & (seen.points < (width, height))).all(axis=(1, 2))
    within = np.flatnonzero((beyond <= OUTSIDE) | shown)
    return Detections(seen.boxes[within], seen.points[within], seen.scores[within])


def _faces(image: RGB, seen: Detections, kind: FaceKind) -> tuple[Face, ...]:
    height, width = image.shape[:2]
    centre = np.array([width, height], np.float32) / 2
    reach = float(np.hypot(width, height)) / 2

    def rank(at: int) -> float:
        size = seen.boxes[at, 2:] - seen.boxes[at, :2]
        off = float(np.hypot(*((seen.boxes[at, :2] + seen.boxes[at, 2:]) / 2 - centre))) / reach
        return -float(size.prod()) * (1.0 - 0.7 * min(off, 1.0)) ** 2

    faces = []
    for at in sorted(range(len(seen)), key=rank):
        x1, y1, x2, y2 = (float(v) for v in seen.boxes[at])
        quality = judge(image, (x1, y1, x2, y2), seen.points[at])
        faces.append(Face((x1, y1, x2, y2), seen.points[at], float(seen.scores[at]), kind, quality))
    return tuple(faces)


def _why_nothing(image: RGB) -> tuple[str, str]:
    """Reason and next step when no look saw a face."""
    height, width = image.shape[:2]
    if float(image.std()) < 4.0:
        return Words("the picture is almost of one colour; no face was found."), Words("Choose another picture.")
    if min(height, width) < 40:
        reason = Words("the picture is tiny ({width} x {height}); no face was found.", width=width, height=height)
        return reason, Words("Give a larger one, at least 80 pixels.")
    return (
        Words("no face was found, neither as a photo nor as a drawing."),
        Words("Draw a box around the face, or mark eyes, nose tip and mouth corners."),
    )
