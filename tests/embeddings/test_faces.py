"""Finding faces: views, agreement, windows, manual faces, quality - with detectors made for the test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from castoon.errors import InputError, NotReadyError
from embeddings import Face, Pack, finder, manual_face
from embeddings.agreement import agreed, without_parts
from embeddings.alignment import align, box_around, crop, points_in_box, similarity, template
from embeddings.contract import FaceFinder
from embeddings.detectors import NOTHING, Detections, overlaps, suppress
from embeddings.drawnness import is_drawn
from embeddings.fakes import FakeFinder
from embeddings.finder import CascadeFinder, Look, Rules, _rules
from embeddings.quality import cut_off, head_turn, judge
from embeddings.tiles import scan, windows
from embeddings.views import View

RGB = npt.NDArray[np.uint8]


def detections(*faces: tuple[float, float, float, float, float]) -> Detections:
    """From x1, y1, x2, y2, score."""
    if not faces:
        return NOTHING
    boxes = np.array([face[:4] for face in faces], np.float32)
    points = np.stack([points_in_box(tuple(map(float, box))) for box in boxes])  # type: ignore[arg-type]
    return Detections(boxes, points, np.array([face[4] for face in faces], np.float32))


@dataclass
class Red:
    """A detector that finds every pure red blob, with a score that a test may bend; remembers what it was shown."""

    name: str = "red"
    score: Callable[[RGB], float] = lambda _: 0.9
    shown: list[tuple[int, int]] = field(default_factory=list)
    contract: str = "red"

    def detect(self, image: RGB, threshold: float) -> Detections:
        import cv2

        self.shown.append((image.shape[1], image.shape[0]))
        others = image[..., 1:].max(axis=2).astype(int)
        red = (image[..., 0] - others > 120).astype(np.uint8)
        _, _, stats, _ = cv2.connectedComponentsWithStats(red)
        score = self.score(image)
        found = [(x, y, x + w, y + h, score) for x, y, w, h, _ in stats[1:].astype(float) if score >= threshold]
        return detections(*found)


def blank(height: int = 300, width: int = 200) -> RGB:
    return np.random.default_rng(0).integers(90, 140, (height, width, 3)).astype(np.uint8)


def blob(image: RGB, x1: int, y1: int, x2: int, y2: int) -> RGB:
    image[y1:y2, x1:x2] = (255, 0, 0)
    return image


# ---- geometry -------------------------------------------------------------------------------------------------


def test_similarity_recovers_turn_scale_and_shift() -> None:
    angle, scale = 0.4, 1.7
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    source = np.random.default_rng(0).standard_normal((5, 2)) * 30
    matrix = similarity(source, source @ turn.T + [5.0, -3.0])
    assert np.allclose(matrix, np.hstack([turn, [[5.0], [-3.0]]]))


def test_alignment_is_that_of_insightface() -> None:
    from insightface.utils import face_align

    rng = np.random.default_rng(1)
    image = rng.integers(0, 255, (240, 200, 3)).astype(np.uint8)
    for side in (112, 128, 224):
        for _ in range(20):
            points = (template(side) * rng.uniform(0.4, 2.2) + rng.normal(0, 6, (5, 2)) + 20).astype(np.float32)
            theirs = face_align.norm_crop(image, points, side)
            assert np.abs(align(image, points, side).astype(int) - theirs).max() <= 1


def _waves(height: int, width: int, scale: float = 1.0) -> RGB:
    """A smooth picture with the middle of each pixel at a half, seen at a scale."""
    y, x = (np.arange(extent) + 0.5 for extent in (height, width))
    tones = [np.sin(x[None] / scale / a + y[:, None] / scale / b) for a, b in ((9, 17), (-14, 11), (21, -8))]
    return np.asarray(127.5 + 100 * np.stack(tones, axis=2), np.uint8)


@pytest.mark.parametrize("times", [2, 5])
def test_a_crop_of_a_larger_picture_is_the_same(times: int) -> None:
    """Places counted from the corner are multiplied, and nothing moves by half a pixel."""
    points = (template(112) * 1.1 + 30).astype(np.float32)
    small, large = (crop(_waves(220 * k, 200 * k, k), similarity(points * k, template(112)), 112) for k in (1, times))
    assert np.abs(small.astype(int) - large).mean() < 1.0


def test_a_mirrored_picture_gives_the_mirrored_crop() -> None:
    image = _waves(900, 800, 4.0)
    for scale in (1.2, 4.0):
        points = (template(112) * scale + 30).astype(np.float64)
        mirrored = np.stack([800 - points[:, 0], points[:, 1]], axis=1)
        target = template(112)
        there = np.stack([112 - target[:, 0], target[:, 1]], axis=1)
        plain = crop(image, similarity(points, target), 112)
        other = crop(np.ascontiguousarray(image[:, ::-1]), similarity(mirrored, there), 112)
        assert np.abs(other[:, ::-1].astype(int) - plain).max() <= 2


def test_grain_of_a_large_photo_does_not_reach_the_crop() -> None:
    from insightface.utils import face_align

    rng = np.random.default_rng(3)
    image = np.clip(rng.normal(128, 40, (1200, 1200, 3)), 0, 255).astype(np.uint8)
    points = (template(112) * 9 + 60).astype(np.float32)
    assert align(image, points).std() < 10
    assert face_align.norm_crop(image, points, 112).std() > 20


def test_points_placed_in_a_box_give_that_box_back() -> None:
    box = (10.0, 20.0, 90.0, 120.0)
    assert np.allclose(box_around(points_in_box(box)), box, atol=2)


# ---- views ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "view", [View(), View(border=0.5), View(mirrored=True), View(border=0.3, mirrored=True, contrast=True)], ids=str
)
def test_every_view_leads_back_to_the_picture(view: View) -> None:
    image = blob(blank(), 30, 100, 80, 170)
    seen = view.restore(Red().detect(view.apply(image), 0.1), image)
    assert np.allclose(seen.boxes[0], [30, 100, 80, 170], atol=1)
    assert seen.points[0, 0, 0] < seen.points[0, 1, 0], "the left eye stays left as seen in the picture"
    assert np.allclose(seen.points[0], points_in_box((30, 100, 80, 170)), atol=1)


# ---- agreement ------------------------------------------------------------------------------------------------


def test_lone_weak_sightings_go_and_agreement_stays() -> None:
    looks = [detections((0, 0, 50, 50, 0.3), (100, 100, 150, 150, 0.5)), detections((2, 1, 52, 51, 0.3)),
             detections((1, 0, 50, 52, 0.4))]  # fmt: skip
    faces = agreed(looks, 0.25)
    assert len(faces) == 1
    assert np.allclose(faces.boxes[0], [1, 0.3, 50.6, 51.1], atol=0.2)
    assert faces.scores[0] == pytest.approx(1.0 / 3)


def test_points_follow_the_trusted_look() -> None:
    looks = [detections((0, 0, 50, 50, 0.5)), detections((10, 0, 60, 50, 0.5))]
    assert agreed(looks, 0.1, [1.0, 1.0]).boxes[0, 0] == pytest.approx(5)
    assert agreed(looks, 0.1, [1.0, 0.1]).boxes[0, 0] == pytest.approx(10 / 11)


def test_one_look_cannot_agree_with_itself() -> None:
    faces = agreed([detections((0, 0, 50, 50, 0.6), (3, 0, 53, 50, 0.5)), NOTHING], 0.28)
    assert len(faces) == 1 and faces.scores[0] == pytest.approx(0.3)


def test_a_part_of_a_face_is_not_another_face() -> None:
    faces = without_parts(detections((0, 0, 100, 100, 0.9), (20, 20, 50, 50, 0.8), (90, 0, 190, 100, 0.7)))
    assert faces.scores.tolist() == pytest.approx([0.9, 0.7])


def test_suppression_keeps_the_best_of_each_heap() -> None:
    kept = suppress(detections((0, 0, 10, 10, 0.5), (1, 0, 11, 10, 0.9), (30, 30, 40, 40, 0.1)))
    assert kept.scores.tolist() == pytest.approx([0.9, 0.1])
    assert overlaps(kept.boxes[:1], kept.boxes[:1])[0, 0] == pytest.approx(1.0)


# ---- the cascade ----------------------------------------------------------------------------------------------


def only_with_border(image: RGB) -> float:
    return 0.9 if image.shape[0] > 400 else 0.1


def test_a_photo_takes_one_look_when_it_shows_a_face() -> None:
    red = Red()
    finding = CascadeFinder(red).find(blob(blank(), 30, 100, 80, 170), "photo")
    assert [face.kind for face in finding.faces] == ["photo"] and len(finding.tried) == len(red.shown) == 1


def test_a_face_that_fills_its_picture_is_found_with_a_border() -> None:
    red = Red(score=only_with_border)
    finding = CascadeFinder(red).find(blob(blank(), 5, 5, 195, 295), "drawn")
    assert len(finding.faces) == 1 and finding.faces[0].kind == "drawn"
    assert np.allclose(finding.faces[0].box, (5, 5, 195, 295), atol=1)
    assert finding.tried == ("red: border 0.5",)


def test_a_photo_without_a_face_goes_on_to_the_cascade() -> None:
    finding = CascadeFinder(Red(score=only_with_border)).find(blob(blank(), 5, 5, 195, 295), "photo")
    assert len(finding.faces) == 1 and finding.tried == ("red: as it is", "red: border 0.5")


def test_what_one_look_alone_saw_weakly_does_not_ride_on_a_sure_face() -> None:
    class Two(Red):
        def detect(self, image: RGB, threshold: float) -> Detections:
            seen = super().detect(image, threshold)
            return Detections(seen.boxes, seen.points, np.array([0.9, 0.4][: len(seen)], np.float32))

    image = blob(blob(blank(), 30, 40, 80, 100), 100, 200, 150, 260)
    assert [face.box[0] for face in CascadeFinder(Two()).find(image, "drawn").faces] == [30]


def test_what_lies_in_the_border_of_a_view_is_no_face() -> None:
    class Outside(Red):
        def detect(self, image: RGB, threshold: float) -> Detections:
            return detections((-100, -100, 60, 60, 0.9)) if image.shape[0] > 400 else NOTHING

    assert CascadeFinder(Outside()).find(blank(), "drawn").faces == ()


def test_a_face_larger_than_its_picture_counts_where_the_picture_shows_its_points() -> None:
    class Large(Red):
        def detect(self, image: RGB, threshold: float) -> Detections:
            return detections((20, 40, 480, 560, 0.9))

    look = Rules(looks=(Look("first", View(border=0.5)),))
    (face,) = CascadeFinder(Large(), rules=look).find(blank(300, 250), "drawn").faces
    assert cut_off(face.box, 250, 300) > finder.OUTSIDE


def test_a_pack_sets_the_scores_of_its_own_detector() -> None:
    pack = Pack("p", Path("nowhere"), settings={"detection": {"enough": 0.5, "sure": 0.8, "role": "x"}})
    assert _rules(pack) == replace(Rules(), enough=0.5, sure=0.8)
    assert _rules(Pack("p", Path("nowhere"))) == Rules()
    with pytest.raises(NotReadyError, match="detection"):
        _rules(Pack("p", Path("nowhere"), settings={"detection": {"sure": "much"}}))


def test_the_second_detector_is_asked_when_the_first_is_blind() -> None:
    finder = CascadeFinder(Red(score=lambda _: 0.0), Red("second"))
    finding = finder.find(blob(blank(), 30, 100, 80, 170), "drawn")
    assert len(finding.faces) == 1 and finding.tried[1] == "second: border 0.25"
    assert finding.faces[0].score >= Rules().enough


def test_a_lone_weak_sighting_is_no_face() -> None:
    image = blob(blank(), 30, 100, 80, 170)
    for enough, count in ((0.12, 1), (Rules().enough, 0)):
        scores = iter([0.5, 0.0, 0.0, 0.0])
        weak = Red(score=lambda _, left=scores: next(left))  # type: ignore[misc]
        assert len(CascadeFinder(weak, rules=Rules(enough=enough)).find(image, "drawn").faces) == count


@pytest.mark.parametrize(
    ("image", "word"),
    [(np.full((200, 200, 3), 77, np.uint8), "one colour"), (blank(30, 30), "tiny"), (blank(), "neither")],
)
def test_nothing_found_is_an_answer_with_a_reason(image: RGB, word: str) -> None:
    finding = CascadeFinder(Red()).find(image, "drawn")
    assert finding.faces == () and word in finding.reason and finding.next_step and len(finding.tried) >= 4


def test_largest_and_most_central_first() -> None:
    image = blob(blob(blob(blank(400, 600), 0, 0, 80, 100), 260, 150, 340, 250), 500, 300, 520, 330)
    boxes = [face.box[0] for face in CascadeFinder(Red()).find(image, "photo").faces]
    assert boxes == [260, 0, 500]


@pytest.mark.parametrize("image", [np.zeros((4, 4, 3), np.uint8), np.zeros((50, 50), np.uint8), np.zeros((50, 50, 3))])
def test_what_is_no_rgb_picture_is_refused(image: RGB) -> None:
    with pytest.raises(InputError):
        CascadeFinder(Red()).find(image)


def test_the_contract_follows_detectors_and_rules() -> None:
    base = CascadeFinder(Red())
    assert base.contract == CascadeFinder(Red()).contract
    others = [CascadeFinder(Red(), Red()), CascadeFinder(Red(contract="x")),
              CascadeFinder(Red(), rules=replace(Rules(), enough=0.3)),
              CascadeFinder(Red(), rules=Rules(looks=(Look("first", View(0.4)),)))]  # fmt: skip
    assert len({base.contract, *(one.contract for one in others)}) == 5


@pytest.mark.parametrize("name", ["OUTSIDE", "REDUCED", "LIMITS"])
def test_the_contract_follows_the_limits(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = CascadeFinder(Red()).contract
    monkeypatch.setattr(finder, name, (0.9,) if name == "LIMITS" else 9)
    assert CascadeFinder(Red()).contract != before


@pytest.mark.parametrize("finder", [FakeFinder(), CascadeFinder(Red())], ids=["fake", "cascade"])
def test_finders_keep_the_protocol(finder: FaceFinder) -> None:
    assert isinstance(finder, FaceFinder)
    found = finder.find(blob(blank(), 30, 100, 80, 170))
    assert found.faces[0].points.shape == (5, 2) and found.faces[0].quality is not None
    assert finder.find(np.full((100, 100, 3), 9, np.uint8)).faces == ()


# ---- windows --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "height"), [(800, 20000), (1600, 1200), (2000, 2000), (1000, 990), (5000, 300)])
def test_any_face_is_whole_in_some_window(width: int, height: int) -> None:
    places = [*windows(width, height), (0, 0, width, height)]
    rng = np.random.default_rng(0)
    for _ in range(300):
        side = float(rng.uniform(24, min(width, height)))
        tall = min(1.3 * side, height)
        x, y = rng.uniform(0, width - side), rng.uniform(0, height - tall)
        whole = [w for w in places if w[0] <= x and w[1] <= y and w[2] >= x + side and w[3] >= y + tall]
        best = min(max(w[2] - w[0], w[3] - w[1]) / tall for w in whole)
        assert best < 960 / 24 and (side < 480 or best < 9), (side, x, y)


def test_windows_cover_every_pixel_within_the_picture() -> None:
    covered = np.zeros((2100, 1300), np.int32)
    for x1, y1, x2, y2 in windows(1300, 2100):
        assert 0 <= x1 < x2 <= 1300 and 0 <= y1 < y2 <= 2100
        covered[y1:y2, x1:x2] += 1
    assert covered.min() >= 1


def test_a_tall_strip_is_scanned_and_nothing_is_seen_twice() -> None:
    image = np.full((5000, 700, 3), 120, np.uint8)
    tops = [10, 430, 900, 1500, 2222, 2700, 3333, 3900, 4280, 4700]
    for number, top in enumerate(tops):
        blob(image, 40 + 50 * number, top, 100 + 55 * number, top + 70 + 15 * number)
    found = scan(image, Red(), 0.5)
    assert sorted(found.boxes[:, 1].tolist()) == tops
    red = Red()
    finding = CascadeFinder(red).find(image, "photo")
    assert sorted(face.box[1] for face in finding.faces) == tops
    assert max(width * height for width, height in red.shown[1:]) < image.shape[0] * image.shape[1]


# ---- manual faces and quality -----------------------------------------------------------------------------------


def test_a_box_a_set_of_points_or_nothing_by_hand() -> None:
    image = blank()
    by_box = manual_face(image, (20, 30, 120, 150))
    assert by_box.kind == "manual" and by_box.score == 1.0 and by_box.box == (20, 30, 120, 150)
    by_points = manual_face(image, points=by_box.points)
    assert np.array_equal(by_points.points, by_box.points)
    assert overlaps(np.array([by_points.box]), np.array([by_box.box]))[0, 0] > 0.6  # type: ignore[arg-type]
    assert manual_face(image).box == (0, 0, 200, 300)
    assert manual_face(image, by_box.box, by_points.points.tolist()).key == by_box.key


@pytest.mark.parametrize(
    ("box", "points"),
    [((10, 10, 10, 50), None), ((50, 50, 10, 10), None), ((300, 10, 400, 50), None), ((0, 0, float("nan"), 9), None),
     (None, [[1, 2]]), (None, [[5, 5]] * 5), (None, [[1, float("inf")]] * 5)],
)  # fmt: skip
def test_impossible_marks_are_refused_with_a_way_on(box: object, points: object) -> None:
    with pytest.raises(InputError) as caught:
        manual_face(blank(), box, points)  # type: ignore[arg-type]
    assert "mouth corners" in caught.value.next_step


def frontal(image: RGB) -> Face:
    return manual_face(image, (50, 80, 150, 200))


def test_quality_flags_say_what_is_wrong() -> None:
    import cv2

    image = np.random.default_rng(0).integers(0, 255, (300, 200, 3)).astype(np.uint8)
    image = cv2.GaussianBlur(image, (0, 0), 1.0)
    good = frontal(image).quality
    assert good is not None and good.flags == () and abs(good.yaw) < 1 and abs(good.roll) < 1 and good.size_px == 100
    cases = {
        "blurred": frontal(cv2.GaussianBlur(image, (0, 0), 6)),
        "dark": frontal((image * 0.1).astype(np.uint8)),
        "bright": frontal((255 - (255 - image) * 0.1).astype(np.uint8)),
        "small": manual_face(image, (50, 50, 90, 95)),
        "cut_off": manual_face(image, (-60, 80, 40, 200)),
    }
    for flag, face in cases.items():
        assert face.quality is not None and flag in face.quality.flags, flag
    assert "cut_off" not in (good.flags)


def test_pose_follows_the_points() -> None:
    points = points_in_box((0, 0, 100, 100))
    turned = points.copy()
    turned[2, 0] += 22
    assert head_turn(points) == pytest.approx(0, abs=1) and head_turn(turned) > 35
    mirrored = turned.copy()
    mirrored[:, 0] = 100 - mirrored[:, 0]
    assert head_turn(mirrored[[1, 0, 2, 4, 3]]) == pytest.approx(-head_turn(turned))
    angle = np.deg2rad(40)
    tilted = (points - 50) @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) + 50
    quality = judge(blank(), (0, 0, 100, 100), tilted.astype(np.float32))
    assert quality.roll == pytest.approx(40, abs=0.5) and "tilted" in quality.flags and abs(quality.yaw) < 2


def test_cut_off_is_the_share_outside() -> None:
    assert cut_off((10, 10, 90, 90), 100, 100) == 0
    assert cut_off((-50, 0, 50, 100), 200, 200) == pytest.approx(0.5 + 0.0 + 0.5 * 0.05 / 1.1, abs=0.05)
    assert cut_off((300, 300, 400, 400), 200, 200) == 1


def test_ink_and_flat_fills_are_told_from_texture(draw_face: Callable[..., object]) -> None:
    import cv2

    drawn = np.full((420, 340, 3), (200, 215, 230), np.uint8)
    draw_face(drawn, 40, 30, 260, 3)
    photo = np.random.default_rng(0).normal(0, 1, (420, 340, 3)) * 30 + 128
    photo = cv2.GaussianBlur(np.clip(photo, 0, 255).astype(np.uint8), (0, 0), 2.0)
    assert is_drawn(drawn) and not is_drawn(photo)
