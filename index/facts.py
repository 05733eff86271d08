"""What is known of owners, column by column, so that a filter is judged once a distinct value, not once an owner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from index.contract import Fact, Facts
from index.filters import Filter
from index.names import Names


@dataclass(frozen=True, eq=False)
class _Column:
    values: tuple[Fact, ...]
    """Distinct values."""
    codes: npt.NDArray[np.int32]
    """Which of them each owner has, [owners]."""


class FactTable:
    """Facts of all owners of an index, ready for filters."""

    def __init__(self, facts: Mapping[str, Facts]) -> None:
        self.facts = facts
        self._columns: dict[str, _Column] = {}

    @cached_property
    def columns(self) -> frozenset[str]:
        """Every column that some owner has a fact for."""
        return frozenset({column for known in self.facts.values() for column in known})

    @cached_property
    def _position(self) -> Mapping[str, int]:
        return {owner: number for number, owner in enumerate(self.facts)}

    def passing(self, wanted: Filter) -> npt.NDArray[np.bool_]:
        """Which owners pass, [len(facts) + 1] in the order of `facts`; the last place is for owners unknown here."""
        passes = np.ones(len(self.facts) + 1, np.bool_)
        for condition in wanted.conditions:
            column = self._column(condition.column)
            verdicts = [condition.holds({condition.column: value}) for value in column.values]
            passes[:-1] &= np.array(verdicts, np.bool_)[column.codes]
            passes[-1] = False
        return passes

    def places(self, owners: Names) -> npt.NDArray[np.int64]:
        """Place of each owner in `facts`; the number of facts for one that is not there."""
        position, missing = self._position, len(self.facts)
        return np.array([position.get(owner, missing) for owner in owners], np.int64)

    def _column(self, name: str) -> _Column:
        if name not in self._columns:
            numbers: dict[tuple[type, Fact], int] = {}
            codes = [
                numbers.setdefault((type(value), value), len(numbers))
                for value in (known.get(name) for known in self.facts.values())
            ]
            self._columns[name] = _Column(tuple(value for _, value in numbers), np.array(codes, np.int32))
        return self._columns[name]
