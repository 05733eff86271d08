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
