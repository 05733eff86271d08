"""Typed parameters of an engine: a frozen dataclass whose fields carry range, step and words for a person.

An engine declares `strength: float = slider(0.5, 0, 1, title="Strength")`; `describe` turns the class into values from
which a page draws its controls, and `build` checks what a person chose.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, cast, get_type_hints

from castoon.errors import InputError
from castoon.files import short_hash
from castoon.words import Words

Value = float | int | bool | str
Kind = Literal["float", "int", "bool", "choice"]
P = TypeVar("P")


@dataclass(frozen=True)
class Parameter:
    """One thing that a person may change about a style."""

    name: str
    kind: Kind
    default: Value
    title: str
    help: str = ""
    low: float | None = None
    """Smallest value allowed, inclusive; None for switches and choices."""
    high: float | None = None
    step: float | None = None
    choices: tuple[str, ...] = ()


def slider(default: float, low: float, high: float, *, title: str, help: str = "", step: float | None = None) -> Any:
    """A number with a range; an int where the default is an int."""
    step = step if step is not None else (1 if isinstance(default, int) else 0.05)
    return dataclasses.field(
        default=default, metadata={"low": low, "high": high, "step": step, "title": title, "help": help}
    )


def switch(default: bool, *, title: str, help: str = "") -> Any:
    """Yes or no."""
    return dataclasses.field(default=default, metadata={"title": title, "help": help})


def choice(default: str, choices: tuple[str, ...], *, title: str, help: str = "") -> Any:
    """One of a few words."""
    return dataclasses.field(default=default, metadata={"choices": choices, "title": title, "help": help})


def describe(parameters: type[Any]) -> tuple[Parameter, ...]:
    """The parameters of an engine, in the order they were declared."""
    kinds: dict[type, Kind] = {float: "float", int: "int", bool: "bool", str: "choice"}
    hints = get_type_hints(parameters)
    return tuple(
        Parameter(
            name=item.name,
            kind=kinds[hints[item.name]],
            default=cast(Value, item.default),
            title=item.metadata["title"],
            help=item.metadata["help"],
            low=item.metadata.get("low"),
            high=item.metadata.get("high"),
            step=item.metadata.get("step"),
            choices=item.metadata.get("choices", ()),
        )
        for item in dataclasses.fields(parameters)
    )


def build(parameters: type[P], values: Mapping[str, Any], style: str) -> P:
    """An engine's parameters from what a person chose, or `InputError` naming the value that is out of range."""
    known = {item.name: item for item in describe(parameters)}
    checked: dict[str, Value] = {}
    for name, value in values.items():
        if name not in known:
            raise InputError(
                Words("style {style}", style=style),
                Words("it has no parameter `{name}`.", name=name),
                Words("It knows {names}.", names=", ".join(known) or "none"),
            )
        checked[name] = _checked(known[name], value, style)
    return parameters(**checked)


def _checked(parameter: Parameter, value: Any, style: str) -> Value:
    thing = Words("style {style}, parameter {name}", style=style, name=parameter.name)
    if parameter.kind == "bool":
        if not isinstance(value, bool):
            raise InputError(thing, Words("{value!r} is not a yes or no.", value=value), "Use true or false.")
        return value
    if parameter.kind == "choice":
        if value not in parameter.choices:
            raise InputError(
                thing,
                Words("{value!r} is not a choice.", value=value),
                Words("Choose from {names}.", names=", ".join(parameter.choices)),
            )
        return str(value)
    assert parameter.low is not None and parameter.high is not None
    number = Words("a whole number") if parameter.kind == "int" else Words("a number")
    range_words = Words(
        "Choose {number} from {low:g} to {high:g}.", number=number, low=parameter.low, high=parameter.high
    )
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(thing, Words("{value!r} is not a number.", value=value), range_words)
    if not parameter.low <= value <= parameter.high or (parameter.kind == "int" and value != int(value)):
        raise InputError(thing, Words("{value!r} is out of range.", value=value), range_words)
    return int(value) if parameter.kind == "int" else float(value)


def parameters_hash(parameters: Any) -> str:
    """Hash over the values of a parameter dataclass, for fingerprints."""
    return short_hash(*(f"{k}={v!r}" for k, v in sorted(dataclasses.asdict(parameters).items())))
