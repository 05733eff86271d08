"""The catalog: SQLite in WAL mode (or another database by URL) through SQLAlchemy 2.

`tables`     - what is stored
`migrations` - from older schemas to today's
`database`   - opening, transactions, erasing for good
"""

from casting.catalog.database import Database, touch
from casting.catalog.tables import (
    Actor,
    Character,
    Decision,
    Evaluation,
    Feedback,
    KeptRanking,
    KeptResult,
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
    "Feedback",
    "KeptRanking",
    "KeptResult",
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
