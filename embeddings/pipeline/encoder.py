"""Fourth stage: one call of a lane's encoder for a whole group; where that fails, picture by picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from castoon.errors import InputError
from castoon.words import Words
from embeddings.pipeline.patience import Patience
from embeddings.pipeline.stylizer import render
from embeddings.pipeline.work import Lane, Task
from embeddings.store import Vector


def encode(lane: Lane, tasks: Sequence[Task], patience: Patience) -> Mapping[Task, Vector | InputError]:
    """The vector of every face, or what is wrong with its picture."""
    if not tasks:
        return {}
    try:
        rows = lane.encoder.encode_gallery(render(lane, [task.picture for task in tasks]))
    except Exception as error:
        if len(tasks) > 1:
            return {task: answer for one in tasks for task, answer in encode(lane, [one], patience).items()}
        (task,) = tasks
        reason = Words(
            "it could not be embedded in {space} ({kind}: {why}).",
            space=lane.name or lane.encoder.name,
            kind=type(error).__name__,
            why=error,
        )
        return {task: patience.blame(task.label, reason, error)}
    patience.worked()
    return dict(zip(tasks, rows, strict=True))
