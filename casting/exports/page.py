"""A ranking as one HTML file with its pictures inside; nothing typed by people is ever taken as markup."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from pathlib import Path

from casting.exports import content
from casting.exports.words import Language, say
from casting.library import Library
from casting.pictures import webp
from casting.results import RankedActor, Ranking
from castoon.files import write_atomic
from castoon.images import RGB

PORTRAIT_PX = 300
_STYLE = """
:root{color-scheme:light dark;--line:#8884;--accent:light-dark(#0b7a6f,#3fc4b4);--quiet:light-dark(#51605d,#a9b6b3)}
*{box-sizing:border-box}
body{font:15px/1.5 system-ui,"Noto Sans KR",sans-serif;max-width:1000px;margin:2.5rem auto;padding:0 1rem;
word-break:keep-all;overflow-wrap:anywhere}
h1{font-size:1.6rem;line-height:1.2;margin:0 0 .5rem}
.head{display:flex;gap:1.5rem;align-items:flex-start;margin-bottom:2rem}
.shown{display:flex;flex-wrap:wrap;gap:.5rem;flex:none;max-width:min(320px,100%)}
.shown img{height:190px;max-width:100%;border-radius:12px}
.several img{height:110px}
.verdict{font-weight:600;border-left:4px solid var(--accent);padding-left:.8rem;margin:.8rem 0}
.fake{border-color:#d33}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(190px,1fr));gap:1rem}
.card{border:1px solid var(--line);border-radius:12px;overflow:hidden;break-inside:avoid}
.card img,.gone{width:100%;aspect-ratio:1;object-fit:cover;display:grid;place-items:center;background:#8882}
.card>div:last-child{padding:.7rem .85rem .9rem}
.line{display:flex;justify-content:space-between;gap:.5rem;font-weight:600}
.score{color:var(--accent);white-space:nowrap;font-variant-numeric:tabular-nums}
.bar{height:4px;border-radius:2px;background:var(--line);margin:.35rem 0 .5rem}
.bar i{display:block;height:100%;border-radius:2px;background:var(--accent)}
.meta{font-size:.86em;color:var(--quiet);margin:.15rem 0}
.flags{font-size:.8em;color:#b3541e}
footer{margin-top:2.5rem;border-top:1px solid var(--line);padding-top:1rem;font-size:.86em;color:var(--quiet)}
table{border-collapse:collapse}
td{padding:.15rem 1rem .15rem 0;vertical-align:top}
td:first-child{white-space:nowrap}
@media(max-width:560px){.head{flex-direction:column}td:first-child{white-space:normal}}
"""


def write_html(
    ranking: Ranking, library: Library, character: Sequence[RGB], target: Path, language: Language = "en"
) -> None:
    """Write `html_page` to a file."""
    write_atomic(target, html_page(ranking, library, character, language).encode())


def html_page(ranking: Ranking, library: Library, character: Sequence[RGB], language: Language = "en") -> str:
    """The page as text, under all pictures of the character."""
    title = escape(content.title(ranking, language))
    pictures = "".join(f'<img src="{_inline(webp(one, 480))}" alt="">' for one in character)
    shown = f'<div class="shown{" several" if len(character) > 1 else ""}">{pictures}</div>' if character else ""
    verdict = content.verdict(ranking, language)
    said = f'<p class="verdict{" fake" if ranking.fake else ""}">{escape(verdict)}</p>' if verdict else ""
    cards = "\n".join(_card(ranking, row, library, language) for row in ranking.results)
    rows = "".join(
        f"<tr><td>{escape(label)}</td><td>{escape(value)}</td></tr>"
        for label, value in content.provenance(ranking, library, language)
    )
    return f"""<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Castoon: {title}</title><style>{_STYLE}</style></head><body>
<div class="head">{shown}<div><h1>{title}</h1>{said}
<p class="meta">{escape(content.meaning(ranking, language))}</p></div></div>
<div class="cards">{cards}</div>
<footer><table>{rows}</table></footer></body></html>
"""


def _card(ranking: Ranking, row: RankedActor, library: Library, language: Language) -> str:
    pixels = content.photo(row, library)
    gone = f'<div class="gone">{escape(say(language, "photo.gone"))}</div>'
    picture = gone if pixels is None else f'<img src="{_inline(webp(pixels, PORTRAIT_PX))}" alt="">'
    spaces = ", ".join(f"{name} {cosine:.3f}" for name, cosine in row.spaces.items())
    flags = f'<p class="flags">{escape(content.flags(row, language))}</p>' if row.flags else ""
    return (
        f'<div class="card">{picture}<div><div class="line"><span>{row.rank}. {escape(row.actor)}</span>'
        f'<span class="score">{content.score(ranking, row.score)}</span></div>'
        f'<div class="bar"><i style="width:{100 * content.share(ranking, row.score):.0f}%"></i></div>'
        f'<p class="meta">{escape(content.facts(row, language))}</p><p class="meta">{escape(spaces)}</p>{flags}'
        "</div></div>"
    )


def _inline(picture: bytes) -> str:
    return f"data:image/webp;base64,{base64.b64encode(picture).decode()}"
