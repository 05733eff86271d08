"""Last stage: vectors into the store, a group at a time."""

from __future__ import annotations

from embeddings.pipeline.work import AnySource, Group
from embeddings.store import VectorStore


def write(group: Group[AnySource], store: VectorStore, replace: bool = False) -> int:
    """Keep the group's vectors on disk; returns how many were written."""
    return store.add(group.vectors, replace=replace) if group.vectors else 0
