"""The catalog: SQLite in WAL mode (or another database by URL) through SQLAlchemy 2.

`tables`   - what is stored
`database` - opening, migrating, transactions, erasing for good
"""

from casting.catalog.database import Database, touch
from casting.catalog.tables import (
    Actor,
    Character,
    Decision,
    Evaluation,
    Meta,
    Note,
    Photo,
    PhotoFace,
    Run,
    Shortlist,
    ShortlistEntry,
    now,
)

__all__ = [
    "Actor",
    "Character",
    "Database",
    "Decision",
    "Evaluation",
    "Meta",
    "Note",
    "Photo",
    "PhotoFace",
    "Run",
    "Shortlist",
    "ShortlistEntry",
    "now",
    "touch",
]
