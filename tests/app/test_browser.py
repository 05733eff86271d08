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

from app_pages import texts
from casting import Library, castings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[2]
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BROWSER is None, reason="no Chromium; see tools/browser.sh"),
]
PATIENCE_MS = 120_000


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
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=BROWSER, args=QUIET)
        yield opened
        opened.close()


def look(browser: Browser, url: str, elsewhere: list[str]) -> Page:
    """A viewer of their own, who notes every request that leaves this machine."""
    page = browser.new_page(viewport={"width": 1280, "height": 900}, locale="en-US")
    page.set_default_timeout(PATIENCE_MS)
    page.on(
        "request",
        lambda request: (
            None if urlparse(request.url).hostname in {"127.0.0.1", None} else elsewhere.append(request.url)
        ),
    )
    page.goto(url)
    return page


@pytest.mark.timeout(900)
def test_the_main_path(
    browser: Browser, address: str, library_folder: Path, tmp_path: Path, draw: Callable[..., bytes]
) -> None:
    """Upload, pick a face, rank, why, shortlist, export, and open the address anew; in both languages."""
    elsewhere: list[str] = []
    for place, language in enumerate(texts.LANGUAGES):

        def t(key: str, language: texts.Language = language, **values: object) -> str:
            return texts.text(language, key, **values)

        page = look(browser, f"{address}/?lang={language}&character=The+Hero", elsewhere)
        page.get_by_text("1. <script>alert(1)</script>").wait_for()

        hero = tmp_path / "hero.png"
        hero.write_bytes(draw(5, 9 + place))
        page.get_by_text(t("character.picture"), exact=True).click()
        page.locator("input[type=file]").first.set_input_files(str(hero))
        page.get_by_text("1. Actor 5").wait_for()
        assert page.locator("button.face.chosen").count() == 1
        page.locator("button.face").first.click()
        page.get_by_text(t("faces.by_hand"), exact=True).click()
        page.locator(".box").press("Shift+ArrowRight")
        page.wait_for_function("() => location.search.includes('faces=')")
        page.get_by_text(t("faces.by_hand"), exact=True).click()
        page.locator("button.face.chosen").wait_for()
        page.wait_for_function("() => !location.search.includes('faces=')")
        page.get_by_text("1. Actor 5").wait_for()

        page.get_by_role("button", name=t("why")).first.click()
        page.get_by_text(t("why.parts")).wait_for()
        page.keyboard.press("Escape")

        page.get_by_role("button", name=t("shortlist"), exact=False).first.click()
        if place:
            page.get_by_role("dialog").get_by_role("combobox").first.click()
            page.get_by_role("option", name=t("shortlist.new")).click()
        page.get_by_label(t("shortlist.name")).fill(f"Leads {language}")
        page.get_by_label(t("shortlist.name")).press("Tab")
        page.get_by_label(t("save.name"), exact=True).fill(f"Hero {language}")
        page.get_by_label(t("save.name"), exact=True).press("Tab")
        page.get_by_role("dialog").get_by_role("button", name=t("shortlist.add"), exact=False).last.click()
        page.wait_for_function(f"() => location.search.includes('character=Hero+{language}')")
        page.get_by_text("1. Actor 5").wait_for()

        for key, begins in (
            ("export.csv", b"\xef\xbb\xbfrank,"),
            ("export.html", b"<!doctype"),
            ("export.pdf", b"%PDF"),
        ):
            if not page.get_by_role("button", name=t(key)).is_visible():
                page.get_by_role("button", name=t("export"), exact=False).first.click()
            with page.expect_download() as download:
                page.get_by_role("button", name=t(key)).click()
            assert Path(download.value.path()).read_bytes().startswith(begins)
        colleague = look(browser, page.url, elsewhere)
        colleague.get_by_text("1. Actor 5").wait_for()
        assert colleague.get_by_role("heading", name=t("nav.rank")).count() == 1
        colleague.close()
        page.close()
    library = Library.open(library_folder, pack="fake")
    for language in texts.LANGUAGES:
        (entry,) = castings.shortlists.entries(library, f"Leads {language}")
        assert (entry.actor, entry.character) == ("Actor 5", f"Hero {language}")
    assert elsewhere == []


def test_nothing_is_wider_than_a_phone(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844}, locale="ko-KR", is_mobile=True, has_touch=True)
    page.set_default_timeout(PATIENCE_MS)
    page.goto(address)
    page.get_by_text("1. <script>alert(1)</script>").wait_for()
    assert page.get_by_role("heading", name="배우 순위").count() == 1
    main = "document.querySelector('[data-testid=stMain]')"
    assert page.evaluate(f"{main}.scrollWidth <= {main}.clientWidth")
    page.close()
