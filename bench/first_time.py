"""A first-time user's path: clicks and seconds from `make demo` to a ranking of an own picture, and to a report.

    .venv/bin/python -m bench.first_time PICTURE [--face 2] [--library DIR] [--fresh]

Runs `castoon demo` as `make demo` does once the environment stands, opens Chromium, and does what a person would do:
press "Picture", press the uploader, choose the file, pick a face where there are several, press "Export", press "PDF
report". Clicks are counted one a press, the file dialog as two (choose, open). With `--fresh` the demo library is made
anew in a temporary folder, and the making counts.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PATIENCE_MS = 60_000
CARD = re.compile(r"^1\. ")


class Clock:
    """Seconds and clicks since the command was given."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self.clicks = 0
        self.marks: dict[str, dict[str, float]] = {}

    def mark(self, name: str) -> None:
        self.marks[name] = {"seconds": round(time.perf_counter() - self._began, 1), "clicks": self.clicks}
        print(f"{self.marks[name]['seconds']:6.1f} s, {self.clicks} clicks: {name}", file=sys.stderr, flush=True)


def walk(page: Page, address: str, picture: Path, face: int, clock: Clock) -> None:
    """The path, click by click."""
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{address}/?lang=en")
    page.get_by_role("heading", name="Rank actors").wait_for()
    clock.mark("page is there")
    page.get_by_text(CARD).first.wait_for()
    clock.mark("demo character ranked")
    before = page.get_by_text(CARD).first.inner_text()
    page.get_by_role("radio", name="Picture").click()
    clock.clicks += 1
    with page.expect_file_chooser() as chooser:
        page.get_by_test_id("stFileUploader").get_by_test_id("stBaseButton-secondary").click()
    clock.clicks += 1
    chooser.value.set_files(str(picture))
    clock.clicks += 2
    page.locator("button.face.chosen").wait_for()
    clock.mark("faces found")
    if face > 1:
        page.locator("button.face").nth(face - 1).click()
        clock.clicks += 1
    page.get_by_text(CARD).first.wait_for()
    page.wait_for_function(
        "() => document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'"
    )
    clock.mark("own picture ranked")
    page.get_by_role("button", name="Export").first.click()
    clock.clicks += 1
    with page.expect_download() as download:
        page.get_by_role("button", name="PDF report").click()
        clock.clicks += 1
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")
    clock.mark("report exported")
    print(json.dumps({"first before": before, "path": clock.marks}, indent=2, ensure_ascii=False))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("picture", type=Path)
    parser.add_argument("--face", type=int, default=1, help="which of several faces, from 1")
    parser.add_argument("--library", type=Path, default=ROOT / "library" / "demo")
    parser.add_argument("--fresh", action="store_true", help="make the demo library anew")
    asked = parser.parse_args()
    if CHROMIUM is None:
        sys.exit("No Chromium; see tools/browser.sh.")
    from playwright.sync_api import sync_playwright

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        library = Path(folder) / "demo" if asked.fresh else asked.library
        clock = Clock()
        command = [str(Path(sys.executable).with_name("castoon")), "demo", "--no-browser", "--port", str(port),
                   "--library", str(library)]  # fmt: skip
        demo = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            assert demo.stdout is not None
            for line in demo.stdout:
                if "open at" in line:
                    break
            clock.mark("address is shown")
            walk(browser.new_page(locale="en-US"), f"http://127.0.0.1:{port}", asked.picture, asked.face, clock)
        finally:
            demo.send_signal(signal.SIGTERM)
            demo.wait()
            browser.close()


if __name__ == "__main__":
    main()
