"""A server whose assistant stalls on the word "stall", as an expression that never ends would."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path
from typing import Any

from sanic import Sanic

from bot.channels.telegram import TelegramInput, TelegramSettings
from bot.watchdog import Watchdog
from tests.bot.telegram.fake_api import TOKEN


async def answer(message: Any) -> None:
    if message.text == "stall":
        re.match("(a+)+b", "a" * 60)
    await message.output_channel.send_response(message.sender_id, {"text": message.text.upper()})


def main(home: str, api: str, port: int) -> None:
    """Serve until ended."""
    environment = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_BASE_URL": api}
    settings = TelegramSettings.from_environment(environment)
    channel = TelegramInput(settings, Path(home), lambda: Path(home))
    app, watchdog = Sanic("stalling", configure_logging=False), Watchdog(limit=3)
    app.blueprint(channel.blueprint(answer), url_prefix="/webhooks/telegram")
    app.register_listener(lambda *_: watchdog.start(), "before_server_start")
    app.run("127.0.0.1", port, access_log=False, motd=False)


if __name__ == "__main__":
    asyncio.set_event_loop(asyncio.new_event_loop())
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
