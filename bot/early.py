"""What answers on the port while the assistant is being loaded, or trained.

It needs neither Rasa nor Sanic, which take seconds to import, so that a supervisor that asks at
once learns that the process lives, and everybody else when to come back.
"""

from __future__ import annotations

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from bot.channels.wording import sentences

_ANSWERS: dict[str, tuple[int, dict[str, object]]] = {
    "/livez": (200, {"status": "ok"}),
    "/readyz": (503, {"status": "not ready", "missing": ["assistant"]}),
    "/health": (503, {"status": "starting"}),
}
_MOST_READ = 128 * 1024


class _Handler(BaseHTTPRequestHandler):
    server_version, sys_version, timeout = "fathom", "", 5
    # Who sends no version of HTTP gets a status all the same.
    default_request_version = "HTTP/1.0"
    error_content_type = "application/json"
    error_message_format = json.dumps({"error": "the request cannot be answered"})

    def answer(self) -> None:
        """Say that the server lives and is not ready."""
        length = self.headers.get("content-length", "")
        if length.isdecimal() and len(length) < 9:  # unread, it would cut the answer off
            self.rfile.read(min(int(length), _MOST_READ))
        starting: tuple[int, dict[str, object]] = (503, {"error": sentences()["starting"]})
        status, said = _ANSWERS.get(self.path.partition("?")[0], starting)
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        if status != 200:
            self.send_header("retry-after", "2")
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer  # noqa: N815 (the names that the base class looks for)

    def log_message(self, *_: object) -> None:
        """Say nothing: an address may hold what a person typed."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing of a client that left."""


class Early:
    """Answers on a listening socket, which it leaves open, until it is closed."""

    def __init__(self, listening: socket.socket) -> None:
        """Begin to answer."""
        self._server = _Server(listening.getsockname()[:2], _Handler, bind_and_activate=False)
        self._server.socket.close()
        self._server.socket = listening
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """Stop answering; who connects now waits for whoever listens next."""
        self._server.shutdown()
