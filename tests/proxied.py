"""nginx before processes of the dashboard, for tests: where it is missing they are skipped."""

from __future__ import annotations

import http.client
import os
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext

from benchmarks.instance import find_nginx

NGINX_VARIABLE = "ATLAS_REQUIRE_NGINX"


def require_nginx() -> None:
    """Skip without nginx; fail where it is required."""
    if find_nginx() is not None:
        return
    reason = "no nginx on this machine (Debian: apt-get install nginx)"
    if os.environ.get(NGINX_VARIABLE) == "1":
        pytest.fail(f"{reason}, and {NGINX_VARIABLE}=1 requires it")
    pytest.skip(reason)


class Answer:
    """What came back: status, headers (all of a name) and body."""

    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self.status = answer.status
        self.headers = answer.headers
        self.body = answer.read()

    def header(self, name: str) -> str:
        """Give the one header of a name; nothing where there is none."""
        values = self.headers.get_all(name) or [""]
        assert len(values) == 1, (name, values)
        return values[0]


def ask(
    address: str,
    path: str,
    source: str = "127.0.0.1",
    method: str = "GET",
    body: bytes | None = None,
    **headers: str,
) -> Answer:
    """Ask an instance for a path below its address, from one loopback address."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(
        str(parts.hostname), parts.port, timeout=60, source_address=(source, 0)
    )
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, parts.path + path, body, sent)
    answer = Answer(connection.getresponse())
    connection.close()
    return answer


def seat(context: BrowserContext) -> str:
    """Name the process that a browser is led to, as its cookie does."""
    return next(one["value"] for one in context.cookies() if one.get("name") == "atlas_process")


def wait_until(path: Path, text: str, seconds: float = 30) -> None:
    """Wait until a file holds a text."""
    end = time.monotonic() + seconds
    while text not in path.read_text(encoding="utf-8"):
        assert time.monotonic() < end, f"no {text} in {path}"
        time.sleep(0.1)
