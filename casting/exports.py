"""A ranking to keep or to send: CSV for tables, one HTML file with pictures that opens anywhere.

Both carry what is needed to judge them later: index version, models, weights, licences, and what the score means.
"""

from __future__ import annotations

import base64
import html
from pathlib import Path

from casting.pictures import portrait, webp
from casting.results import SCORE_MEANING, Ranking
from castoon.errors import CastoonError
from castoon.files import write_atomic
from castoon.images import RGB, read

PORTRAIT_PX = 300
_STYLE = """
:root{color-scheme:light dark;--line:#8884;--accent:#0b7a6f}
body{font:15px/1.5 system-ui,"Noto Sans KR",sans-serif;max-width:1000px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin:0}
.head{display:flex;gap:1.5rem;align-items:flex-start;margin-bottom:1.5rem}
.head img{height:180px;border-radius:10px}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(180px,1fr));gap:1rem}
.card{border:1px solid var(--line);border-radius:12px;overflow:hidden}
.card img{width:100%;aspect-ratio:1;object-fit:cover}
.card div{padding:.6rem .8rem}
.rank{color:var(--accent);font-weight:700}
.score{font-variant-numeric:tabular-nums}
.meta,.flags,footer{font-size:.85em;opacity:.75}
.fake{background:#b3261e;color:#fff;padding:.6rem 1rem;border-radius:8px}
footer{margin-top:2rem;border-top:1px solid var(--line);padding-top:1rem}
table{border-collapse:collapse}
td{padding:.1rem .8rem .1rem 0;overflow-wrap:anywhere}
"""


def write_csv(ranking: Ranking, target: Path) -> None:
    """Write `csv_bytes` to a file."""
    write_atomic(target, csv_bytes(ranking))


def csv_bytes(ranking: Ranking) -> bytes:
    """One row an actor, with version and licence; opens in Korean Excel too."""
    frame = ranking.frame()
    frame["index_version"], frame["model_pack"], frame["licence"] = (
        ranking.index_version, ranking.pack, ranking.pack_licence,
    )  # fmt: skip
    for column in frame.select_dtypes(include=["object", "string"]):
        frame[column] = frame[column].map(_no_formula)
    return bytes(frame.to_csv(index=False).encode("utf-8-sig"))


def _no_formula(value: object) -> object:
    """Keep spreadsheets from running a name as a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value


def write_html(ranking: Ranking, library: Path, character: RGB | None, target: Path) -> None:
    """One self-contained page; nothing typed by people is ever taken as markup."""
    write_atomic(target, html_page(ranking, library, character).encode())


def html_page(ranking: Ranking, library: Path, character: RGB | None) -> str:
    """The page as text."""
    title = html.escape(f"Castoon: {Path(ranking.title).name}")
    cards = "\n".join(_card(ranking, library, place) for place in range(len(ranking.results)))
    picture = f'<img src="{_inline(webp(character, 480))}" alt="character">' if character is not None else ""
    warning = '<p class="fake">Made with stand-in models: this ranking means nothing.</p>' if ranking.fake else ""
    facts = {
        "Actors compared": str(ranking.gallery_actors),
        "Filter": ranking.where or "none",
        "Index version": ranking.index_version,
        "Model pack": ranking.pack,
        "Licence of the models": ranking.pack_licence,
        "Spaces and weights": ", ".join(f"{name} x {weight:g}" for name, weight in ranking.weights.items()),
        "Contracts": ", ".join(f"{name}: {contract}" for name, contract in ranking.model_contracts.items()),
    }
    rows = "".join(f"<tr><td>{html.escape(k)}</td><td>{html.escape(v)}</td></tr>" for k, v in facts.items())
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>{title}</title><style>{_STYLE}</style></head><body>
<div class="head">{picture}<div><h1>{title}</h1><p class="meta">{html.escape(SCORE_MEANING)}</p>{warning}</div></div>
<div class="cards">{cards}</div>
<footer><table>{rows}</table></footer></body></html>
"""


def _card(ranking: Ranking, library: Path, place: int) -> str:
    row = ranking.results[place]
    try:
        cut = portrait(read(library / row.photo).pixels, row.photo_box)
        picture = f'<img src="{_inline(webp(cut, PORTRAIT_PX))}" alt="">'
    except CastoonError:
        picture = ""
    spaces = ", ".join(f"{html.escape(name)} {cosine:.3f}" for name, cosine in row.spaces.items())
    flags = f'<p class="flags">{html.escape(", ".join(row.flags))}</p>' if row.flags else ""
    return (
        f'<div class="card">{picture}<div><span class="rank">{row.rank}</span> {html.escape(row.actor)}<br>'
        f'<span class="score">{row.score:.3f}</span> <span class="meta">{spaces}</span>{flags}</div></div>'
    )


def _inline(picture: bytes) -> str:
    return f"data:image/webp;base64,{base64.b64encode(picture).decode()}"
