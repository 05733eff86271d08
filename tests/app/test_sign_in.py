"""Signing in through OpenID Connect, from the button to the page, against a provider on this machine."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.app.identity_provider import CLIENT, SECRET, Provider

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[2]
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(600),
    pytest.mark.skipif(BROWSER is None, reason="no Chromium; see tools/browser.sh"),
    pytest.mark.skipif(
        importlib.util.find_spec("authlib") is None or importlib.util.find_spec("httpx") is None,
        reason="signing in is not installed: `pip install castoon[login]`",
    ),
]
PATIENCE_MS = 120_000


@pytest.fixture
def provider() -> Iterator[Provider]:
    opened = Provider()
    yield opened
    opened.close()


@pytest.fixture
def address(library_folder: Path, tmp_path: Path, provider: Provider) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    table = tmp_path / "secrets.toml"
    table.write_text(
        f'[auth]\nredirect_uri = "{url}/oauth2callback"\ncookie_secret = "a cookie secret of the test, 32 bytes"\n'
        f'client_id = "{CLIENT}"\nclient_secret = "{SECRET}"\n'
        f'server_metadata_url = "{provider.address}/.well-known/openid-configuration"\n'
    )
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", "--server.port", str(port),
               "--server.headless", "true", "--secrets.files", str(table)]  # fmt: skip
    environment = {
        **os.environ, "CASTOON_LIBRARY": str(library_folder), "CASTOON_PACK": "fake",
        "CASTOON_EDITORS": '["ana@studio.example"]', "CASTOON_VIEWERS": '["*@studio.example"]',
    }  # fmt: skip
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
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
        opened = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


def signed_in(browser: Browser, address: str, provider: Provider, email: str, verified: bool = True) -> Page:
    """A new viewer who presses the button and comes back from the provider as that person."""
    provider.claims = {"email": email, "email_verified": verified, "name": "A person"}
    page = browser.new_context(locale="en-US").new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(address)
    page.get_by_role("heading", name="Castoon").wait_for()
    assert page.get_by_text("1. Actor").count() == 0
    page.get_by_role("button", name="Sign in").click()
    return page


def test_each_role_sees_and_may_do_what_it_should(browser: Browser, address: str, provider: Provider) -> None:
    editor = signed_in(browser, address, provider, "ana@studio.example")
    editor.get_by_text("ana@studio.example · editor").wait_for()
    editor.get_by_role("button", name="Shortlist").first.wait_for()
    assert editor.get_by_role("button", name="Shortlist").first.is_enabled()
    viewer = signed_in(browser, address, provider, "guest@studio.example")
    viewer.get_by_text("guest@studio.example · viewer").wait_for()
    viewer.get_by_role("button", name="Shortlist").first.wait_for()
    assert viewer.get_by_role("button", name="Shortlist").first.is_disabled()
    for email, verified in (("who@elsewhere.example", True), ("ana@studio.example", False)):
        stranger = signed_in(browser, address, provider, email, verified)
        stranger.get_by_text("is signed in but may not see this library").or_(
            stranger.get_by_text("may not see")
        ).first.wait_for()
        assert stranger.get_by_role("button", name="Shortlist").count() == 0
    editor.get_by_role("button", name="Sign out").click()
    editor.get_by_role("button", name="Sign in").wait_for()
    assert editor.get_by_role("button", name="Shortlist").count() == 0
