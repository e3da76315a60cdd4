"""Where a redirect of what is fetched may lead."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from precompute.datasets import transfer
from precompute.datasets.transfer import download_file
from precompute.errors import AtlasError
from precompute.redirects import follow

BASE = "https://data.example/a"


class Handler(BaseHTTPRequestHandler):
    """Gives a file, or leads to where its server says."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        server: Any = self.server
        server.asked.append(self.path)
        location = server.leads.get(self.path)
        self.send_response(200 if location is None else server.status)
        if location is not None:
            self.send_header("Location", location)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"data")


class Server(ThreadingHTTPServer):
    """A real server on some address of this machine."""

    def __init__(self, address: str = "127.0.0.1") -> None:
        self.address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
        super().__init__((address, 0), Handler)
        self.asked: list[str] = []
        self.leads: dict[str, str] = {}
        self.status = 302
        self.url = f"http://{f'[{address}]' if ':' in address else address}:{self.server_port}"
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(transfer, "_PAUSE", 0.0)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    own = Server()
    yield own
    own.shutdown()
    own.server_close()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.2", "::1"])
def test_a_file_leads_to_no_other_server_of_this_machine(
    server: Server, tmp_path: Path, status: int, address: str
) -> None:
    try:
        other = Server(address)
    except OSError:
        pytest.skip(f"this machine has no {address}")
    try:
        server.status = status
        names = [other.url, other.url.replace("http:", "https:"), f"//{other.url[7:]}"]
        names += [f"http://localhost:{other.server_port}", f"https://localhost:{other.server_port}"]
        names += [f"https://2130706433:{other.server_port}", f"https://0:{other.server_port}"]
        for location in names:
            server.leads["/file"] = f"{location}/inside"
            with pytest.raises(AtlasError, match="redirects to another host"):
                download_file(f"{server.url}/file", tmp_path / "part", lambda *_: None, quiet=True)
        assert other.asked == []
        assert set(server.asked) == {"/file"}
        assert list(tmp_path.iterdir()) == []
    finally:
        other.shutdown()
        other.server_close()


def test_a_file_does_not_lead_to_a_file_of_this_machine(server: Server, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    for location in (f"file://{tmp_path}/secret", f"FILE:{tmp_path}/secret", "ftp://127.0.0.1/x"):
        server.leads["/file"] = location
        with pytest.raises(AtlasError, match="redirects to another host"):
            download_file(f"{server.url}/file", tmp_path / "part", lambda *_: None, quiet=True)
    server.leads["/file"] = "http://["
    with pytest.raises(AtlasError, match="no address"):
        download_file(f"{server.url}/file", tmp_path / "part", lambda *_: None, quiet=True)
    assert not (tmp_path / "part").exists()


def test_a_file_may_have_moved_on_its_own_host(server: Server, tmp_path: Path) -> None:
    server.leads = {"/file": "/there", "/there": f"{server.url}/here"}
    download_file(f"{server.url}/file", tmp_path / "part", lambda *_: None, quiet=True)
    assert (tmp_path / "part").read_bytes() == b"data"
    server.leads["/here"] = "/file"
    (tmp_path / "part").unlink()
    with pytest.raises(AtlasError, match="redirects without end"):
        download_file(f"{server.url}/file", tmp_path / "part", lambda *_: None, quiet=True)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.31.0.1", "192.168.1.1"),
        *("169.254.169.254", "100.64.0.1", "224.0.0.1", "255.255.255.255", "192.0.2.1"),
        *("::", "::1", "fe80::1", "fe80::1%1", "fd00::1", "fec0::1", "ff02::1"),
        *(
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "2001:0:7f00:1::",
            "2002:7f00:1::",
            "64:ff9b::7f00:1",
        ),
    ],
)
def test_a_name_that_stands_for_an_address_inside_is_not_followed(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """Neither alone nor beside an address that is public."""
    for all_of_it in ([address], ["93.184.215.14", address]):
        found = [(0, 0, 0, "", (one, 443)) for one in all_of_it]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, found=found, **__: found)
        assert follow(BASE, BASE, "https://elsewhere.example/x", elsewhere=True) is None


def test_a_public_host_is_followed_with_https_where_that_is_asked_for() -> None:
    there = "https://93.184.215.14/x"
    assert follow(BASE, BASE, there, elsewhere=True) == there
    assert follow(BASE, BASE, there) is None
    assert follow(BASE, BASE, "http://93.184.215.14/x", elsewhere=True) is None
    assert follow(BASE, BASE, "https://data.example@93.184.215.14/x", elsewhere=True) is None
    assert follow(BASE, BASE, "http://data.example/x", elsewhere=True) is None
    assert follow(BASE, BASE, "https://data.example:444/x") is None
    assert follow(BASE, BASE, "../b") == "https://data.example/b"
