"""Ten people at the dashboard for two minutes: errors, cross-talk, memory, and how long a ranking takes them.

    .venv/bin/python -m bench.many_actors --from library/demo --to DIR     # once: 10,000 actors, 480 characters
    .venv/bin/python -m bench.dashboard --library DIR [--users 10] [--seconds 120] [--alone 30]

Starts the dashboard on a library made by `bench.many_actors` and opens one session a user over Streamlit's own
WebSocket, as a browser does. Each user keeps choosing characters that nobody has chosen before, so that finding the
face, embedding it, searching, and drawing the cards are done anew every time; a ranking has ended when the script has
and every picture on the page is there. Every tenth time a user opens a new tab. Answers are compared with what the
engine itself ranks (`answers.json`); no two users have variants of the same drawing, so an answer that is somebody
else's cannot look right. First one user works alone, for comparison; then all at once.

Prints one JSON document: errors, wrong answers, percentiles for one user and for all with the bar they must stay
under, and the server's memory after one minute and at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlencode

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from casting.serving import environment

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_S = 120.0
TAB_EVERY = 10
CARD = re.compile(r"\*\*(\d+)\. (.*)\*\*")
MOST_TIMES, MOST_GROWTH = 2.0, 0.10


@dataclass
class Tab:
    """One open page: its connection, and what the browser would know of it."""

    connection: WebSocketClientConnection
    query: str = ""
    selectbox: str = ""


@dataclass
class User:
    """One analyst: which characters they choose, and what became of it."""

    number: int
    characters: Iterator[str]
    took: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    tab: Tab | None = None
    idle: bool = False
    """Whether there was no character left to choose."""


async def ask(address: str, user: User, known: dict[str, list[str]]) -> None:
    """Choose the next character, wait until its ranking is drawn, and look whether it is the right one."""
    name = next(user.characters, None)
    if name is None:
        user.idle = True
        return
    began = time.perf_counter()
    try:
        cards, pictures, failure = await asyncio.wait_for(_choose(address, user, name), PATIENCE_S)
        failure = failure or await asyncio.wait_for(_fetch(address, pictures), PATIENCE_S)
    except (TimeoutError, OSError) as error:
        failure, cards = f"{type(error).__name__}: {error}", []
    if failure:
        user.errors.append(f"{name}: {failure}")
        _close(user)
        return
    user.took.append(time.perf_counter() - began)
    assert user.tab is not None
    shown = parse_qs(user.tab.query).get("character", [""])[0]
    if shown != name or cards != known[name]:
        user.wrong.append(f"{name}: {shown} with {cards[:3]} instead of {known[name][:3]}")
    if len(user.took) % TAB_EVERY == 0:
        _close(user)


async def _choose(address: str, user: User, name: str) -> tuple[list[str], list[str], str]:
    """Open the page with this character, or choose it where the page is open."""
    wanted = BackMsg()
    if user.tab is None:
        request = HTTPRequest(f"{address.replace('http', 'ws')}/_stcore/stream", headers={"Origin": address})
        user.tab = Tab(await websocket_connect(request, subprotocols=["streamlit"]))
        wanted.rerun_script.query_string = user.tab.query = urlencode({"character": name, "lang": "en"})
    else:
        wanted.rerun_script.query_string = user.tab.query
        state = wanted.rerun_script.widget_states.widgets.add()
        state.id, state.string_value = user.tab.selectbox, name
    await user.tab.connection.write_message(wanted.SerializeToString(), binary=True)
    return await _drawn(user.tab)


async def _drawn(tab: Tab) -> tuple[list[str], list[str], str]:
    """Cards and addresses of pictures once the script has ended, or what went wrong."""
    cards: list[str] = []
    pictures: list[str] = []
    while True:
        raw = await tab.connection.read_message()
        if raw is None:
            return cards, pictures, "the connection was closed"
        message = ForwardMsg()
        message.ParseFromString(raw)
        match message.WhichOneof("type"):
            case "page_info_changed":
                tab.query = message.page_info_changed.query_string
            case "delta" if message.delta.WhichOneof("type") == "new_element":
                element = message.delta.new_element
                kind = element.WhichOneof("type")
                if kind == "exception":
                    return cards, pictures, element.exception.message
                if kind == "alert" and element.alert.format == element.alert.ERROR:
                    return cards, pictures, element.alert.body
                if kind == "imgs":
                    pictures += [one.url for one in element.imgs.imgs]
                if kind == "selectbox" and not tab.selectbox and "Hero 0000" in element.selectbox.options:
                    tab.selectbox = element.selectbox.id
                if kind == "markdown" and (card := CARD.fullmatch(element.markdown.body)):
                    cards.append(card[2].replace("\\", ""))
            case "script_finished" if message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                return cards, pictures, "" if cards else "no cards"


async def _fetch(address: str, pictures: list[str]) -> str:
    """Fetch every picture, as the browser does; what went wrong."""
    client = AsyncHTTPClient()
    answers = await asyncio.gather(
        *(client.fetch(f"{address}{url}", raise_error=False) for url in dict.fromkeys(pictures))
    )
    missing = [answer.code for answer in answers if answer.code != 200 or not answer.body]
    return f"{len(missing)} pictures missing ({missing[0]})" if missing else ""


def _close(user: User) -> None:
    if user.tab is not None:
        user.tab.connection.close()
    user.tab = None


async def work(address: str, users: list[User], seconds: float, known: dict[str, list[str]]) -> None:
    """Let all users work at once, each thinking half a second to two seconds between two rankings."""
    ends = time.monotonic() + seconds

    async def one(user: User) -> None:
        chance = random.Random(user.number)
        await asyncio.sleep(chance.uniform(0.0, 2.0) if len(users) > 1 else 0.0)
        while time.monotonic() < ends and not user.idle:
            await ask(address, user, known)
            await asyncio.sleep(chance.uniform(0.5, 2.0))
        _close(user)

    await asyncio.gather(*(one(user) for user in users))


async def watch(server: psutil.Process, seconds: float) -> list[tuple[float, float]]:
    """The server's resident memory in MB, every five seconds."""
    seen, began = [], time.monotonic()
    while time.monotonic() - began < seconds:
        seen.append((time.monotonic() - began, server.memory_info().rss / 1e6))
        await asyncio.sleep(5)
    return seen


