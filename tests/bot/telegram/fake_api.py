"""A strict Bot API server for tests: real HTTP, Telegram's limits, faults on demand."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
from collections import defaultdict
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from aiohttp import web

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
BOT = {
    "id": 110201543,
    "is_bot": True,
    "first_name": "Fathom",
    "username": "fathom_test_bot",
    "can_join_groups": True,
    "can_read_all_group_messages": False,
    "supports_inline_queries": False,
}


class ApiError(Exception):
    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters


@dataclass
class Fault:
    """What goes wrong with the next calls of a method.

    ``kind``: a status code, "slow" (before), "reset" (before), "lost" (carried out, answer lost).
    """

    kind: int | str
    times: int = 1
    chat: int | None = None
    description: str = ""
    parameters: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass
class Call:
    method: str
    data: dict[str, Any]
    files: dict[str, tuple[str, bytes]]
    at: float


class StrictHtml(HTMLParser):
    """Accept what Telegram's HTML allows, and return the text without tags."""

    allowed = ("b", "i", "code", "pre", "blockquote")

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.text, self.open, self.entities = "", list[str](), 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.allowed:
            raise ApiError(
                400, f'Bad Request: can\'t parse entities: Unsupported start tag "{tag}"'
            )
        coloured = tag == "code" and self.open[-1:] == ["pre"] and [*dict(attrs)] == ["class"]
        folded = tag == "blockquote" and attrs == [("expandable", None)]
        if attrs and not (coloured or folded):
            raise ApiError(400, "Bad Request: can't parse entities: unexpected attribute")
        self.open.append(tag)
        self.entities += 1

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise ApiError(400, "Bad Request: can't parse entities: unmatched end tag")

    def handle_data(self, data: str) -> None:
        if "<" in data:
            raise ApiError(400, "Bad Request: can't parse entities: unescaped <")
        self.text += data

    def handle_entityref(self, name: str) -> None:
        self.text += {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}.get(name, f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.text += f"&#{name};"


def visible(text: str, mode: str | None) -> str:
    if mode is None:
        return text
    if mode != "HTML":
        raise ApiError(400, "Bad Request: unsupported parse_mode")
    parser = StrictHtml()
    parser.feed(text)
    parser.close()
    if parser.open:
        raise ApiError(400, "Bad Request: can't parse entities: unclosed tag")
    if parser.entities > 100:
        raise ApiError(400, "Bad Request: entities beyond the hundredth would be lost")
    return parser.text


def sloppy(found: Any) -> Any:
    """Leave out what other servers leave out, and date in milliseconds as some do."""
    if isinstance(found, list):
        return [sloppy(entry) for entry in found]
    if not isinstance(found, dict):
        return found
    left = {key: sloppy(value) for key, value in found.items()}
    for key in ("is_bot", "chat_instance", "entities"):
        left.pop(key, None)
    if "date" in left:
        left["date"] *= 1000
    if "callback_query" in left:
        for key in ("message_id", "date"):
            left["callback_query"]["message"].pop(key, None)
    return left


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


class FakeTelegram:
    """One bot, its chats, and everything that was asked of the server."""

    def __init__(self) -> None:
        self.tokens = {TOKEN}
        self.calls: list[Call] = []
        self.sent: dict[int, list[dict[str, Any]]] = defaultdict(list)
        self.faults: dict[str, list[Fault]] = defaultdict(list)
        self.files: dict[str, bytes] = {}
        self.webhook: dict[str, Any] = {"url": ""}
        self.commands: list[dict[str, str]] = []
        self.chats: set[int] = set()
        # As other servers are: methods that they lack, and polls that they answer at once.
        self.missing: set[str] = set()
        self.holds_polls = True
        self.sloppy = False
        self._updates: list[dict[str, Any]] = []
        self._news = asyncio.Event()
        self._changed = asyncio.Event()
        self._update_id, self._message_id, self._file_id = int(time.time()), 0, 0
        self._queries: set[str] = set()
        self._runner: web.AppRunner | None = None
        self.url = ""

    # -- the server -----------------------------------------------------------------------------

    async def start(self, port: int = 0) -> None:
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_route("*", "/bot{token}/{method}", self._handle)
        app.router.add_get("/file/bot{token}/{path}", self._file)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port, shutdown_timeout=0.1)
        await site.start()
        port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        self.url = f"http://127.0.0.1:{port}"

    async def stop(self) -> None:
        if self._runner:
            self._news.set()
            await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        data, files = await self._parameters(request)
        self.calls.append(Call(method, data, files, asyncio.get_running_loop().time()))
        self._changed.set()
        try:
            if request.match_info["token"] not in self.tokens:
                raise ApiError(401, "Unauthorized")
            fault = self._fault(method, data)
            if fault and fault.kind == "slow":
                await asyncio.sleep(fault.seconds)
            elif fault and fault.kind == "reset":
                return self._abort(request)
            elif fault and isinstance(fault.kind, int):
                text = fault.description or {429: "Too Many Requests"}.get(fault.kind, "Fault")
                raise ApiError(fault.kind, text, **fault.parameters)
            result = await self._carry_out(method, data, files)
            if fault and fault.kind == "lost":
                return self._abort(request)
        except ApiError as error:
            body: dict[str, Any] = {
                "ok": False,
                "error_code": error.code,
                "description": error.description,
            }
            if error.parameters:
                body["parameters"] = error.parameters
            if error.code == 502:
                return web.Response(status=502, text="<html>Bad Gateway</html>")
            return web.json_response(body, status=error.code)
        finally:
            self._changed.set()
        return web.json_response({"ok": True, "result": sloppy(result) if self.sloppy else result})

    @staticmethod
    def _abort(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async def _file(self, request: web.Request) -> web.Response:
        if request.match_info["token"] not in self.tokens:
            return web.Response(status=401)
        return web.Response(body=self.files[request.match_info["path"]])

    @staticmethod
    async def _parameters(request: web.Request) -> tuple[dict[str, Any], dict[str, Any]]:
        data: dict[str, Any] = dict(request.query)
        files: dict[str, tuple[str, bytes]] = {}
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                files[name] = (value.filename, value.file.read())
            else:
                data[name] = value
        for name in ("chat_id", "message_id", "offset", "timeout", "correct_option_id"):
            if name in data:
                data[name] = int(data[name])
        return data, files

    def _fault(self, method: str, data: dict[str, Any]) -> Fault | None:
        for fault in self.faults[method]:
            if fault.times > 0 and fault.chat in (None, data.get("chat_id")):
                fault.times -= 1
                return fault
        return None

    # -- methods --------------------------------------------------------------------------------

    async def _carry_out(self, method: str, data: dict[str, Any], files: dict[str, Any]) -> Any:
        handler = getattr(self, f"_do_{method}", None)
        if handler is None or method in self.missing:
            raise ApiError(404, "Not Found")
        if "chat_id" in data and data["chat_id"] not in self.chats:
            raise ApiError(400, "Bad Request: chat not found")
        result = handler(data, files)
        return await result if asyncio.iscoroutine(result) else result

    def _do_getMe(self, data: dict[str, Any], files: dict[str, Any]) -> Any:
        return BOT

    async def _do_getUpdates(self, data: dict[str, Any], files: dict[str, Any]) -> Any:
        if self.webhook["url"]:
            raise ApiError(409, "Conflict: can't use getUpdates method while webhook is active")
        offset = data.get("offset", 0)
        self._updates = [update for update in self._updates if update["update_id"] >= offset]
        if not self._updates and data.get("timeout") and self.holds_polls:
            self._news.clear()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._news.wait(), min(data["timeout"], 1))
        # All kinds, whatever is allowed: the bot must know what to leave alone.
        return self._updates[:100]

    def _do_deleteWebhook(self, data: dict[str, Any], files: dict[str, Any]) -> Any:
        self.webhook = {"url": ""}
        if data.get("drop_pending_updates") in ("true", "True"):
            self._updates.clear()
        return True

    def _do_setWebhook(self, data: dict[str, Any], files: dict[str, Any]) -> Any:
        if not data["url"].startswith("https://"):
            raise ApiError(400, "Bad Request: bad webhook: An HTTPS URL must be provided")
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", data.get("secret_token", "")):
            raise ApiError(400, "Bad Request: secret token is wrong")
        self.webhook = data
        return True

    def _do_getWebhookInfo(self, data: dict[str, Any], files: dict[str, Any]) -> Any:
        return {
            "url": self.webhook["url"],
            "has_custom_certificate": False,
            "pending_update_count": 0,
            "allowed_updates": json.loads(self.webhook.get("allowed_updates", "[]")),
        }

    def _do_setMyCommands(self, data: dict[str, Any], files: dict[str, Any]) -> Any:
        self.commands = json.loads(data["commands"])
        for command in self.commands:
            if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
                raise ApiError(400, "Bad Request: BOT_COMMAND_INVALID")
            if not 1 <= len(command["description"]) <= 256:
                raise ApiError(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
        return True

    def _do_sendChatAction(self, data: dict[str, Any], files: dict[str, Any]) -> Any:
        if data["action"] not in ("typing", "upload_photo", "upload_document"):
            raise ApiError(400, "Bad Request: wrong parameter action in request")
        return True

    def _do_sendMessage(self, data: dict[str, Any], files: dict[str, Any]) -> Any:
        text = visible(data.get("text", ""), data.get("parse_mode"))
        if not text.strip():
            raise ApiError(400, "Bad Request: message text is empty")
        if units(text) > 4096:
            raise ApiError(400, "Bad Request: message is too long")
        return self._store(data, text=text)

    def _do_sendPhoto(self, data: dict[str, Any], files: dict[str, Any]) -> Any:
        if "photo" in files:
            content = files["photo"][1]
            if not content.startswith(b"\x89PNG") or len(content) > 10_000_000:
                raise ApiError(400, "Bad Request: IMAGE_PROCESS_FAILED")
        elif data.get("photo") in self.files:
            content = self.files[data["photo"]]
        else:
            raise ApiError(400, "Bad Request: wrong file identifier/HTTP URL specified")
        caption = self._caption(data)
        photo = {"file_id": self._keep(content), "file_unique_id": "u", "width": 1, "height": 1}
        return self._store(data, caption=caption, photo=[photo])

    def _do_sendDocument(self, data: dict[str, Any], files: dict[str, Any]) -> Any:
        name, content = files["document"]
        if not content:
            raise ApiError(400, "Bad Request: file must be non-empty")
        document = {"file_id": self._keep(content), "file_unique_id": "u", "file_name": name}
        return self._store(data, caption=self._caption(data), document=document)

    def _do_sendPoll(self, data: dict[str, Any], files: dict[str, Any]) -> Any:
        options = [option["text"] for option in json.loads(data["options"])]
        if not 1 <= units(data["question"]) <= 300:
            raise ApiError(400, "Bad Request: poll question length")
        if not 2 <= len(options) <= 12 or not all(1 <= units(option) <= 100 for option in options):
            raise ApiError(400, "Bad Request: poll options")
        if units(data.get("explanation", "")) > 200 or data["explanation"].count("\n") > 2:
            raise ApiError(400, "Bad Request: poll explanation")
        if not 0 <= data["correct_option_id"] < len(options):
            raise ApiError(400, "Bad Request: wrong correct option")
        poll = {
            "id": "1",
            "question": data["question"],
            "is_closed": False,
            "is_anonymous": True,
            "options": [{"text": option, "voter_count": 0} for option in options],
            "total_voter_count": 0,
            "type": "quiz",
            "allows_multiple_answers": False,
            "explanation": data.get("explanation", ""),
        }
        return self._store(data, poll=poll)

    def _do_answerCallbackQuery(self, data: dict[str, Any], files: dict[str, Any]) -> Any:
        if data["callback_query_id"] not in self._queries:
            raise ApiError(400, "Bad Request: query is too old or query ID is invalid")
        self._queries.discard(data["callback_query_id"])
        if units(data.get("text", "")) > 200:
            raise ApiError(400, "Bad Request: MESSAGE_TOO_LONG")
        return True

    def _do_editMessageReplyMarkup(self, data: dict[str, Any], files: dict[str, Any]) -> Any:
        message = self._found(data)
        if "reply_markup" not in data and "reply_markup" not in message:
            raise ApiError(400, "Bad Request: message is not modified")
        message.pop("reply_markup", None)
        return message

    def _do_editMessageText(self, data: dict[str, Any], files: dict[str, Any]) -> Any:
        message = self._found(data)
        if message["text"] == data["text"]:
            raise ApiError(400, "Bad Request: message is not modified")
        message["text"] = visible(data["text"], data.get("parse_mode"))
        return message

    def _do_getFile(self, data: dict[str, Any], files: dict[str, Any]) -> Any:
        if data["file_id"] not in self.files:
            raise ApiError(400, "Bad Request: invalid file_id")
        return {"file_id": data["file_id"], "file_unique_id": "u", "file_path": data["file_id"]}

    def _caption(self, data: dict[str, Any]) -> str:
        caption = visible(data.get("caption", ""), data.get("parse_mode"))
        if units(caption) > 1024:
            raise ApiError(400, "Bad Request: message caption is too long")
        return caption

    def _found(self, data: dict[str, Any]) -> dict[str, Any]:
        for message in self.sent[data["chat_id"]]:
            if message["message_id"] == data["message_id"]:
                return message
        raise ApiError(400, "Bad Request: message to edit not found")

    def _keep(self, content: bytes) -> str:
        self._file_id += 1
        self.files[f"file{self._file_id}"] = content
        return f"file{self._file_id}"

    def _store(self, data: dict[str, Any], **content: Any) -> dict[str, Any]:
        self._message_id += 1
        chat = data["chat_id"]
        message = {
            "message_id": self._message_id,
            "date": int(time.time()),
            "from": BOT,
            **content,
            "chat": {"id": chat, "type": "private" if chat > 0 else "supergroup"},
        }
        if "reply_markup" in data:
            rows = json.loads(data["reply_markup"])["inline_keyboard"]
            for button in (button for row in rows for button in row):
                if not button["text"] or not 1 <= len(button["callback_data"].encode()) <= 64:
                    raise ApiError(400, "Bad Request: BUTTON_DATA_INVALID")
            message["reply_markup"] = {"inline_keyboard": rows}
        if "reply_parameters" in data:
            message["replied_to"] = json.loads(data["reply_parameters"])["message_id"]
        self.sent[chat].append(message)
        self._changed.set()
        return message

    # -- the people -----------------------------------------------------------------------------

    def push(self, **update: Any) -> int:
        """Put an update on the server's queue; ``update_id`` may be given."""
        self._update_id += 1
        update = {"update_id": self._update_id, **update}
        self._updates.append(update)
        self._news.set()
        return int(update["update_id"])

    def message(self, chat: int, user: int | None = None, **content: Any) -> dict[str, Any]:
        """Return a message of a person."""
        self.chats.add(chat)
        self._message_id += 1
        kind = "private" if chat > 0 else "supergroup"
        text = content.get("text", "")
        entities = []
        if re.match(r"/[A-Za-z0-9_]+", text):
            length = units(re.match(r"/[A-Za-z0-9_]+(@\w+)?", text)[0])  # type: ignore[index]
            entities.append({"type": "bot_command", "offset": 0, "length": length})
        for found in re.finditer(r"(?<![\w/])@\w+", text):
            offset = units(text[: found.start()])
            entities.append({"type": "mention", "offset": offset, "length": len(found[0])})
        if entities:
            content["entities"] = entities
        return {
            "message_id": self._message_id,
            "date": int(time.time()),
            "chat": {"id": chat, "type": kind},
            "from": {"id": user or chat, "is_bot": False, "first_name": "Ada"},
            **content,
        }

    def say(self, chat: int, text: str, user: int | None = None, **content: Any) -> int:
        return self.push(message=self.message(chat, user, text=text, **content))

    def upload(self, chat: int, name: str, content: bytes) -> int:
        document = {
            "file_id": self._keep(content),
            "file_unique_id": "u",
            "file_name": name,
            "file_size": len(content),
        }
        return self.push(message=self.message(chat, document=document))

    def press(self, chat: int, title: str, user: int | None = None) -> int:
        """Press the newest button of a title."""
        for message in reversed(self.sent[chat]):
            for row in message.get("reply_markup", {}).get("inline_keyboard", []):
                for button in row:
                    if button["text"] == title:
                        return self.press_data(chat, button["callback_data"], message, user)
        raise AssertionError(f"no button {title!r} in chat {chat}")

    def press_data(
        self, chat: int, data: str, message: dict[str, Any], user: int | None = None
    ) -> int:
        query = f"q{self._update_id}"
        self._queries.add(query)
        person = {"id": user or chat, "is_bot": False, "first_name": "Ada"}
        return self.push(
            callback_query={
                "id": query,
                "from": person,
                "chat_instance": "1",
                "data": data,
                "message": message,
            }
        )

    # -- what tests ask -------------------------------------------------------------------------

    def texts(self, chat: int) -> list[str]:
        return [message.get("text") or message.get("caption") or "" for message in self.sent[chat]]

    def buttons(self, chat: int) -> list[str]:
        """Return the titles below the last message."""
        rows = self.sent[chat][-1].get("reply_markup", {}).get("inline_keyboard", [])
        return [button["text"] for row in rows for button in row]

    def called(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    async def until(self, condition: Any, seconds: float = 60.0) -> None:
        """Wait until something is true of the server."""

        async def wait() -> None:
            while not condition():
                self._changed.clear()
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), 0.05)

        await asyncio.wait_for(wait(), seconds)

    async def answered(self, chat: int, count: int = 1) -> list[str]:
        """Wait for a number of messages in a chat and return their texts."""
        await self.until(lambda: len(self.sent[chat]) >= count)
        return self.texts(chat)
