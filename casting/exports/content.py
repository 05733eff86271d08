"""What both reports say, in the order in which they say it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path, PurePath

from casting.exports import facts as known
from casting.exports.words import Language, say
from casting.library import Library
from casting.pictures import portrait
from casting.results import RankedActor, Ranking, in_100
from castoon.errors import CastoonError
from castoon.images import RGB, SUFFIXES, read


def title(ranking: Ranking, language: Language) -> str:
    """The report's heading."""
    return say(language, "title", name=" + ".join(map(without_ending, ranking.title.split(" + "))))


def without_ending(name: str) -> str:
    """What a picture is called, or a character: `Dr. Kim` has no ending."""
    path = PurePath(name)
    return path.stem if path.suffix.lower() in SUFFIXES else name


def verdict(ranking: Ranking, language: Language) -> str:
    """Whether there is a match at all; empty where the scores cannot tell."""
    if ranking.fake:
        return say(language, "fake")
    if not ranking.calibrated:
        return ""
    words = say(language, f"match.{ranking.verdict}")
    if ranking.strangers is None:
        return words
    return f"{words} {say(language, 'match.strangers', count=in_100(ranking.strangers))}"


def meaning(ranking: Ranking, language: Language) -> str:
    """What the scores say and do not say."""
    return say(language, "meaning.calibrated" if ranking.calibrated else "meaning")


def score(ranking: Ranking, value: float) -> str:
    """A score as people read it."""
    return f"{value:.0f}" if ranking.calibrated else f"{value:.3f}"


def share(ranking: Ranking, value: float) -> float:
    """How much of a bar a score fills."""
    return min(max(value / 100 if ranking.calibrated else value, 0.0), 1.0)


def facts(row: RankedActor, language: Language) -> str:
    """What is known of an actor, in one line."""
    return known.line(language, row.facts)


def flags(row: RankedActor, language: Language) -> str:
    """What to be careful about."""
    return ", ".join(say(language, f"flag.{flag}") for flag in row.flags)


def photo(row: RankedActor, library: Library) -> RGB | None:
    """The photo that matched best, cut around the face; None when it is gone."""
    if not row.photo:
        return None
    try:
        return portrait(read(library.folder / row.photo).pixels, row.photo_box)
    except CastoonError:
        return None


def provenance(ranking: Ranking, library: Library, language: Language) -> list[tuple[str, str]]:
    """Everything needed to judge the ranking later, label and value."""
    values = {
        "made": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "actors": str(ranking.gallery_actors),
        "pictures": say(language, "pictures.worth", worth=f"{ranking.pictures:.1f}"),
        "filter": ranking.where or say(language, "none"),
        "version": ranking.index_version,
        "pack": ranking.pack,
        "licence": ranking.pack_licence,
        "weights": ", ".join(f"{name} × {weight:g}" for name, weight in ranking.weights.items()),
        "contracts": ", ".join(f"{name}: {contract}" for name, contract in ranking.contracts.items()),
        "photos": _licences(ranking, library, language),
    }
    several = ranking.pictures > 1
    return [(say(language, key), value) for key, value in values.items() if several or key != "pictures"]


def _licences(ranking: Ranking, library: Library, language: Language) -> str:
    """The licences of the photos shown, each with the ranks of those it covers."""
    hashes = [Path(row.photo).stem for row in ranking.results if row.photo]
    known = library.photos(hashes)
    covered: dict[str, list[str]] = {}
    for row in ranking.results:
        ref = known.get(Path(row.photo).stem)
        covered.setdefault((ref.licence if ref else None) or say(language, "unknown"), []).append(str(row.rank))
    return "; ".join(f"{licence} ({', '.join(ranks)})" for licence, ranks in covered.items())