def people(known: dict[str, list[str]], drawings: int, users: int, skip: int = 0) -> list[User]:
    """Users whose characters are variants of drawings of their own; the first one has chosen `skip` of them before."""
    names = sorted(known)
    shares: list[list[str]] = [[] for _ in range(users)]
    for name in names:
        shares[int(name.split()[-1]) % drawings % users].append(name)
    return [User(number, iter(share[0 if number else skip :])) for number, share in enumerate(shares)]


def percentile(values: list[float], share: float) -> float:
    return round(sorted(values)[min(len(values) - 1, int(share * len(values)))], 3) if values else float("nan")


async def run(address: str, server: psutil.Process, asked: argparse.Namespace) -> dict[str, object]:
    told = json.loads((asked.library / "answers.json").read_text("utf-8"))
    known = {name: cards for name, cards in told["cards"].items() if cards}
    (alone, *_) = people(known, told["drawings"], asked.users)
    for _ in range(3):
        await ask(address, alone, known)
    alone.took.clear()
    await work(address, [alone], asked.alone, known)
    used = 3 + len(alone.took) + len(alone.errors)
    users = people(known, told["drawings"], asked.users, used)
    memory, _ = await asyncio.gather(watch(server, asked.seconds), work(address, users, asked.seconds, known))
    took = [one for user in users for one in user.took]
    minute = [rss for at, rss in memory if at >= min(60, asked.seconds / 2)] or [memory[-1][1]]
    cores = os.cpu_count() or 1
    bar = MOST_TIMES * percentile(alone.took, 0.95) / min(1.0, cores / asked.users)
    growth = round(minute[-1] / minute[0] - 1, 4)
    errors = [error for user in (alone, *users) for error in user.errors]
    wrong = [one for user in (alone, *users) for one in user.wrong]
    return {
        "users": asked.users,
        "cores": cores,
        "rankings": len(took),
        "ran_out": sum(user.idle for user in users),
        "errors": errors,
        "wrong_answers": wrong,
        "alone_s": {"p50": percentile(alone.took, 0.5), "p95": percentile(alone.took, 0.95), "n": len(alone.took)},
        "together_s": {"p50": percentile(took, 0.5), "p95": percentile(took, 0.95), "bar": round(bar, 3)},
        "memory_mb": {"first": round(memory[0][1]), "minute": round(minute[0]), "most": round(max(minute)),
                      "end": round(minute[-1]), "growth": growth},
        "held": {"no_error": not errors, "no_cross_talk": not wrong, "memory": growth <= MOST_GROWTH,
                 "p95": percentile(took, 0.95) <= bar},
    }  # fmt: skip


@contextlib.contextmanager
def dashboard(library: Path) -> Iterator[tuple[str, psutil.Process]]:
    """The dashboard on a free port: its address and process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", "--server.port", str(port),
               "--server.headless", "true"]  # fmt: skip
    server = subprocess.Popen(
        command, cwd=ROOT, env=environment(library), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).read()
                break
            except OSError:
                time.sleep(0.2)
        yield address, psutil.Process(server.pid)
    finally:
        server.terminate()
        server.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--users", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--alone", type=float, default=30)
    asked = parser.parse_args()
    with dashboard(asked.library) as (address, server):
        print(json.dumps(asyncio.run(run(address, server, asked)), indent=2))


if __name__ == "__main__":
    main()
