"""Vectors with an owner in, a ranked list of owners out. Knows nothing of pictures, models or Streamlit.

`contract`  - the Protocol every back-end keeps, and the values it passes
`filters`   - `gender=female, birth_year>=1990`: parsed once, typed, safe
`spaces`    - how the vectors of a space are laid out and checked
`grouping`  - from cosines of sources to the score of an owner
`reference` - NumPy back-end that all others must agree with
`flat`      - exact FAISS back-end, the default
`versions`  - versions on disk, published atomically

    >>> from index import VersionedIndex
    >>> VersionedIndex(folder).open().search("arcface:photo", vectors, k=20, where="gender=female")  # doctest: +SKIP
"""

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
from index.flat import FlatIndex
from index.reference import NumpyIndex
from index.spaces import SpaceData
from index.versions import Manifest, VersionedIndex

__all__ = [
    "ActorIndex",
    "Aggregation",
    "Fact",
    "Facts",
    "FlatIndex",
    "Manifest",
    "NumpyIndex",
    "OwnerHit",
    "SourceHit",
    "SpaceData",
    "SpaceInfo",
    "Vectors",
    "VersionedIndex",
]
