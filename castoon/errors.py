"""Errors that say what is wrong, with what, and what to do next.

Every error that a person may meet derives from `CastoonError`. Front ends print the three parts; the command line
turns the family into its exit code.
"""

from __future__ import annotations

from castoon.words import Words


class CastoonError(Exception):
    """Something a person can act upon.

    `thing` names the file, model or setting concerned, `reason` says what is wrong with it, `next_step` what to do.
    Values in them are filled in by `castoon.words.Words`, so that pages can say them in another language.
    """

    exit_code = 1

    def __init__(self, thing: str, reason: str, next_step: str = "") -> None:
        super().__init__(thing, reason, next_step)
        self.thing = thing
        self.reason = reason
        self.next_step = next_step

    def __str__(self) -> str:
        text = f"{self.thing}: {self.reason}"
        return f"{text} {self.next_step}" if self.next_step else text

    def as_dict(self) -> dict[str, str]:
        """The three parts, for `--json` output."""
        return {"thing": self.thing, "reason": self.reason, "next_step": self.next_step}


class InputError(CastoonError):
    """What the person handed in (a picture, a CSV, a filter) cannot be used as it is."""

    exit_code = 3


class NotReadyError(CastoonError):
    """A library, an index or a model is missing, stale, locked or damaged."""

    exit_code = 4


class ContractMismatchError(NotReadyError):
    """Vectors made under one contract were to be compared with vectors made under another."""

    def __init__(self, space: str, stored: str, current: str, next_step: str) -> None:
        super().__init__(
            Words("space {space}", space=space),
            Words(
                "the index holds vectors of contract {stored}, but the model in use has contract {current}.",
                stored=stored,
                current=current,
            ),
            next_step,
        )
        self.stored = stored
        self.current = current
