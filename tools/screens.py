"""Pictures of every page, light and dark, wide and on a phone, into `docs/screens/`.

    .venv/bin/python tools/screens.py --library library/demo [--only rank map] [--lang ko] [--out DIR]

Starts the dashboard on a library of your own choice (best a demo library, whose people are fictional) and needs
Chromium; see `tools/browser.sh`. Pages are as long as their content, up to `LONGEST`.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parent.parent
PAGES = {
    "rank": "?character=Moon+Bit-na",
    "compare": "compare?character=Moon+Bit-na",
    "castings": "castings",
    "style": "castings?part=style",
    "library": "library",
    "styles": "styles",
    "index": "index",
    "evaluation": "evaluation",
    "map": "map",
}
PRESS = {"evaluation": ("Evaluate", "Mean reciprocal rank")}
"""What is pressed first, and the words that then appear, on a page that shows nothing by itself."""
WIDTHS = {1440: 900, 390: 844}
LONGEST = 2600
PATIENCE_MS = 180_000
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--hide-scrollbars"]  # fmt: skip


@contextmanager
def dashboard(library: Path) -> Iterator[str]:
    """The dashboard on a free port; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", "--server.port", str(port),
               "--server.headless", "true"]  # fmt: skip
    environment = {**os.environ, "CASTOON_LIBRARY": str(library.absolute())}
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).read()  # noqa: S310
                break
            except OSError:
                time.sleep(0.2)
        yield address
    finally:
        server.terminate()
        server.wait()


def settle(page: Page) -> None:
    """Wait until the script and any work beside the page have ended and every picture is there."""
    page.wait_for_selector("[data-testid=stApp]")
    quiet = 0
    while quiet < 3:
        page.wait_for_function(
            """() => document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'
                  && !document.querySelector('[data-testid=stSkeleton], [class*="st-key-stop"]')
                  && [...document.images].every(image => image.complete)"""
        )
        page.wait_for_timeout(250)
        running = page.evaluate("document.querySelector('[data-testid=stApp]').dataset.testScriptState")
        quiet = quiet + 1 if running == "notRunning" else 0


def picture(
    browser: Browser, address: str, width: int, dark: bool, lang: str, press: tuple[str, str] | None = None
) -> bytes:
    """One page as WebP, from its top to its end."""
    from PIL import Image

    page = browser.new_page(
        viewport={"width": width, "height": WIDTHS[width]}, color_scheme="dark" if dark else "light",
        locale="ko-KR" if lang == "ko" else "en-US", is_mobile=width < 600, has_touch=width < 600,
    )  # fmt: skip
    page.set_default_timeout(PATIENCE_MS)
    page.goto(address)
    settle(page)
    if press:
        page.get_by_role("button", name=press[0]).first.click()
        page.get_by_text(press[1]).first.wait_for()
        settle(page)
    height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": width, "height": int(min(max(height, WIDTHS[width]), LONGEST))})
    settle(page)
    shot = page.screenshot()
    page.close()
    buffer = io.BytesIO()
    Image.open(io.BytesIO(shot)).convert("RGB").save(buffer, "WEBP", quality=72, method=6)
    return buffer.getvalue()


def main() -> None:
    """Take the pictures that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--library", type=Path, default=ROOT / "library" / "demo")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "screens")
    parser.add_argument("--only", nargs="*", choices=list(PAGES), default=list(PAGES))
    parser.add_argument("--lang", choices=["en", "ko"], default="en")
    parser.add_argument("--query", default="", help="added to the address of every page")
    asked = parser.parse_args()
    if CHROMIUM is None:
        sys.exit("No Chromium; see tools/browser.sh.")
    from playwright.sync_api import sync_playwright

    asked.out.mkdir(parents=True, exist_ok=True)
    with dashboard(asked.library) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        for name in asked.only:
            separator = "&" if "?" in PAGES[name] else "?"
            url = f"{address}/{PAGES[name]}{separator}lang={asked.lang}{asked.query}"
            for width in WIDTHS:
                for dark in (False, True):
                    target = asked.out / f"{name}-{'dark' if dark else 'light'}-{width}.webp"
                    target.write_bytes(picture(browser, url, width, dark, asked.lang, PRESS.get(name)))
                    print(f"{target} {target.stat().st_size / 1024:.0f} KB", flush=True)
        browser.close()


if __name__ == "__main__":
    main()
