"""The HTML report opens in a real browser: every plot has a size and ink, and nothing is asked from elsewhere."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from casting import Engine, Library, evaluate
from casting.evaluation import Truth
from casting.evaluation.plots import all_plots

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [pytest.mark.browser, pytest.mark.skipif(BROWSER is None, reason="no Chromium; see tools/browser.sh")]

LOOK = """() => [...document.querySelectorAll('figure svg')].map(svg => {
    const frame = svg.getBoundingClientRect();
    const marks = [...svg.querySelectorAll('circle, polyline, line, text')].filter(mark => mark.tagName !== 'line'
        || mark.getAttribute('x1') !== mark.getAttribute('x2') || mark.getAttribute('y1') !== mark.getAttribute('y2'));
    const outside = marks.filter(mark => {
        const box = mark.getBoundingClientRect();
        return box.width + box.height === 0 || box.left < frame.left - 3 || box.right > frame.right + 3
            || box.top < frame.top - 3 || box.bottom > frame.bottom + 3;
    });
    return {title: svg.getAttribute('aria-label'), wide: frame.width, high: frame.height, marks: marks.length,
            outside: outside.map(mark => mark.outerHTML), broken: /NaN|Infinity/.test(svg.innerHTML)};
})"""
"""Of every plot: its size, how many marks it has, and those that have no size or reach beyond it. (An interval without
width is a line without length.)"""


@pytest.mark.parametrize("width", [1280, 420])
def test_every_plot_is_drawn(
    ready: Library, engine: Engine, tmp_path: Path, draw: Callable[..., bytes], width: int
) -> None:
    from playwright.sync_api import sync_playwright

    rows = []
    for person in range(6):
        for take in range(2):
            path = tmp_path / f"{person}-{take}.png"
            path.write_bytes(draw(person, 60 + take))
            rows.append(Truth(path, f"actor {person}", "odd" if person % 2 else "even"))
    wrong = tmp_path / "wrong.png"
    wrong.write_bytes(draw(0, 62))
    report = evaluate(ready, engine, [*rows, Truth(wrong, "actor 1", "odd")])
    assert max(len(row.name) for row in report.ablation) > 25, "long labels are what does not fit"
    report.write_html(tmp_path / "report.html")
    asked: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: asked.append(str(error)))
        page.goto((tmp_path / "report.html").as_uri())
        plots = page.evaluate(LOOK)
        pictures = page.evaluate("() => [...document.images].map(one => one.complete && one.naturalWidth > 0)")
        browser.close()
    assert [plot["title"] for plot in plots] == [plot.title for plot in all_plots(report)]
    for plot in plots:
        assert plot["wide"] > 300, plot
        assert plot["high"] > 50, plot
        assert plot["marks"] > 5, plot
        assert plot["outside"] == [], plot
        assert not plot["broken"], plot
    assert len(pictures) == 1, "only what went wrong is shown"
    assert all(pictures)
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
