"""Ten people at the dashboard for two minutes: errors, cross-talk, memory, and how long a ranking takes them.

    .venv/bin/python -m bench.dashboard --library DIR [--users 10] [--seconds 120] [--alone 20]

Starts the dashboard on a library and opens one session a user over Streamlit's own WebSocket, as a browser does: each
user keeps asking for rankings of characters of their own with a filter of their own, and checks that the answer is
theirs - the character in the address, actors that pass the filter, the ranks one asked for alone. First one user works
alone, for comparison; then all at once.

Prints one JSON document: errors, answers that were somebody else's, the 50th and 95th percentile of a ranking for one
user and for all, and the server's memory after one minute and at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from casting import Library, castings
from casting.facets import facets

ROOT = Path(__file__).resolve().parent.parent
COUNT = 12
PATIENCE_S = 120.0


@dataclass
class User:
    """One analyst: what they ask for, and what they got."""

    number: int
    questions: list[dict[str, str]]
    took: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    cards: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Question -> the cards it was answered with first."""
    mixed: list[str] = field(default_factory=list)


async def ask(address: str, user: User, question: dict[str, str], reference: dict[str, tuple[str, ...]]) -> None:
    """Open the page as its address says, wait until the script has ended, and look at what came."""
    began = time.perf_counter()
    request = HTTPRequest(f"{address.replace('http', 'ws')}/_stcore/stream", headers={"Origin": address})
    connection: WebSocketClientConnection = await websocket_connect(request, subprotocols=["streamlit"])
    try:
        wanted = BackMsg()
        wanted.rerun_script.query_string = urlencode(question)
        await connection.write_message(wanted.SerializeToString(), binary=True)
        cards, failure = await asyncio.wait_for(_read(connection), PATIENCE_S)
    except (TimeoutError, OSError) as error:
        user.errors.append(f"{type(error).__name__}: {error}")
        return
    finally:
        connection.close()
    user.took.append(time.perf_counter() - began)
    if failure:
        user.errors.append(failure)
        return
    key = json.dumps(question, sort_keys=True)
    if not cards:
        user.errors.append(f"no cards for {key}")
    expected = reference.setdefault(key, cards)
    if cards != expected:
        user.mixed.append(key)


async def _read(connection: WebSocketClientConnection) -> tuple[tuple[str, ...], str]:
    """Cards of one run of the script, and the message of an exception, if there was one."""
    cards: list[str] = []
    while True:
        raw = await connection.read_message()
        if raw is None:
            return tuple(cards), "the connection was closed"
        message = ForwardMsg()
        message.ParseFromString(raw)
        kind = message.WhichOneof("type")
        if kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            if element.WhichOneof("type") == "exception":
                return tuple(cards), element.exception.message
            if element.WhichOneof("type") == "markdown" and element.markdown.body[:3].strip("*").isdigit():
                cards.append(element.markdown.body)
        elif kind == "script_finished":
            return tuple(cards), ""


async def work(address: str, users: list[User], seconds: float, reference: dict[str, tuple[str, ...]]) -> None:
    """Let all users work at once."""
    ends = time.monotonic() + seconds

    async def one(user: User) -> None:
        chance = random.Random(user.number)
        while time.monotonic() < ends:
            await ask(address, user, chance.choice(user.questions), reference)
            await asyncio.sleep(chance.uniform(0.5, 2.0))

    await asyncio.gather(*(one(user) for user in users))


async def watch(server: psutil.Process, seconds: float) -> list[tuple[float, float]]:
    """The server's resident memory in MB, every five seconds."""
    seen, began = [], time.monotonic()
    while time.monotonic() - began < seconds:
        seen.append((time.monotonic() - began, server.memory_info().rss / 1e6))
        await asyncio.sleep(5)
    return seen


def questions(library: Path, users: int) -> list[User]:
    """Characters and filters, different ones for each user."""
    opened = Library.open(library)
    names = [one.name for one in castings.characters.every(opened) if one.images]
    found = facets(opened.index.open().facts.values())
    lines = [f'{facet.column}="{option}"' for facet in found for option in facet.options[:2] if facet.kind == "choice"]
    opened.close()
    return [
        User(
            number,
            [
                {"character": name, "where": lines[(number + turn) % len(lines)] if lines else "", "k": str(COUNT)}
                for turn, name in enumerate(names[number::users] or names)
            ],
        )
        for number in range(users)
    ]


def percentile(values: list[float], share: float) -> float:
    return round(sorted(values)[min(len(values) - 1, int(share * len(values)))], 3) if values else float("nan")


async def run(address: str, server: psutil.Process, asked: argparse.Namespace) -> dict[str, object]:
    reference: dict[str, tuple[str, ...]] = {}
    for warm in questions(asked.library, asked.users):
        for question in warm.questions[:2]:
            await ask(address, warm, question, reference)
    (alone, *_) = questions(asked.library, asked.users)
    await work(address, [alone], asked.alone, reference)
    users = questions(asked.library, asked.users)
    memory, _ = await asyncio.gather(watch(server, asked.seconds), work(address, users, asked.seconds, reference))
    took = [one for user in users for one in user.took]
    minute = [rss for at, rss in memory if at >= 60] or [memory[-1][1]]
    return {
        "users": asked.users,
        "cores": os.cpu_count(),
        "rankings": len(took),
        "errors": [error for user in (alone, *users) for error in user.errors],
        "cross_talk": [key for user in (alone, *users) for key in user.mixed],
        "alone_s": {"p50": percentile(alone.took, 0.5), "p95": percentile(alone.took, 0.95), "n": len(alone.took)},
        "together_s": {"p50": percentile(took, 0.5), "p95": percentile(took, 0.95)},
        "memory_mb": {"first": round(memory[0][1]), "minute": round(minute[0]), "end": round(minute[-1])},
        "memory_growth": round(minute[-1] / minute[0] - 1, 4),
        "mean_s": round(statistics.fmean(took), 3) if took else None,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--users", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--alone", type=float, default=20)
    asked = parser.parse_args()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", "--server.port", str(port),
               "--server.headless", "true"]  # fmt: skip
    environment = {**os.environ, "CASTOON_LIBRARY": str(asked.library.absolute())}
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).read()
                break
            except OSError:
                time.sleep(0.2)
        print(json.dumps(asyncio.run(run(address, psutil.Process(server.pid), asked)), indent=2))
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
