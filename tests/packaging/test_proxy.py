"""nginx as it is delivered, before two real processes: seats, limits, headers, compression."""

from __future__ import annotations

import base64
import contextlib
import gzip
import hashlib
import os
import re
import select
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import streamlit
import yaml
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from benchmarks.instance import CONFIGURATION, PORTS, Instance, configure, serve_instance
from benchmarks.server import serve
from tests.proxied import ask, require_nginx, wait_until

ROOT = Path(__file__).parents[2]
SMALL = "import streamlit as st\nst.selectbox('What', ['a', 'b'])\n"
EVERYONE = 70
"""Pages that may be open in all, in these tests."""
INSIDE = ("metrics", "script-health-check", "agent/mcp", "agent/interact", "anything")


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("small") / "small.py"
    path.write_text(SMALL)
    return path


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where nginx writes a line for each request."""
    return tmp_path_factory.mktemp("log") / "access.log"


@pytest.fixture(scope="module")
def instance(script: Path, log: Path) -> Iterator[Instance]:
    require_nginx()
    # fewer for everyone together, so that a test can have them all
    changed = {"/dev/stdout": str(log), "everyone 400": f"everyone {EVERYONE}"}
    with serve_instance(2, script, changed) as running:
        yield running


def seat(address: str, source: str, cookie: str = "") -> str:
    """Give the cookie that an answer sets, or nothing."""
    found = ask(address, "/", source, Cookie=cookie).header("Set-Cookie")
    return found.partition(";")[0]


def test_who_has_a_seat_keeps_it_and_who_has_none_gets_one(instance: Instance) -> None:
    seats = {seat(instance.address, f"127.2.0.{number}") for number in range(1, 9)}
    assert seats == {"atlas_process=first", "atlas_process=second"}
    for own in seats:
        assert seat(instance.address, "127.2.0.1", own) == ""
    assert seat(instance.address, "127.2.0.1", "atlas_process=third; other=first") in seats


def test_the_cookie_is_for_the_proxy_alone(instance: Instance) -> None:
    cookie = ask(instance.address, "/", "127.2.0.1").header("Set-Cookie")
    assert cookie.split("; ")[1:] == ["Path=/", "HttpOnly", "SameSite=Lax"]


def test_a_process_that_ends_leaves_its_seats_to_the_other(script: Path) -> None:
    require_nginx()
    with serve_instance(2, script) as instance:
        first, second = instance.servers
        os.kill(first.pid, signal.SIGKILL)
        own = "atlas_process=first"
        moved = ask(instance.address, "/_stcore/health", "127.2.1.1", Cookie=own)
        assert moved.status == 200
        cookies = moved.headers.get_all("Set-Cookie") or []
        assert any(cookie.startswith("atlas_process=second;") for cookie in cookies)
        # Who had a seat elsewhere and who is new see nothing of it.
        for cookie in ("atlas_process=second", "", "", ""):
            assert ask(instance.address, "/", "127.2.1.2", Cookie=cookie).status == 200
        with serve(script, port=first.port):  # it is back: who has moved stays
            for _ in range(5):
                answer = ask(instance.address, "/", "127.2.1.1", Cookie="atlas_process=second")
                assert answer.status == 200
                assert answer.header("Set-Cookie") == ""
        os.kill(second.pid, signal.SIGKILL)
        assert ask(instance.address, "/", "127.2.1.1").status == 502


def test_scripts_are_compressed_and_kept_for_a_year(instance: Instance) -> None:
    page = ask(instance.address, "/", "127.2.2.1", Accept_Encoding="gzip")
    assert page.header("Content-Encoding") == "gzip"
    assert page.header("Cache-Control") == "no-cache"
    scripts = set(re.findall(rb"static/js/[\w.-]+\.js", gzip.decompress(page.body)))
    assert len(scripts) > 5
    whole = packed = 0
    for name in sorted(scripts):
        path = f"/{name.decode()}"
        plain = ask(instance.address, path, "127.2.2.1")
        answer = ask(instance.address, path, "127.2.2.1", Accept_Encoding="gzip")
        assert plain.status == answer.status == 200
        assert answer.header("Cache-Control") == "public, immutable, max-age=31536000"
        # What all may share names nobody's process.
        assert answer.header("Set-Cookie") == ""
        if answer.header("Content-Encoding") == "gzip":
            assert gzip.decompress(answer.body) == plain.body
            assert answer.header("Vary") == "Accept-Encoding"
        whole, packed = whole + len(plain.body), packed + len(answer.body)
    assert packed < whole / 2.5


def test_a_script_that_is_kept_needs_no_process(script: Path) -> None:
    require_nginx()
    with serve_instance(2, script) as instance:
        page = ask(instance.address, "/", "127.2.3.1").body
        name = re.findall(rb"static/js/index[\w.-]+\.js", page)[0].decode()
        body = ask(instance.address, f"/{name}", "127.2.3.1").body
        for server in instance.servers:
            os.kill(server.pid, signal.SIGKILL)
        assert ask(instance.address, f"/{name}", "127.2.3.1").body == body


@pytest.mark.parametrize("path", ["/", "/static/js/none.js", "/_stcore/health", "/_stcore/metrics"])
def test_every_answer_has_the_security_headers(instance: Instance, path: str) -> None:
    answer = ask(instance.address, path, "127.2.4.1")
    policy = answer.header("Content-Security-Policy")
    assert "frame-ancestors 'self'" in policy
    assert "object-src 'none'" in policy
    scripts = re.search(r"script-src ([^;]*)", policy)
    assert scripts
    assert "unsafe" not in scripts[1]
    assert answer.header("X-Content-Type-Options") == "nosniff"
    assert answer.header("Referrer-Policy") == "strict-origin-when-cross-origin"
    assert answer.header("Permissions-Policy").startswith("camera=()")
    assert answer.header("Strict-Transport-Security") == ""
    assert answer.header("Server") == "nginx"


def test_without_the_proxy_there_are_no_such_headers(instance: Instance) -> None:
    """The documents say so; when Streamlit adds some, they and this test change."""
    answer = ask(instance.servers[0].address, "/", "127.2.4.2")
    assert answer.header("Content-Security-Policy") == ""
    assert answer.header("Referrer-Policy") == ""


def test_the_scripts_that_may_be_inline_are_the_ones_there_are() -> None:
    """Hashes of Streamlit's own line and of the anchors of Methods: an update changes them."""
    page = Path(streamlit.__file__).with_name("static") / "index.html"
    inline = re.findall(r"<script>(.*?)</script>", page.read_text(encoding="utf-8"), re.DOTALL)
    inline.append((ROOT / "dashboard/pages/methods/anchor.js").read_text(encoding="utf-8"))
    digests = (hashlib.sha256(text.encode()).digest() for text in inline)
    wanted = {f"sha256-{base64.b64encode(digest).decode()}" for digest in digests}
    found = set(re.findall(r"sha256-[\w+/=]+", CONFIGURATION.read_text(encoding="utf-8")))
    assert found == wanted


