"""Real PostgreSQL and Redis from the system's packages, started on loopback by the tests."""

from __future__ import annotations

import glob
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

BINARIES = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
MISSING = "no PostgreSQL or Redis here; `apt install postgresql redis-server` brings them"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def reachable(port: int, seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.05)
    return False


class Postgres:
    """A database server of its own, which no superuser may run."""

    def __init__(self, folder: Path) -> None:
        if not BINARIES:
            pytest.skip(MISSING)
        self._folder, self.port = folder / "postgres", free_port()
        self._bin, self.url = (
            BINARIES[-1],
            f"postgresql://fathom:hunter2@127.0.0.1:{self.port}/postgres",
        )
        self._folder.mkdir(mode=0o700)
        if os.geteuid() == 0:
            for path in (folder, *folder.parents):
                if path.stat().st_uid == 0 and str(path).startswith("/tmp/"):
                    path.chmod(path.stat().st_mode | 0o055)
            shutil.chown(self._folder, "postgres", "postgres")
        secret = folder / "secret"
        secret.write_text("hunter2")
        secret.chmod(0o644)
        given = ("-U", "fathom", f"--pwfile={secret}", "--auth=scram-sha-256", "--no-sync")
        self._run("initdb", *given, "-D", str(self._folder))
        self.start()

    def start(self) -> None:
        given = f"-p {self.port} -h 127.0.0.1 -k {self._folder} -c fsync=off"
        self._run(
            "pg_ctl",
            "-D",
            str(self._folder),
            "-w",
            "-o",
            given,
            "-l",
            f"{self._folder}/log",
            "start",
        )

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self._folder), "-m", "immediate", "-w", "stop")

    def _run(self, program: str, *given: str) -> None:
        command = [f"{self._bin}/{program}", *given]
        user = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
        subprocess.run(command, check=True, capture_output=True, cwd="/", timeout=60, **user)


class RedisServer:
    def __init__(self) -> None:
        if not shutil.which("redis-server"):
            pytest.skip(MISSING)
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        given = [
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        command = ["redis-server", *given]
        self._process = subprocess.Popen(command, cwd="/tmp", stdout=subprocess.DEVNULL)
        assert reachable(self.port)

    def stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
