"""Vectors with an owner in, a ranked list of owners out. Knows nothing of pictures, models or Streamlit.

`contract`  - the Protocol every back-end keeps, and the values it passes
`filters`   - `gender=female, birth_year>=1990`: parsed once, typed, safe
`facts`     - what filters ask, column by column
`names`     - many short strings in one array
`spaces`    - how the vectors of a space are laid out and checked
`grouping`  - from cosines of sources to scores and hits of owners
`reference` - NumPy back-end that all others must agree with
`native`    - FAISS, and its selectors of rows
`rounded`   - rows with one byte a number, which exact search reads first
`rows`      - what FAISS searches: exact rows, HNSW, IVF-PQ
`layers`    - a large layer and a small one of changes over it
`backends`  - which structure is taken, and the recall it must prove
`searching` - the index that answers
`stored`    - a version's files and its manifest
`drafts`    - a version while it is written: anew, or as changes of the live one
`versions`  - versions on disk, published atomically

    >>> from index import VersionedIndex
    >>> VersionedIndex(folder).open().search("arcface:photo", vectors, k=20, where="gender=female")  # doctest: +SKIP
"""

from index.backends import Tuning
from index.contract import (
    ActorIndex,
    Aggregation,
    Fact,
    Facts,
    OwnerHit,
    SourceHit,
    SpaceInfo,
    Vectors,
)
from index.drafts import Change
from index.names import Names
from index.reference import NumpyIndex
from index.searching import FaissIndex
from index.spaces import SpaceData
from index.stored import Manifest
from index.versions import VersionedIndex

FlatIndex = FaissIndex
"""The name of the index when all search was exact."""

__all__ = [
    "ActorIndex",
    "Aggregation",
    "Change",
    "Fact",
    "Facts",
    "FaissIndex",
    "FlatIndex",
    "Manifest",
    "Names",
    "NumpyIndex",
    "OwnerHit",
    "SourceHit",
    "SpaceData",
    "SpaceInfo",
    "Tuning",
    "Vectors",
    "VersionedIndex",
]
