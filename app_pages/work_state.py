"""Work that takes long, done beside the page: it shows what it is at, how fast, how long still, and can be stopped.

A thread does the work and never draws; a fragment looks at it and draws. What belongs to one analyst's work lies in
their session, so that ten analysts do not see one another's.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from app_pages import state
from app_pages.state import plain, t
from casting.progress import Progress
from castoon.errors import CastoonError
from castoon.words import Words

LOOK_EVERY_S = 0.8
SHORT_S = 0.6
"""Work that ends within this time never shows a bar."""


@dataclass
class Watched:
    """A `casting.progress.Progress` that knows how fast the work goes."""

    what: str = ""
    total: int | None = None
    done: int = 0
    stopped: bool = False
    began: float = field(default_factory=time.monotonic)

    def begin(self, what: str, total: int | None) -> None:
        """See `Progress.begin`."""
        self.what, self.total, self.done, self.began = what, total, 0, time.monotonic()

    def advance(self, steps: int = 1) -> None:
        """See `Progress.advance`."""
        self.done += steps

    @property
    def per_second(self) -> float | None:
        """Steps a second in this stage."""
        spent = time.monotonic() - self.began
        return self.done / spent if self.done and spent > 0 else None

    @property
    def seconds_left(self) -> float | None:
        """Until the stage ends."""
        rate = self.per_second
        return max(self.total - self.done, 0) / rate if rate and self.total else None


@dataclass(eq=False)
class Work:
    """One piece of work: running, or ended with a result or an error."""

    progress: Watched = field(default_factory=Watched)
    result: Any = None
    error: CastoonError | None = None
    ended: bool = False
    thread: threading.Thread | None = None

    def run(self, job: Callable[[Progress], Any]) -> None:
        """Do the work, keeping whatever comes of it."""
        try:
            self.result = job(self.progress)
        except CastoonError as error:
            self.error = error
        except Exception as error:
            logging.getLogger("castoon").exception("work failed")
            self.error = CastoonError("castoon", Words("{kind}: {why}", kind=type(error).__name__, why=error))
        finally:
            self.ended = True


def start(key: str, job: Callable[[Progress], Any]) -> Work:
    """Begin a piece of work under a name of the page's own; short work has ended when this returns."""
    work = Work()
    st.session_state[f"work {key}"] = work
    work.thread = threading.Thread(target=work.run, args=(job,), name=f"castoon {key}", daemon=True)
    work.thread.start()
    work.thread.join(SHORT_S)
    return work


def current(key: str) -> Work | None:
    """The work under this name: running, or ended and not yet forgotten."""
    found = st.session_state.get(f"work {key}")
    return found if isinstance(found, Work) else None


def forget(key: str) -> None:
    """Drop what came of it."""
    st.session_state.pop(f"work {key}", None)


def watch(key: str) -> bool:
    """Show running work, redrawn by itself; whether it is still running. An error it ended with is shown."""
    work = current(key)
    if work is None:
        return False
    if not work.ended:
        _look(key)
        return True
    if work.error is not None:
        state.show_error(work.error)
    return False


@st.fragment(run_every=LOOK_EVERY_S)
def _look(key: str) -> None:
    work = current(key)
    if work is None or work.ended:
        st.rerun()
        return
    progress = work.progress
    with st.container(border=True, key=f"working-{key}"):
        show_progress(progress.what, progress.done, progress.total, progress.per_second, progress.seconds_left)
        if progress.stopped:
            st.caption(t("work.stopping"))
        else:
            st.button(
                t("work.stop"), icon=":material/stop_circle:", key=f"stop {key}", on_click=setattr,
                args=(progress, "stopped", True),
            )  # fmt: skip


def show_progress(what: str, done: int, total: int | None, per_second: float | None, left: float | None) -> None:
    """A bar with stage, count, rate and time left, whoever does the work."""
    stage = t(f"work.{what}") if what else t("work.begin")
    if not total:
        st.progress(0.0, text=f"**{plain(stage)}**")
        return
    parts = [f"{done:,} / {total:,}"]
    if per_second:
        parts.append(t("work.rate", rate=f"{per_second:,.1f}"))
    if left is not None:
        parts.append(t("work.left", time=duration(left)))
    st.progress(min(done / total, 1.0), text=f"**{plain(stage)}** · {plain(' · '.join(parts))}")


def duration(seconds: float) -> str:
    """Seconds as people say them."""
    whole = round(seconds)
    if whole < 60:
        return t("time.seconds", count=whole)
    if whole < 3600:
        return t("time.minutes", minutes=whole // 60, seconds=whole % 60)
    return t("time.hours", hours=whole // 3600, minutes=whole % 3600 // 60)


def ago(seconds: float) -> str:
    """How long ago something was, in one unit."""
    for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= length:
            return t(f"ago.{unit}", count=int(seconds // length))
    return t("ago.now")


def flash(words: str) -> None:
    """Say something at the top of the page that is drawn next."""
    st.session_state["flash"] = words


def show_flash() -> None:
    """Say what was left to be said."""
    words = st.session_state.pop("flash", None)
    if words:
        st.toast(plain(words), icon=":material/check_circle:")
