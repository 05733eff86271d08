"""The main path in a real browser: pictures appear, the address keeps the state, and nothing leaves the machine."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlparse

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[2]
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BROWSER is None, reason="no Chromium; see tools/browser.sh"),
]
PATIENCE_MS = 60_000


@pytest.fixture
def address(library_folder: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", "--server.port", str(port),
               "--server.headless", "true"]  # fmt: skip
    environment = {**os.environ, "CASTOON_LIBRARY": str(library_folder), "CASTOON_PACK": "fake"}
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=1).read()
            break
        except OSError:
            time.sleep(0.2)
    yield url
    server.terminate()
    server.wait()


@pytest.fixture
def page(address: str) -> Iterator[tuple[Page, list[str]]]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=QUIET)
        opened = browser.new_page(viewport={"width": 1280, "height": 900}, locale="en-US")
        opened.set_default_timeout(PATIENCE_MS)
        elsewhere: list[str] = []
        opened.on(
            "request",
            lambda request: (
                None if urlparse(request.url).hostname in {"127.0.0.1", None} else elsewhere.append(request.url)
            ),
        )
        opened.goto(address)
        yield opened, elsewhere
        browser.close()


def test_the_main_path(page: tuple[Page, list[str]], address: str, tmp_path: Path, draw: Callable[..., bytes]) -> None:
    browser, elsewhere = page
    browser.get_by_text("1. <script>alert(1)</script>").wait_for()

    hero = tmp_path / "hero.png"
    hero.write_bytes(draw(5, 9))
    browser.get_by_text("Upload", exact=True).first.click()
    browser.locator("input[type=file]").set_input_files(str(hero))
    browser.get_by_text("1. Actor 5").wait_for()
    browser.wait_for_function(
        "() => [...document.querySelectorAll('[data-testid=stImage] img')].filter(i => i.naturalWidth > 0).length >= 9"
    )

    with browser.expect_download() as download:
        browser.get_by_role("button", name="CSV").click()
    assert Path(download.value.path()).read_text("utf-8-sig").splitlines()[1].startswith("1,Actor 5,")
    with browser.expect_download() as download:
        browser.get_by_role("button", name="Report").click()
    assert Path(download.value.path()).read_text().count('<div class="card">') == 8

    browser.goto(f"{address}/?lang=ko&character=The+Hero&where=gender%3Dfemale")
    browser.get_by_role("heading", name="배우 순위").first.wait_for()
    browser.get_by_text("1. Actor").wait_for()
    assert browser.get_by_text("Actor 4").count() == 0
    assert elsewhere == []
