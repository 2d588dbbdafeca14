"""Send nonsense to every entry: nothing hangs, nothing breaks, nothing inside is shown.

    .venv/bin/python scripts/fuzz.py [MINUTES] [SEED]

Starts a server on loopback. Ends with status 1 at a 500, a stack trace, a whole request without an
answer or with one that takes over ten seconds, or a server that ended.
"""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bot.files.errors import TableError
from bot.files.tables import layout, records
from bot.settings import ROOT
from tests.stores import free_port

SLOW = 10.0
WORDS = (
    *("what is", "dropout", "review:", "/delete", "/help", "5.1", "cm", "no wait", "k =", "yes"),
    *("delete my data", "export my data", "\x00", "\ud800", "\u202e", "💥", "½", "★★★", "1e999"),
    *("<script>", "' OR 1=1 --", "{{7*7}}", "%s", "../../etc/passwd", "(", "[", "\n", "\t", "-"),
    *("a" * 300, "9" * 400),
)
PATHS = (
    *("/", "/livez", "/readyz", "/health", "/metrics", "/page/main.js", "/page/flowers"),
    *("/page/flower", "/page/review", "/webhooks/rest/", "/webhooks/rest/webhook"),
    "/webhooks/rest/pictures/",
)
HEADERS = ("Accept", "X", "Authorization", "X-Request-Id")
METHODS = ("GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "get", "X" * 50)


def text(chance: random.Random) -> str:
    """Return words in no order, some of them often."""
    words = [
        chance.choice(WORDS) * chance.choice((1, 1, 1, 5)) for _ in range(chance.randint(0, 9))
    ]
    return chance.choice((" ", "", ", ")).join(words)


def value(chance: random.Random, depth: int = 0) -> object:
    """Return any JSON value."""
    kinds = 5 if depth > 3 else 7
    return (
        lambda: text(chance),
        lambda: chance.randint(-(10**20), 10**20),
        lambda: None,
        lambda: chance.random() * 10 ** chance.randint(-300, 300),
        lambda: True,
        lambda: [value(chance, depth + 1) for _ in range(chance.randint(0, 4))],
        lambda: {text(chance): value(chance, depth + 1) for _ in range(chance.randint(0, 4))},
    )[chance.randrange(kinds)]()


def mangled(chance: random.Random, data: bytes) -> bytes:
    """Return bytes with some changed, cut or doubled."""
    changed = bytearray(data)
    for _ in range(chance.choice((0, 0, 1, 3, 20))):
        if changed:
            place = chance.randrange(len(changed))
            changed[place : place + chance.randint(0, 4)] = chance.randbytes(chance.randint(0, 4))
    return bytes(changed)


def request(chance: random.Random) -> tuple[bytes, bool]:
    """Return a request, most of them nearly well-formed, and whether it is complete."""
    path, method = chance.choice(PATHS), chance.choice(METHODS)
    if chance.random() < 0.5:
        path, method = "/webhooks/rest/webhook", "POST"
    elif chance.random() < 0.5:
        path += quote(text(chance), errors="replace") + "?" + quote(text(chance), errors="replace")
    body: object = {"sender": f"fuzz-{chance.randrange(9)}", "message": text(chance)}
    if path.endswith("review"):
        body = {"text": text(chance)}
    if chance.random() < 0.3:
        body = value(chance)
    raw = json.dumps(body).encode()
    if chance.random() < 0.3:
        raw = mangled(chance, raw)
    address = path.encode()
    if chance.random() < 0.05:
        address += chance.randbytes(3).translate(None, b"\r\n ")
    head = b"%s %s HTTP/1.1\r\n" % (method.encode(), address)
    head += b"Host: localhost\r\nConnection: close\r\n"
    if chance.random() < 0.2:
        given = quote(text(chance), errors="replace").encode()
        if chance.random() < 0.3:
            given += chance.randbytes(3).translate(None, b"\r\n")
        head += b"%s: %s\r\n" % (chance.choice(HEADERS).encode(), given)
    head += b"Content-Length: %d\r\n\r\n" % len(raw)
    whole = head + raw
    changed = mangled(chance, whole) if chance.random() < 0.2 else whole
    return changed, changed == whole


def send(port: int, whole: bytes, complete: bool = True) -> bytes:
    """Return the answer to a request."""
    with socket.create_connection(("127.0.0.1", port), timeout=SLOW) as connection:
        connection.settimeout(SLOW)
        connection.sendall(whole)
        if not complete:  # the server would wait for the rest; a whole turn it must not lose
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        try:
            while part := connection.recv(65_536):
                answer += part
        except ConnectionResetError:
            pass
        return answer


def table(chance: random.Random) -> None:
    """Read a table of nonsense; only the error that is meant for people may come."""
    lines = [text(chance).replace(" ", chance.choice((",", ";", "\t", " "))) for _ in range(20)]
    whole = "\n".join(lines)
    try:
        found = layout(whole)
        list(
            records(iter(whole.splitlines(keepends=True)), found.delimiter or "\x1f", found.padded)
        )
    except TableError:
        pass


def main(minutes: float, seed: int) -> int:
    """Run all of it and return the exit status."""
    chance, port, sent = random.Random(seed), free_port(), 0
    with tempfile.TemporaryDirectory() as home, (Path(home) / "log").open("w+") as log:
        environment = {**os.environ, "FATHOM_HOME": home, "PORT": str(port)}
        command = [sys.executable, "-m", "bot", "serve"]
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=log)
        try:
            while True:
                try:
                    if send(port, b"GET /readyz HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 200"):
                        break
                except OSError:
                    pass
                assert server.poll() is None, "the server did not start"
                time.sleep(1)
            end = time.monotonic() + 60 * minutes
            while time.monotonic() < end:
                whole, complete = request(chance)
                try:
                    answer = send(port, whole, complete)
                except TimeoutError:
                    print(f"seed {seed}: no answer within {SLOW:.0f} s to {whole[:2_000]!r}")
                    return 1
                sent += 1
                if complete and not answer:
                    print(f"seed {seed}: no answer to {whole[:2_000]!r}")
                    return 1
                status = answer[9:12]
                if (
                    status.startswith(b"5") and status not in (b"503", b"505")
                ) or b"Traceback" in answer:
                    print(f"seed {seed}: {answer[:500]!r} to {whole[:2_000]!r}")
                    return 1
                if sent % 5 == 0:
                    table(chance)
            server.terminate()
            ended = server.wait(30)
        finally:
            server.kill()
        log.seek(0)
        said = log.read()
    print(f"seed {seed}: {sent} requests; SIGTERM: status {ended}")
    if "Traceback" in said:
        print(said[-3_000:])
    return 1 if ended or "Traceback" in said else 0


if __name__ == "__main__":
    given = sys.argv[1:]
    sys.exit(main(float(given[0]) if given else 10, int(given[1]) if given[1:] else 1))
