"""Every error of the engine that a page can show has Korean words; the code is read for them, so none is forgotten."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from app_pages.texts import said
from app_pages.words.engine import SAID
from castoon.errors import InputError
from castoon.words import Words, revive, stored

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("castoon", "casting", "embeddings", "index", "toonify", "app_pages")
COMMANDS_ONLY = (
    "casting/cli/",
    "casting/serving.py",
    "casting/demo/",
    "embeddings/download.py",
    "embeddings/models.py",
    "toonify/blend.py",
    "toonify/fast_train.py",
    "toonify/fitting.py",
    "toonify/inversion.py",
    "toonify/report.py",
)
"""Work that no page does: its errors are met on the command line."""
ERROR_TYPES = {"CastoonError", "InputError", "NotReadyError", "ContractMismatchError", "CancelledError", "StoppedError",
               "__init__"}  # fmt: skip
SENTENCES = slice(1, None)
"""Of an error's arguments, those after the thing it is about: reason and next step."""


def modules() -> Iterator[tuple[str, ast.Module]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith(COMMANDS_ONLY):
                yield name, ast.parse(path.read_text("utf-8"))


def assigned(tree: ast.AST) -> dict[str, list[ast.expr]]:
    """Values of every name that is assigned somewhere in a tree."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        for target in node.targets if isinstance(node, ast.Assign) else []:
            if isinstance(target, ast.Name):
                found.setdefault(target.id, []).append(node.value)
    return found


def constants(node: ast.expr, names: dict[str, list[ast.expr]]) -> Iterator[str]:
    """Sentences that an argument may be; `Words` are found apart."""
    match node:
        case ast.Constant(value=str() as text):
            yield text
        case ast.IfExp(body=body, orelse=orelse):
            yield from constants(body, names)
            yield from constants(orelse, names)
        case ast.BoolOp(values=values):
            for value in values:
                yield from constants(value, names)
        case ast.JoinedStr():
            raise AssertionError(f"an f-string forgets its pattern: {ast.unparse(node)}")
        case ast.Name(id=name):
            for value in names.get(name, []):
                if not isinstance(value, ast.Name | ast.JoinedStr):
                    yield from constants(value, names)


def patterns() -> dict[str, str]:
    """Pattern -> the module it is in."""
    trees = list(modules())
    everywhere = {name: values for _, tree in trees for name, values in assigned(ast.Module(tree.body, [])).items()
                  if name.isupper()}  # fmt: skip
    found: dict[str, str] = {}
    for module, tree in trees:
        names = {**everywhere, **assigned(tree)}
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if called == "Words" and isinstance(node.args[0], ast.Constant):
                found[str(node.args[0].value)] = module
            elif module.startswith("toonify/engines/"):
                shown = [one.value for one in node.keywords if one.arg in ("title", "help")]
                found |= dict.fromkeys((text for value in shown for text in constants(value, {})), module)
            if called in ERROR_TYPES or called == "Finding":
                for argument in node.args[SENTENCES]:
                    found |= dict.fromkeys(constants(argument, names), module)
    return {pattern: module for pattern, module in found.items() if any(one.isalpha() for one in _bare(pattern))}


def _bare(pattern: str) -> str:
    return "".join(text for text, *_ in string.Formatter().parse(pattern))


def fields(pattern: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(pattern) if name}


def test_every_error_can_be_said_in_korean() -> None:
    known = patterns()
    assert len(known) > 200
    missing = {pattern: module for pattern, module in known.items() if pattern not in SAID}
    assert missing == {}
    assert [pattern for pattern in SAID if pattern not in known] == [], "words of errors that are gone"


@pytest.mark.parametrize("pattern", SAID)
def test_both_languages_say_the_same_values(pattern: str) -> None:
    assert fields(SAID[pattern]) == fields(pattern)
    assert any("가" <= letter <= "힣" for letter in SAID[pattern]) or not any(c.isalpha() for c in _bare(pattern))


def test_values_are_kept_and_said() -> None:
    thing = Words("{what} `{name}`", what=Words("character"), name="actor")
    assert said("en", thing) == "character `actor`"
    assert said("ko", thing) == "캐릭터 `actor`"
    again = revive(stored(thing))
    assert isinstance(again, Words)
    assert said("ko", again) == "캐릭터 `actor`"
    assert said("ko", "something that only a library of ours says") == "something that only a library of ours says"
    assert revive('{"pattern": "broken') == '{"pattern": "broken'
    assert str(InputError("a.png", Words("the file has {size:.0f} MB.", size=212.4))) == "a.png: the file has 212 MB."