@pytest.mark.parametrize(
    "form", ["/_stcore/{}", "/Heads/_stcore/{}", "/_stcore//{}", "/%5Fstcore/{}"]
)
@pytest.mark.parametrize("name", INSIDE)
def test_what_is_for_the_inside_is_not_reached(instance: Instance, form: str, name: str) -> None:
    answer = ask(instance.address, form.format(name), "127.2.5.1")
    assert answer.status == 404
    assert ask(instance.address, "/_stcore/host-config", "127.2.5.2").status == 200


def test_a_session_is_opened_under_the_instance_s_name_only(script: Path) -> None:
    require_nginx()
    handshake = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec_WebSocket_Version": "13",
        "Sec_WebSocket_Key": base64.b64encode(bytes(16)).decode(),
    }
    with serve_instance(2, script, STREAMLIT_SERVER_ALLOWED_HOSTS="atlas.example") as instance:
        for host, status in (("atlas.example", 101), ("turned.example", 403), ("127.0.0.1", 403)):
            answer = ask(instance.address, "/_stcore/stream", "127.2.9.1", Host=host, **handshake)
            assert answer.status == status, host


def test_a_body_beyond_the_limit_is_refused_before_it_is_read(instance: Instance) -> None:
    large = str(102 * 2**20)
    upload = "/_stcore/upload_file/session/file"
    for path, length in (("/", str(2 * 2**20)), ("/Live", large), (upload, large)):
        answer = ask(
            instance.address, path, "127.2.6.1", "PUT", Content_Length=length, Expect="100-continue"
        )
        assert answer.status == 413, path
    # A file that is allowed reaches the process, which knows no such session.
    assert ask(instance.address, upload, "127.2.6.1", "PUT", bytes(2 * 2**20)).status == 403


