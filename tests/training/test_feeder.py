"""Examples come in order from a thread that ends with its `with`, whatever ended that."""

from __future__ import annotations

import itertools
import threading

import pytest

from training.feeder import Feeder


def test_batches_come_in_order() -> None:
    with Feeder(itertools.count().__next__, 3) as feeder:
        assert [feeder.next() for _ in range(6)] == [[3 * n, 3 * n + 1, 3 * n + 2] for n in range(6)]


def test_no_thread_is_left_behind() -> None:
    before = threading.active_count()
    with pytest.raises(RuntimeError, match="training failed"), Feeder(itertools.count().__next__, 3) as feeder:
        feeder.next()
        assert threading.active_count() == before + 1
        raise RuntimeError("training failed")
    assert threading.active_count() == before


def test_what_goes_wrong_in_the_thread_ends_the_training() -> None:
    examples = iter([1, 2, 3])

    def one() -> int:
        value = next(examples, None)
        if value is None:
            raise ValueError("no picture")
        return value

    with pytest.raises(ValueError, match="no picture"), Feeder(one, 3) as feeder:
        assert feeder.next() == [1, 2, 3]
        feeder.next()
