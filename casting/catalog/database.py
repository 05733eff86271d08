"""Opening the catalog: engine, pragmas, schema version and migration, and the one way to start a transaction."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, insert, select, text, update
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from casting.catalog.migrations import MIGRATIONS, SCHEMA
from casting.catalog.tables import Base, Meta
from castoon.errors import NotReadyError
from castoon.words import Words


def _set_pragmas(connection: Any, _record: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=15000"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("PRAGMA secure_delete=ON")


class Database:
    """A catalog that is open and has today's schema."""

    def __init__(self, url: str, thing: str) -> None:
        self.thing = thing
        self.engine: Engine = create_engine(url)
        event.listen(self.engine, "connect", _set_pragmas)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        try:
            self._prepare()
        except DatabaseError as error:
            self.engine.dispose()
            raise self._unusable(error) from error

    @classmethod
    def in_folder(cls, folder: Path, url: str = "") -> Database:
        """The catalog of a library: its SQLite file, or another database by URL."""
        path = folder / "catalog.sqlite"
        return cls(url or f"sqlite:///{path}", url.rsplit("@", maxsplit=1)[-1] or str(path))

    @contextlib.contextmanager
    def session(self) -> Iterator[Session]:
        """A session for reading; nothing is committed."""
        with self._guarded(), self._sessions() as session:
            yield session

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that commits when the block ends well, and rolls back otherwise."""
        with self._guarded(), self._sessions.begin() as session:
            yield session

    def revision(self) -> int:
        """A number that rises with every change to actors, photos or faces."""
        with self.session() as session:
            return session.scalar(select(Meta.value).where(Meta.key == "revision")) or 0

    def scrub(self) -> None:
        """Make deleted rows unreadable on disk: fold the write-ahead log in and rewrite the file."""
        if self.engine.dialect.name != "sqlite":
            return
        with self._guarded(), self.engine.connect() as connection:
            raw = connection.execution_options(isolation_level="AUTOCOMMIT")
            raw.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
            raw.execute(text("VACUUM"))
            raw.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()

    def _prepare(self) -> None:
        with self.engine.begin() as connection:
            if self.engine.dialect.name == "sqlite":
                connection.execute(text("SELECT count(*) FROM sqlite_master"))
            known = self.engine.dialect.has_table(connection, Meta.__tablename__)
            if not known:
                Base.metadata.create_all(connection)
                connection.execute(insert(Meta), [{"key": "schema", "value": SCHEMA}, {"key": "revision", "value": 0}])
        self._migrate()

    def _migrate(self) -> None:
        with self.engine.begin() as connection:
            found = connection.scalar(select(Meta.value).where(Meta.key == "schema")) or 0
            if found > SCHEMA:
                raise NotReadyError(
                    self.thing,
                    Words("its schema {found} is newer than this Castoon ({known}).", found=found, known=SCHEMA),
                    "Update Castoon.",
                )
            for step in range(found, SCHEMA):
                MIGRATIONS[step](connection)
                connection.execute(update(Meta).where(Meta.key == "schema").values(value=step + 1))

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except OperationalError as error:
            raise self._unusable(error) from error

    def _unusable(self, error: DatabaseError) -> NotReadyError:
        if "locked" in str(error.orig):
            return NotReadyError(self.thing, "another process has been writing to it for long.", "Try again later.")
        return NotReadyError(
            self.thing,
            Words("the catalog cannot be used ({why}).", why=error.orig),
            "Check free disk space and permissions; restore it from a backup, or import the library again.",
        )


def touch(session: Session) -> None:
    """Raise the catalog's revision: something that an index is made of has changed."""
    session.execute(update(Meta).where(Meta.key == "revision").values(value=Meta.value + 1))