def test_one_address_s_haste_is_its_own(instance: Instance) -> None:
    hasty = [ask(instance.address, "/_stcore/health", "127.2.7.1").status for _ in range(200)]
    assert hasty[:60] == [200] * 60
    assert 429 in hasty
    assert ask(instance.address, "/_stcore/health", "127.2.7.2").status == 200
    uploads = [
        ask(instance.address, "/_stcore/upload_file/s/f", "127.2.7.3", "PUT", b"x").status
        for _ in range(20)
    ]
    assert uploads.count(429) >= 5


def test_one_address_s_open_pages_are_bounded(instance: Instance) -> None:
    """As many websockets as `limit_conn` says, of one address and of all; more are refused."""
    address = instance.address.replace("http", "ws", 1) + "/_stcore/stream"

    def open_page(source: str) -> ClientConnection:
        return connect(
            address,
            subprotocols=[Subprotocol("streamlit")],
            source_address=(source, 0),
            open_timeout=60,
            proxy=None,
        )

    allowed = int(re.findall(r"limit_conn pages (\d+);", CONFIGURATION.read_text("utf-8"))[0])
    with contextlib.ExitStack() as pages:
        for _ in range(allowed):
            pages.enter_context(open_page("127.2.10.1"))
        with pytest.raises(InvalidStatus) as refused:
            pages.enter_context(open_page("127.2.10.1"))
        assert refused.value.response.status_code == 429
        pages.enter_context(open_page("127.2.10.2"))

        def open_rest() -> None:
            for number in range(3, 3 + EVERYONE - allowed):
                pages.enter_context(open_page(f"127.2.10.{number}"))

        with pytest.raises(InvalidStatus) as refused:
            open_rest()
        assert refused.value.response.status_code == 429


def test_uploads_at_once_are_bounded_for_all_together(instance: Instance) -> None:
    """As many as `limit_conn uploading` says are kept half read; who comes then is told so."""
    upload = "/_stcore/upload_file/session/file"
    allowed = int(re.findall(r"limit_conn uploading (\d+);", CONFIGURATION.read_text("utf-8"))[0])
    place = urlsplit(instance.address)
    with contextlib.ExitStack() as stack:
        begun = []
        for number in range(1, allowed + 2):
            own = socket.create_connection(
                (place.hostname or "", place.port or 80), source_address=(f"127.2.11.{number}", 0)
            )
            begun.append(stack.enter_context(own))
            own.sendall(f"PUT {upload} HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\nx".encode())
        # the proxy takes them up in an order of its own
        (refused,) = select.select(begun, [], [], 60)[0]
        assert refused.recv(64).startswith(b"HTTP/1.1 429 ")
        held = [own for own in begun if own is not refused]
        assert not select.select(held, [], [], 1)[0]
        assert ask(instance.address, "/_stcore/health", "127.2.11.98").status == 200
        for own in held:
            own.sendall(b"x" * 98)
            assert own.recv(64).startswith(b"HTTP/1.1 403 ")  # by the process: no such session


def test_no_query_string_is_written_down(instance: Instance, log: Path) -> None:
    headers = {"Referer": "http://here/?sequence=MKTAYI", "Cookie": "secret=MKTAYI"}
    ask(instance.address, "/Live?sequence=MKTAYI", "127.2.8.1", **headers)
    wait_until(log, " 127.2.8.1 GET /Live 200 ")  # it is written after the answer
    assert "MKTAYI" not in log.read_text(encoding="utf-8")


def test_the_compose_file_starts_what_nginx_expects() -> None:
    content = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text(encoding="utf-8"))
    services = content["services"]
    proxy = services.pop("proxy")
    assert f"./{CONFIGURATION.name}:/etc/nginx/nginx.conf:ro" in proxy["volumes"]
    assert (ROOT / "deploy" / CONFIGURATION.name) == CONFIGURATION
    text = CONFIGURATION.read_text(encoding="utf-8")
    assert f"listen {proxy['ports'][0].rpartition(':')[2]};" in text
    assert proxy["depends_on"] == {name: {"condition": "service_healthy"} for name in services}
    ports = {name: one["environment"]["STREAMLIT_SERVER_PORT"] for name, one in services.items()}
    assert tuple(ports.values()) == PORTS
    for name, port in ports.items():
        assert text.count(f"server {name}:{port}") == len(services) + 1
    for service in (*services.values(), proxy):
        assert service["mem_limit"]
        assert service["restart"] == "unless-stopped"
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
    assert all(service["volumes"][0].endswith(":/results:ro") for service in services.values())
    assert "HEALTHCHECK" in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_a_configuration_that_lacks_what_is_changed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="has no “no such line”"):
        configure([1, 2], 3, tmp_path, {"no such line": ""})
