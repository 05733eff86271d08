"""How older catalogs become today's: one function a step, each run in one transaction, none of which drops anything."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, text

from casting.catalog.tables import Base, Decision, Feedback, KeptRanking, KeptResult

Migration = Callable[[Connection], None]


def _decisions(connection: Connection) -> None:
    """2: decisions on suspected duplicates and mix-ups."""
    Base.metadata.create_all(connection, [Base.metadata.tables[Decision.__tablename__]])


def _castings(connection: Connection) -> None:
    """3: faces chosen on characters' pictures, notes on shortlist entries, kept rankings, feedback."""
    for table, column, kind in (
        ("characters", "faces", "JSON"),
        ("shortlist_entries", "note", "TEXT DEFAULT '' NOT NULL"),
        ("shortlist_entries", "author", "TEXT"),
    ):
        connection.execute(text(f"ALTER TABLE {table} ADD COLUMN {column} {kind}"))
    new = (KeptRanking, KeptResult, Feedback)
    Base.metadata.create_all(connection, [Base.metadata.tables[one.__tablename__] for one in new])


def _photos_by_file(connection: Connection) -> None:
    """4: photos are looked up by their file whenever a card is drawn."""
    connection.execute(text("CREATE INDEX IF NOT EXISTS ix_photos_file ON photos (file)"))


MIGRATIONS: dict[int, Migration] = {1: _decisions, 2: _castings, 3: _photos_by_file}
"""From schema n to n + 1."""

SCHEMA = 1 + max(MIGRATIONS)
