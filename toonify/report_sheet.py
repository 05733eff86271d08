"""Contact sheets: rows of pictures with labels, for looking at what styles do."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from toonify.contract import RGB

LABEL_HEIGHT = 22


def grid(rows: Sequence[Sequence[RGB]], side: int, *, head: Sequence[str] = (), labels: Sequence[str] = ()) -> RGB:
    """Pictures in rows of cells of `side` pixels, fitted into them without distortion.

    `head` names the columns; `labels` stand in the corners of the cells, row by row.
    """
    columns = max(len(row) for row in rows)
    top = LABEL_HEIGHT if head else 0
    sheet = np.full((top + side * len(rows), side * columns, 3), 255, dtype=np.uint8)
    for index, word in enumerate(head):
        _write(sheet, word, (index * side + 4, LABEL_HEIGHT - 7), side - 8)
    number = 0
    for row, pictures in enumerate(rows):
        for column, picture in enumerate(pictures):
            cell = sheet[top + row * side : top + (row + 1) * side, column * side : (column + 1) * side]
            _place(cell, picture)
            if number < len(labels):
                cell[: LABEL_HEIGHT - 4, : 9 * len(labels[number]) + 8] = 255
                _write(cell, labels[number], (4, LABEL_HEIGHT - 9), side)
            number += 1
    return sheet


def _place(cell: RGB, picture: RGB) -> None:
    height, width = picture.shape[:2]
    factor = cell.shape[0] / max(height, width)
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC)
    y, x = (cell.shape[0] - size[1]) // 2, (cell.shape[1] - size[0]) // 2
    cell[y : y + size[1], x : x + size[0]] = small


def _write(canvas: RGB, word: str, at: tuple[int, int], width: int) -> None:
    scale = 0.45
    needed = cv2.getTextSize(word, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)[0][0]
    scale = min(scale, scale * width / max(needed, 1))
    cv2.putText(canvas, word, at, cv2.FONT_HERSHEY_SIMPLEX, scale, (20, 20, 20), 1, cv2.LINE_AA)
