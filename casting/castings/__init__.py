"""What people keep while they cast: characters, shortlists, rankings worth keeping, and their word on results.

`characters` - drawn characters with their pictures and the face that was chosen on each
`shortlists` - actors under consideration, per production, with status and note
`history`    - kept rankings with their versions; run again on today's index and compared
`feedback`   - "not this person": actors left out of a character's rankings, with the reason

    >>> from casting import Library, castings
    >>> library = Library.open("library/demo")                                       # doctest: +SKIP
    >>> castings.shortlists.add(library, "Leads", "Yang Seo-bit", character="Moon Bit-na")  # doctest: +SKIP
"""

from casting.castings import characters, feedback, history, shortlists
from casting.castings.characters import ChosenFace, SavedCharacter, rank_character
from casting.castings.feedback import Word
from casting.castings.history import Change, Difference, Kept
from casting.castings.shortlists import STATUSES, Entry

__all__ = [
    "STATUSES",
    "Change",
    "ChosenFace",
    "Difference",
    "Entry",
    "Kept",
    "SavedCharacter",
    "Word",
    "characters",
    "feedback",
    "history",
    "rank_character",
    "shortlists",
]
