"""What is deployed names settings, addresses and figures that exist."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.markers import Marker

from bot import metrics
from bot.settings import ROOT

DEPLOY = ROOT / "deploy"
# Read by a library, by the image or by the shell, not by us.
OTHERS = {"PATH", "MPLCONFIGDIR", "PYTHONUNBUFFERED", "TELEGRAM_BOT_TOKEN"}
PATHS = {"/livez", "/readyz", "/metrics", "/health", "/webhooks/telegram/health"}


def documented() -> set[str]:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    table = page[page.index("## Settings") :]
    return set(re.findall(r"`([A-Z_]{4,})`", table))


def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((DEPLOY / "compose.yml").read_text("utf-8")))


def kubernetes() -> dict[str, Any]:
    documents = yaml.safe_load_all((DEPLOY / "kubernetes.yml").read_text("utf-8"))
    return {document["kind"]: document for document in documents}


def test_every_setting_that_is_given_is_one() -> None:
    container = kubernetes()["Deployment"]["spec"]["template"]["spec"]["containers"][0]
    dockerfile = (DEPLOY / "Dockerfile").read_text("utf-8")
    given = {
        *compose()["x-server"]["environment"],
        *(entry["name"] for entry in container["env"]),
        *re.findall(r"([A-Z_]+)=", re.findall(r"^ENV (.*?[^\\])$", dockerfile, re.M | re.S)[0]),
    }
    assert given - OTHERS <= documented()


def test_two_servers_share_their_stores_and_end_in_peace() -> None:
    services = compose()["services"]
    for name in ("server1", "server2"):
        server = services[name]
        assert {"TRACKER_STORE_URL", "LOCK_STORE_URL", "PUBLIC_URL"} <= set(server["environment"])
        assert server["read_only"] and server["cap_drop"] == ["ALL"]
        assert f"{name}:5005" in (DEPLOY / "Caddyfile").read_text("utf-8")
        assert "ports" not in server  # only the proxy is reached from outside
    assert set(services["proxy"]["networks"]) == {"outside"}
    assert services["postgres"]["networks"] == services["redis"]["networks"] == ["inside"]


def test_pods_run_as_nobody_and_scale_on_cpu() -> None:
    found = kubernetes()
    pod = found["Deployment"]["spec"]["template"]["spec"]
    container = pod["containers"][0]
    assert pod["securityContext"]["runAsNonRoot"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    asked = {container[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "readiness")}
    assert asked == {"/readyz"} and container["livenessProbe"]["httpGet"]["path"] == "/livez"
    scaled = found["HorizontalPodAutoscaler"]["spec"]
    assert scaled["metrics"][0]["resource"]["name"] == "cpu"
    assert scaled["scaleTargetRef"]["name"] == found["Deployment"]["metadata"]["name"]
    claimed = {
        volume.get("persistentVolumeClaim", {}).get("claimName") for volume in pod["volumes"]
    }
    assert found["PersistentVolumeClaim"]["metadata"]["name"] in claimed


def test_the_proxy_keeps_the_supervisors_pages_inside() -> None:
    inside = re.findall(r"@inside path (.*)", (DEPLOY / "Caddyfile").read_text("utf-8"))[0]
    assert set(inside.split()) == PATHS


def test_the_image_runs_as_nobody_and_takes_pinned_packages_only() -> None:
    dockerfile = (DEPLOY / "Dockerfile").read_text("utf-8")
    assert re.search(r"^USER 10001$", dockerfile, re.M)
    for line in re.findall(r".*pip install.*", dockerfile):
        assert "--require-hashes" in line
    taken = set(re.findall(r"^COPY (?!--)(.+) \S+$", dockerfile, re.M))
    ignored = (ROOT / ".dockerignore").read_text("utf-8")
    for path in " ".join(taken).split():
        assert (ROOT / path).exists() and f"!{path}\n" in ignored


@pytest.mark.parametrize("name", ["alerts.yml", "grafana.json"])
def test_rules_and_panels_ask_for_figures_that_exist(name: str) -> None:
    text = (DEPLOY / "monitoring" / name).read_text("utf-8")
    yaml.safe_load(text) if name.endswith("yml") else json.loads(text)
    asked = set(re.findall(r"fathom_\w+", text))
    known = {
        f"{family.name}{suffix}"
        for family in metrics.REGISTRY.collect()
        for suffix in ("", "_total", "_bucket", "_sum", "_count")
    }
    assert asked and asked <= known
    for label in re.findall(r'(?:outcome|step)="(\w+)"', text):
        assert f'"{label}"' in (ROOT / "bot" / "metrics.py").read_text("utf-8")


@pytest.mark.parametrize(
    ("system", "machine", "said"),
    [
        ("Linux", "riscv64", "is not covered"),
        ("Darwin", "x86_64", "is not covered"),
        ("MINGW64_NT-10.0", "x86_64", "is not covered"),
        ("Linux", "aarch64", "built with c++"),
        ("Darwin", "arm64", "built with cargo"),
    ],
)
def test_set_up_says_at_once_where_it_cannot_work(
    tmp_path: Path, system: str, machine: str, said: str
) -> None:
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "setup.sh", tmp_path / "scripts")
    (tmp_path / "requirements.txt").touch()
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("cut", "dirname", "sh", "sha256sum"):
        (tools / name).symlink_to(str(shutil.which(name)))
    uname = tools / "uname"
    told = f"-s) echo {system};; -m) echo {machine};; *) echo {system} {machine};;"
    uname.write_text(f'#!/bin/sh\ncase "$1" in {told} esac\n')
    uname.chmod(0o755)
    command = [str(tools / "sh"), str(tmp_path / "scripts" / "setup.sh")]
    done = subprocess.run(command, env={"PATH": str(tools)}, capture_output=True, text=True)
    assert done.returncode == 1 and done.stdout == ""
    assert said in done.stderr and "container image" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("system", "machine", "wanted"),
    [
        ("linux", "x86_64", "tensorflow"),
        ("linux", "aarch64", "tensorflow"),
        ("darwin", "arm64", "tensorflow-macos"),
    ],
)
def test_the_lock_covers_each_platform(system: str, machine: str, wanted: str) -> None:
    lock = (ROOT / "requirements.txt").read_text("utf-8")
    pins = dict(re.findall(r"^([a-z0-9-]+)==\S+ ; (.*) \\$", lock, re.M))
    given = {
        "sys_platform": system,
        "platform_machine": machine,
        "python_full_version": "3.10.13",
    }
    here = {name for name, marker in pins.items() if Marker(marker).evaluate(given)}
    assert here & {"tensorflow", "tensorflow-macos"} == {wanted}
    assert {"rasa", "uv", "onnxruntime", "psycopg2-binary"} <= here
