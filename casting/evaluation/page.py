"""An evaluation as one self-contained HTML page: opens anywhere, needs no network and no script."""

from __future__ import annotations

import base64
import html
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from casting.evaluation.plots import all_plots
from casting.pictures import webp
from castoon.errors import CastoonError
from castoon.images import read

if TYPE_CHECKING:
    import pandas as pd

    from casting.evaluation.report import EvaluationReport, QueryResult

WORST, FACELESS = 12, 4
_STYLE = """
:root{color-scheme:light dark}
body{font:15px/1.55 system-ui,"Noto Sans KR",sans-serif;max-width:1040px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2.2rem}
figure{margin:1.2rem 0;overflow-x:auto}
.wide{overflow-x:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:.25rem .9rem .25rem 0;border-bottom:1px solid #8883;white-space:nowrap}
.caution{border-left:4px solid #e25822;padding:.4rem .9rem}
.worst{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:.8rem}
.worst img{width:100%;border-radius:8px}
.small,footer{font-size:.85em;opacity:.8;overflow-wrap:anywhere}
"""


def page(report: EvaluationReport) -> str:
    """The page as text; nothing typed by people is taken as markup."""
    figures = "".join(f"<figure>{plot.svg}</figure>" for plot in all_plots(report))
    cautions = "".join(f'<p class="caution">{html.escape(words)}</p>' for words in report.cautions)
    head = (
        f"{report.queries} drawings, {report.gallery_actors} actors, {report.no_face} drawings without a face. "
        "Intervals are 95%, from drawing actors again and again."
    )
    about = {
        "Index": report.index_version,
        "Model pack": f"{report.pack} ({report.pack_licence})",
        "Spaces and weights": ", ".join(f"{name} x {weight:.2f}" for name, weight in report.weights.items()),
        "Tuning": report.tuning,
    }
    rows = "".join(f"<tr><td>{html.escape(k)}</td><td>{html.escape(v)}</td></tr>" for k, v in about.items())
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Castoon: evaluation</title><style>{_STYLE}</style></head><body>
<h1>How often the right actor comes first</h1><p>{html.escape(head)}</p>{cautions}
{_table(report.frame())}
{_calibration(report)}
{figures}
<h2>Other casts</h2><p class="small">The same drawings among fewer actors: scores and "no good match" are to mean the
same in a cast of any size.</p>{_table(report.casts_frame())}
<h2>Ways of ranking</h2>{_table(report.ablation_frame())}
<h2>Groups of drawings</h2>{_groups(report)}
<h2>Exposure among the first ten</h2>{_table(report.exposure_frame())}
<h2>Where it went most wrong</h2>{_wrong(report)}
<h2>Left out</h2>{_refused(report)}
<footer><table>{rows}</table><p>Similarity of pictures is measured, nothing else: no figure here says anything about a
person's worth or ability.</p></footer></body></html>
"""


def _most_wrong(report: EvaluationReport) -> list[QueryResult]:
    """Drawings whose actor is not first, furthest down first, and some in which no face was found."""
    worst = [one for one in report.worst(len(report.results)) if one.rank != 1]
    faceless = [one for one in worst if one.rank is None][:FACELESS]
    return [*[one for one in worst if one.rank is not None][: WORST - len(faceless)], *faceless]


def _wrong(report: EvaluationReport) -> str:
    found = "".join(_worst(one) for one in _most_wrong(report))
    return f'<div class="worst">{found}</div>' if found else '<p class="small">Every actor came first.</p>'


def _groups(report: EvaluationReport) -> str:
    """Groups with enough drawings as a table, the others by name."""
    frame, enough = report.groups_frame(), np.array([row.enough for row in report.groups], np.bool_)
    few = [f"{row.group} ({row.by})" for row in report.groups if not row.enough]
    told = f'<p class="small">Insufficient data: {html.escape(", ".join(few))}.</p>' if few else ""
    return _table(frame[enough]) + told if enough.any() or not few else told


def _table(frame: pd.DataFrame) -> str:
    if frame.empty:
        return '<p class="small">Nothing to show.</p>'
    head = "".join(f"<th>{html.escape(str(column))}</th>" for column in frame.columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(_cell(value))}</td>" for value in row) + "</tr>"
        for row in frame.itertuples(index=False)
    )
    return f'<div class="wide"><table><tr>{head}</tr>{body}</table></div>'


def _cell(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _calibration(report: EvaluationReport) -> str:
    check = report.calibration
    if check is None:
        return f'<p class="caution">Scores are not calibrated: {html.escape(report.tuning)}</p>'
    return (
        f"<p>Expected calibration error of the best actors' scores: <b>{check.error:.3f}</b> (perfect ones would "
        f"show {check.by_luck:.3f} on so many drawings). With the right actor "
        f'taken out of the gallery, "no good match" is said of <b>{check.missing_caught}%</b> of drawings; with the '
        f"actor there and first, of <b>{check.first_lost}%</b>. A limit that loses a tenth of these would catch "
        f"<b>{100 * check.caught_at_a_tenth:.1f}%</b>.</p>"
    )


def _worst(one: QueryResult) -> str:
    try:
        picture = f'<img alt="" src="data:image/webp;base64,{_inline(Path(one.image))}">'
    except CastoonError:
        picture = ""
    rank = "no face" if one.rank is None else f"rank {one.rank}"
    words = f"{rank}: {one.actor}" + (f", first was {one.best}" if one.best else "")
    return f'<div>{picture}<div class="small">{html.escape(words)}</div></div>'


def _inline(path: Path) -> str:
    return base64.b64encode(webp(read(path).pixels, 180)).decode()


def _refused(report: EvaluationReport) -> str:
    if not report.refused:
        return '<p class="small">Nothing.</p>'
    rows = "".join(f"<li>{html.escape(str(error))}</li>" for error in report.refused[:50])
    return f'<ul class="small">{rows}</ul>'
