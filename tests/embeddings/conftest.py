"""What the tests of this folder share: small ONNX models, a renderer of drawn faces, packs with weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from castoon.images import read
from embeddings import FacePicture, load_finder
from embeddings.pack import BUNDLED, Pack, open_pack
from tests.embeddings import bad_server

server, wanted = bad_server.server, bad_server.wanted

DRAWINGS = Path(__file__).parents[2] / "casting" / "demo" / "data" / "characters"
RGB = npt.NDArray[np.uint8]
Placed = tuple[float, float, float, float]


@pytest.fixture(scope="session")
def research_weights(shared_dir: Path) -> Path:
    """Folder of public weights."""
    return shared_dir / "weights"


@pytest.fixture(scope="session")
def small_pack(research_weights: Path) -> Pack:
    """SCRFD-500M and a MobileFaceNet, as insightface opens them."""
    return open_pack(research_weights / "insightface-small")


@pytest.fixture(scope="session")
def drawn() -> list[FacePicture]:
    """Faces of some characters of the demo."""
    finder = load_finder(open_pack("lite"))
    pictures = [read(file).pixels for file in sorted(DRAWINGS.glob("*.webp"))[::16]]
    found = [(pixels, finder.find(pixels, "drawn").faces) for pixels in pictures]
    return [FacePicture(pixels, faces[0]) for pixels, faces in found if faces]


@pytest.fixture(scope="session")
def detecting_pack(request: pytest.FixtureRequest) -> Pack:
    """Any pack with a real detector: the bundled one, or the research weights."""
    if (BUNDLED / "lite" / "pack.toml").is_file():
        return open_pack("lite")
    pack: Pack = request.getfixturevalue("small_pack")
    return pack


@pytest.fixture(scope="session")
def face_onnx(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Makes a tiny face recognition model: one strided convolution and one fully connected layer."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    def make(dim: int = 16, seed: int = 0, batch: int | str = "n", name: str = "") -> Path:
        rng = np.random.default_rng(seed)
        kernel = rng.standard_normal((4, 3, 8, 8)).astype(np.float32) * 0.1
        full = rng.standard_normal((4 * 14 * 14, dim)).astype(np.float32) * 0.05
        nodes = [
            helper.make_node("Conv", ["x", "k"], ["c"], strides=[8, 8]),
            helper.make_node("Relu", ["c"], ["r"]),
            helper.make_node("Flatten", ["r"], ["f"]),
            helper.make_node("MatMul", ["f", "w"], ["y"]),
        ]
        graph = helper.make_graph(
            nodes,
            "face",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, [batch, 3, 112, 112])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, [batch, dim])],
            [numpy_helper.from_array(kernel, "k"), numpy_helper.from_array(full, "w")],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        path = tmp_path_factory.mktemp("onnx") / (name or f"face-{dim}-{seed}-{batch}.onnx")
        onnx.save(model, str(path))
        return path

    return make


@pytest.fixture(scope="session")
def draw_face() -> Callable[[RGB, int, int, int, int], Placed]:
    """Draws a face into a picture: canvas, left, top, width in pixels, seed -> its box."""
    return _draw_face


def _draw_face(canvas: RGB, left: int, top: int, size: int, seed: int) -> Placed:
    patch, mask = _patch(size, seed)
    height, width = mask.shape
    share = mask[..., None] / 255.0
    under = canvas[top : top + height, left : left + width]
    under[:] = (under * (1 - share) + patch * share).astype(np.uint8)
    return (left + 0.12 * width, top + 0.2 * height, left + 0.88 * width, top + 0.93 * height)


def _patch(size: int, seed: int) -> tuple[RGB, RGB]:
    """A face in ink and flat fills with its mask, drawn four times as large and reduced."""
    import cv2

    rng = np.random.default_rng(seed)
    over, width, height = 4, size, round(size * 1.3)
    big_w, big_h = width * over, height * over
    image = np.full((big_h, big_w, 3), 255, np.uint8)
    mask = np.zeros((big_h, big_w), np.uint8)
    skin = [(255, 224, 196), (241, 194, 150), (224, 172, 125), (198, 134, 92)][int(rng.integers(4))]
    hair = [(40, 30, 30), (90, 50, 30), (150, 100, 50), (60, 60, 80)][int(rng.integers(4))]
    iris = [(60, 40, 30), (40, 60, 90), (40, 80, 50)][seed % 3]
    ink, thick = (30, 20, 20), max(2, round(big_w * 0.008))
    shade = tuple(int(c * 0.8) for c in skin)

    def at(x: float, y: float) -> tuple[int, int]:
        return (round(x * big_w), round(y * big_h))

    def oval(centre: tuple[float, float], axes: tuple[float, float], colour: tuple[int, ...], line: int = -1,
             arc: tuple[int, int] = (0, 360)) -> None:  # fmt: skip
        cv2.ellipse(image, at(*centre), at(*axes), 0, arc[0], arc[1], colour, line, cv2.LINE_AA)

    cv2.ellipse(mask, at(0.5, 0.48), at(0.47, 0.47), 0, 0, 360, 255, -1)
    cv2.rectangle(mask, at(0.36, 0.8), at(0.64, 1.0), 255, -1)
    oval((0.5, 0.46), (0.46, 0.45), hair)
    cv2.rectangle(image, at(0.38, 0.8), at(0.62, 1.0), shade, -1)
    jaw = np.array([[0.16, 0.35], [0.16, 0.6], [0.24, 0.78], [0.42, 0.93], [0.58, 0.93], [0.76, 0.78], [0.84, 0.6],
                    [0.84, 0.35], [0.68, 0.22], [0.32, 0.22]])  # fmt: skip
    fringe = np.array([[0.12, 0.42], [0.2, 0.3], [0.36, 0.34], [0.46, 0.24], [0.6, 0.33], [0.78, 0.29], [0.88, 0.42],
                       [0.86, 0.2], [0.5, 0.06], [0.14, 0.2]])  # fmt: skip
    cv2.fillPoly(image, [np.int32(jaw * [big_w, big_h])], skin, cv2.LINE_AA)
    cv2.polylines(image, [np.int32(jaw[1:7] * [big_w, big_h])], False, ink, thick, cv2.LINE_AA)
    cv2.fillPoly(image, [np.int32(fringe * [big_w, big_h])], hair, cv2.LINE_AA)
    for x in (0.335, 0.665):
        oval((x, 0.5), (0.085, 0.042), (255, 255, 255))
        oval((x, 0.5), (0.036, 0.04), iris)
        oval((x, 0.5), (0.018, 0.02), (10, 10, 10))
        oval((x - 0.012, 0.487), (0.009, 0.009), (255, 255, 255))
        oval((x, 0.5), (0.09, 0.048), ink, thick * 2, (185, 355))
        oval((x, 0.445), (0.1, 0.03), hair, thick * 3, (195, 345))
    cv2.line(image, at(0.48, 0.52), at(0.455, 0.66), shade, thick * 2, cv2.LINE_AA)
    oval((0.5, 0.675), (0.055, 0.022), shade)
    for x in (0.47, 0.53):
        oval((x, 0.68), (0.012, 0.008), ink)
    oval((0.5, 0.79), (0.12, 0.032), (190, 90, 90))
    cv2.line(image, at(0.38, 0.787), at(0.62, 0.787), (90, 30, 30), thick, cv2.LINE_AA)
    size_to = (width, height)
    return (
        np.asarray(cv2.resize(image, size_to, interpolation=cv2.INTER_AREA), np.uint8),
        np.asarray(cv2.resize(mask, size_to, interpolation=cv2.INTER_AREA), np.uint8),
    )
