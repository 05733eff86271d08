"""What an engine file hands to the front door: which styles it has, what is missing, and how to open one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from castoon.errors import CastoonError
from castoon.words import Words
from toonify.contract import Stylizer
from toonify.parameters import Parameter

Device = Literal["auto", "cpu", "cuda"]


Watch = Callable[[int, int], bool]
"""Called by slow engines with steps done and steps in all for the pictures at hand; answers whether to go on."""


class StoppedError(CastoonError):
    """A person stopped the work; nothing is wrong."""


@dataclass(frozen=True)
class Runtime:
    """Where and within which bounds engines work."""

    device: Device = "auto"
    """`auto` takes CUDA where there is one."""
    memory_mb: int = 2048
    """How much a batch may take; batches are split to fit."""
    watch: Watch | None = None
    """Follows and may stop engines that work in steps (`gatys`, the refinement of `toonify`)."""

    def step(self, style: str, done: int, of: int) -> None:
        """Tell the watcher; `StoppedError` when it wants to stop."""
        if self.watch is not None and not self.watch(done, of):
            raise StoppedError(
                Words("style {style}", style=style), Words("stopped after {done} of {of} steps.", done=done, of=of)
            )


@dataclass(frozen=True)
class Variant:
    """One style of an engine as found in (or missing from) the models folder."""

    name: str
    """What follows the colon: `cartoon/53`; empty for an engine that is a single style."""
    title: str
    missing: tuple[Path, ...] = ()
    """Files that have to be there and are not."""
    licence: str = ""
    """The variant's own licence, where it differs from the engine's."""
    commercial_use: bool | None = None
    moves_features: bool | None = None
    problem: CastoonError | None = None
    """What is wrong with files that are there."""


@dataclass(frozen=True)
class StyleRequest:
    """Everything an engine needs to open one style."""

    variant: str
    folder: Path
    """The engine's own folder, `<models>/stylizers/<engine>`."""
    parameters: Any
    """An instance of the engine's parameter class."""
    runtime: Runtime


@dataclass(frozen=True)
class Engine:
    """One way of stylizing."""

    name: str
    title: str
    licence: str
    commercial_use: bool
    moves_features: bool
    """Whether eyes, nose and mouth may end up elsewhere than in the photo."""
    parameters: type[Any]
    variants: Callable[[Path], list[Variant]]
    """Styles in the engine's folder, installed or not."""
    open: Callable[[StyleRequest], Stylizer]


@dataclass(frozen=True)
class StyleInfo:
    """One style as people choose it."""

    name: str
    """What `toonify.load` takes."""
    title: str
    installed: bool
    how_to_get: str
    """The command or the folder that brings it; empty when it is installed."""
    licence: str
    commercial_use: bool
    moves_features: bool
    parameters: tuple[Parameter, ...]
