"""What the training commands have in common."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from training import command
from training.command import Options


@dataclass(frozen=True)
class Config:
    name: str = "some"


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Options]:
    """The options of every run that was begun with `--half`."""
    monkeypatch.setattr(command, "shared_dir", lambda: tmp_path)
    monkeypatch.setattr("torch.set_num_threads", lambda count: None)  # other tests share the process
    monkeypatch.setattr("cv2.setNumThreads", lambda count: None)
    monkeypatch.setattr("sys.argv", ["training", "--half", "--threads", "1"])
    return []


def _run(seen: list[Options], half: bool) -> None:
    def train(config: Config, options: Options) -> Path:
        seen.append(options)
        return Path("best.pt")

    command.command("words", "some.toml", lambda path: Config(), train, half)


def test_a_model_that_can_be_trained_in_half_precision_is_told_so(seen: list[Options]) -> None:
    _run(seen, half=True)
    assert [options.half for options in seen] == [True]


def test_one_that_cannot_refuses_instead_of_ignoring_it(seen: list[Options]) -> None:
    with pytest.raises(SystemExit):
        _run(seen, half=False)
    assert not seen
