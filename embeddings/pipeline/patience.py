"""Whose fault a failure is: one picture's, or that of a model that fails on everything."""

from __future__ import annotations

import threading

from castoon.errors import CastoonError, InputError


class Patience:
    """Puts failures of one model down to the pictures, unless it has failed on `most` of them and worked on none.

    Workers may share it.
    """

    def __init__(self, most: int) -> None:
        self._most = max(1, most)
        self._worked, self._failed = False, 0
        self._lock = threading.Lock()

    def worked(self) -> None:
        """The model has worked on a picture."""
        self._worked = True

    def blame(self, label: str, reason: str, error: Exception) -> InputError:
        """What is wrong with the picture of that name: what the error says of it, or else `reason`.

        Raises the error where the model is at fault.
        """
        if isinstance(error, InputError):
            return InputError(label, error.reason, error.next_step)
        with self._lock:
            self._failed += 1
            if isinstance(error, CastoonError) or (not self._worked and self._failed >= self._most):
                raise error
        return InputError(
            label, reason, "It is tried again at the next rebuild; replace the photo if it keeps failing."
        )
