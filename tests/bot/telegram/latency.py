"""How long a reply takes on Telegram and over REST, from the same running assistant.

Run ``python -m tests.bot.telegram.latency``; it starts the server with a Bot API server of its own.
"""

from __future__ import annotations

import asyncio
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable

import aiohttp

from tests.bot.telegram.fake_api import TOKEN, FakeTelegram

MESSAGES = (
    "hello",
    "what is overfitting?",
    "tell me more",
    "5.1 3.5 1.4 0.2",
    "what is the difference between machine learning and deep learning",
    "who won the world cup?",
)
ROUNDS, CHATS = 10, 20

Ask = Callable[[int, str], Awaitable[None]]


async def main() -> None:
    """Measure one chat after the other, then twenty at once, and print milliseconds."""
    api = FakeTelegram()
    await api.start()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "TELEGRAM_API_BASE_URL": api.url,
        "PORT": str(port),
    }
    server = subprocess.Popen([sys.executable, "-m", "bot", "telegram"], env=environment)
    try:
        async with aiohttp.ClientSession() as client:
            url = f"http://127.0.0.1:{port}/webhooks/rest/webhook"

            async def rest(chat: int, text: str) -> None:
                body = {"sender": f"latency-{chat}", "message": text}
                async with client.post(url, json=body) as answer:
                    await answer.read()

            async def telegram(chat: int, text: str) -> None:
                count = len(api.sent[chat]) + 1
                api.say(chat, text)
                await api.answered(chat, count)

            await api.until(lambda: api.called("getUpdates"), 600)
            for text in MESSAGES:
                await telegram(1, text)
                await rest(1, text)
            for title, chats in (("one at a time", 1), (f"{CHATS} at once", CHATS)):
                await compare(title, chats, {"REST": rest, "Telegram": telegram})
            api.holds_polls = False
            await compare("one at a time, polls answered at once", 1, {"Telegram": telegram})
    finally:
        server.terminate()
        server.wait(60)
        await api.stop()


async def compare(title: str, chats: int, ways: dict[str, Ask]) -> None:
    """Time both ways in turn, so that a busy moment of the machine meets both."""
    times: dict[str, list[float]] = {name: [] for name in ways}

    async def one(name: str, chat: int, text: str) -> None:
        begin = time.perf_counter()
        await ways[name](chat, text)
        times[name].append(time.perf_counter() - begin)

    for number in range(ROUNDS if chats == 1 else 1):
        for text in MESSAGES:
            for name in ways:
                first = 1000 * (number + 1)
                await asyncio.gather(*(one(name, first + n, text) for n in range(chats)))
    for name, found in times.items():
        median, p95 = statistics.median(found), statistics.quantiles(found, n=20)[-1]
        print(f"{title}, {name}: median {median * 1000:.0f}, p95 {p95 * 1000:.0f} ms", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
