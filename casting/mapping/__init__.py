"""A two-dimensional map of the cast, with drawn characters on it.

`tsne`     - exact t-SNE in NumPy
`layout`   - places for any number of vectors, and for vectors that come later
`cast_map` - the map of an index version: computed once, kept, with actors and characters on it

    >>> from casting.mapping import cast_map, place_actors, frame
    >>> frame(place_actors(library, cast_map(library)))                            # doctest: +SKIP
"""

from casting.mapping.cast_map import (
    CastMap,
    Placed,
    cast_map,
    frame,
    known_map,
    place_actors,
    place_characters,
    spaces_for_maps,
)

__all__ = [
    "CastMap",
    "Placed",
    "cast_map",
    "frame",
    "known_map",
    "place_actors",
    "place_characters",
    "spaces_for_maps",
]
