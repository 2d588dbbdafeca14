"""Who does not know the token is not answered, over REST and by the action server."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sanic import Sanic

from bot import action_server, ports
from bot.channels import gate
from bot.channels.rest import RestChannel
from bot.settings import Settings, SettingsError

TOKEN = "a-token-of-the-test"
RIGHT = {"authorization": f"Bearer {TOKEN}"}
WRONG = [{}, {"authorization": TOKEN}, {"authorization": f"Bearer {TOKEN}x"}, {"token": TOKEN}]


async def serve(app: Sanic) -> tuple[Any, str]:
    taken = ports.listen("127.0.0.1", 0)
    serving: Any = await app.create_server(sock=taken, return_asyncio_server=True)
    await serving.startup()
    return serving, f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture
async def rest(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    monkeypatch.setattr(Sanic, "test_mode", True)
    app = gate.create("tokens_rest", "127.0.0.1")

    async def echo(message: Any) -> None:
        await message.output_channel.send_text_message(message.sender_id, message.text)

    app.ctx.agent = None
    app.blueprint(RestChannel(token=TOKEN).blueprint(echo), url_prefix="/webhooks/rest")
    serving, at = await serve(app)
    yield f"{at}/webhooks/rest/webhook"
    await serving.close()


@pytest.fixture
async def actions(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    monkeypatch.setattr(Sanic, "test_mode", True)
    settings = Settings.from_environment({"ACTION_TOKEN": TOKEN})
    serving, at = await serve(action_server.create_app(settings))
    yield f"{at}/webhook"
    await serving.close()


async def test_rest_answers_who_knows_the_token(rest: str) -> None:
    async with httpx.AsyncClient() as client:
        message = {"sender": "a", "message": "hi"}
        for headers in WRONG:
            refused = await client.post(rest, json=message, headers=headers)
            assert refused.status_code == 401 and TOKEN not in refused.text
        assert (await client.post(rest, json=message, headers=RIGHT)).json() == [{"text": "hi"}]


async def test_actions_run_for_who_knows_the_token_and_repeat_nothing(actions: str) -> None:
    tracker = {
        "sender_id": "a",
        "slots": {},
        "latest_message": {"text": "hi", "intent": {"name": "export_data"}},
        "events": [],
        "paused": False,
        "followup_action": None,
        "active_loop": {},
        "latest_action_name": None,
    }
    call = {"next_action": "action_export_data", "tracker": tracker, "domain": {}, "version": "3"}
    async with httpx.AsyncClient() as client:
        for headers in WRONG:
            assert (await client.post(actions, json=call, headers=headers)).status_code == 401
        done = (await client.post(actions, json=call, headers=RIGHT)).json()
        assert done["responses"][0]["response"] == "utter_data_exported"
        zipped = await client.post(
            actions, content=b"x", headers={**RIGHT, "content-encoding": "deflate"}
        )
        assert zipped.status_code == 415
        for body in (b"[" * 100_000, b"{}", b"no json", json.dumps({"tracker": "secret"}).encode()):
            refused = await client.post(actions, content=body, headers=RIGHT)
            assert refused.status_code == 400 and "secret" not in refused.text
        large = await client.post(actions, content=b"x" * 3_000_000, headers=RIGHT)
        assert large.status_code == 413


def test_actions_are_served_to_others_only_with_a_secret() -> None:
    with pytest.raises(SettingsError, match="ACTION_TOKEN"):
        action_server.create_app(Settings.from_environment({"HOST": "0.0.0.0"}))
