"""White-box cartoon renderings: the teacher of the webtoon stylizer, and webtoons to judge the detector on.

Needs the extra `train` (ai-edge-litert). `python -m training.whitebox` keeps renderings of test portraits.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from training.detector_labels import load_labelled
from training.faces import Crops
from training.paths import shared_dir, var_dir

SIDE = 512
COUNT = 100


def open_teacher(path: Path | None = None) -> Any:
    """The TFLite network, ready to draw."""
    from ai_edge_litert.interpreter import Interpreter

    path = path or shared_dir() / "weights" / "stylizers" / "whitebox_cartoon_gan_dr.tflite"
    interpreter = Interpreter(str(path), num_threads=1)
    interpreter.allocate_tensors()
    return interpreter


def render(interpreter: Any, image: Crops) -> Crops:
    """One RGB picture as White-box draws it, at its own size."""
    height, width = image.shape[:2]
    large = np.asarray(cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC), np.float32)[None] / 127.5 - 1
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], large)
    interpreter.invoke()
    drawn = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])[0]
    pixels = np.clip((drawn + 1) * 127.5, 0, 255).astype(np.uint8)
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def cached() -> tuple[list[Crops], npt.NDArray[np.float32]] | None:
    """Renderings and their points, or None where they were never made."""
    path = var_dir("cache") / "whitebox.npz"
    if not path.is_file():
        return None
    with np.load(path, allow_pickle=False) as data:
        return list(data["images"]), data["points"]


def main() -> None:
    """Render the first test portraits and keep them."""
    labelled = load_labelled()
    interpreter = open_teacher()
    rows = labelled.rows("test", "portrait")[:COUNT]
    images = [render(interpreter, labelled.picture(row)) for row in rows]
    np.savez(var_dir("cache") / "whitebox.npz", images=np.stack(images), points=labelled.points[rows])


if __name__ == "__main__":
    main()
