"""Arrays on disk: what was written comes back, and a file that is something else is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from index.arrays import mapped, read_columns, save, write_columns


@given(given_array=arrays(np.float32, array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=40)))
def test_a_mapped_array_is_what_was_saved(
    given_array: np.ndarray, tmp_path_factory: pytest.TempPathFactory
) -> None:  # fmt: skip
    path = tmp_path_factory.mktemp("a") / "x.npy"
    save(path, given_array)
    rows, dim = given_array.shape
    found = mapped(path, (rows, dim))
    np.testing.assert_array_equal(found, given_array)
    np.testing.assert_array_equal(np.load(path), given_array)
    assert not found.flags.writeable


@pytest.mark.parametrize(
    "other", [np.zeros((3, 4), np.float64), np.zeros((4, 3), np.float32), np.zeros((3, 4), np.float32, order="F")]
)
def test_another_array_is_refused(tmp_path: Path, other: np.ndarray) -> None:
    save(tmp_path / "x.npy", other)
    with pytest.raises(ValueError, match="does not fit"):
        mapped(tmp_path / "x.npy", (3, 4))


@given(
    names=st.lists(st.binary(min_size=1, max_size=9).filter(lambda name: b"\0" not in name), max_size=30),
    numbers=st.lists(st.integers(-(2**63), 2**63 - 1), max_size=30),
)
def test_columns_come_back(
    names: list[bytes], numbers: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:  # fmt: skip
    path = tmp_path_factory.mktemp("c") / "x.rows"
    columns = {"names": np.array(names, "S9"), "numbers": np.array(numbers, np.int64), "none": np.zeros(0, np.uint64)}
    found = read_columns(path, write_columns(path, columns))
    assert list(found) == list(columns)
    for name, column in columns.items():
        np.testing.assert_array_equal(found[name], column)


def test_columns_of_another_length_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.rows"
    described = write_columns(path, {"a": np.arange(5), "b": np.arange(3)})
    path.write_bytes(path.read_bytes() + bytes(16))
    with pytest.raises(ValueError, match="does not fit"):
        read_columns(path, described)
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(ValueError, match="buffer"):
        read_columns(path, described)
