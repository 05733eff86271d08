"""How soon each page shows itself once the server is warm, in a real browser.

    .venv/bin/python -m bench.first_paint --library DIR [--repeats 5] [--only rank map]

Two moments are taken, in seconds since the address was entered: `first` when the page's own title and the first thing
under it are drawn, `whole` when the script has ended and every picture is there. `back` is somebody who has used the
dashboard before, so that the browser holds Streamlit's programs; `new` is a new browser profile each time, which loads
and compiles them first. Each page is opened once before, so that models and caches are warm. The bar is 1.5 s for the
median of `first`. Prints one JSON document.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.dashboard import dashboard

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("rank", "compare", "castings", "library", "map", "index", "styles", "evaluation")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
BAR_S = 1.5
VIEWER: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}, "locale": "en-US"}
PATIENCE_MS = 120_000
FIRST = """() => {
    const main = document.querySelector('[data-testid=stMain]');
    return main && main.querySelector('h1') && main.querySelectorAll('[data-testid=stElementContainer]').length > 1;
}"""
WHOLE = """() => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'
    && document.querySelector('[data-testid=stMain] h1')
    && [...document.images].every(image => image.complete)"""


def opened(context: BrowserContext, address: str) -> tuple[float, float]:
    """Seconds to the first and to the whole page."""
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    began = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_function(FIRST)
    first = time.perf_counter() - began
    page.wait_for_function(WHOLE)
    whole = time.perf_counter() - began
    page.close()
    return round(first, 2), round(whole, 2)


def times(browser: Browser, address: str, repeats: int) -> dict[str, dict[str, float]]:
    """Medians for somebody who comes back and for somebody new."""
    found = {}
    known = browser.new_context(**VIEWER)
    opened(known, address)
    for who in ("back", "new"):
        seen = []
        for _ in range(repeats):
            context = known if who == "back" else browser.new_context(**VIEWER)
            seen.append(opened(context, address))
            if who == "new":
                context.close()
        first, whole = zip(*seen, strict=True)
        found[who] = {"first": statistics.median(first), "slowest": max(first), "whole": statistics.median(whole)}
    known.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--library", type=Path, default=ROOT / "library" / "demo")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", nargs="*", choices=PAGES, default=list(PAGES))
    asked = parser.parse_args()
    if CHROMIUM is None:
        sys.exit("No Chromium; see tools/browser.sh.")
    from playwright.sync_api import sync_playwright

    found = {}
    with dashboard(asked.library) as (address, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        for name in asked.only:
            found[name] = times(browser, f"{address}/{'' if name == 'rank' else name}", asked.repeats)
            print(name, found[name], file=sys.stderr, flush=True)
        browser.close()
    print(json.dumps({"bar_s": BAR_S, "pages": found}, indent=2))


if __name__ == "__main__":
    main()
