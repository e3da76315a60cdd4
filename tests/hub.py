"""A local server that speaks the hub's protocol, and the settings that lead to it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

COMMIT = "0123456789abcdef0123456789abcdef01234567"
REPOSITORY = "Rostlab/prot_bert"


class Hub(ThreadingHTTPServer):
    """Serves one repository: its list of files, and each file with ranges.

    Attributes
    ----------
    break_after
        Close the connection after so many bytes of the weights, once.
    page
        What to send in place of the weights.
    status
        What to answer to everything.
    hold_after
        Send so many bytes of the weights and wait for `release`.
    release
        Lets held downloads go on.
    """

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), HubHandler)
        self.folder = folder
        self.break_after: int | None = None
        self.page: bytes | None = None
        self.status = 200
        self.hold_after: int | None = None
        self.release = threading.Event()
        self.requests: list[tuple[str, str, str | None]] = []

    def content(self, name: str) -> bytes | None:
        path = self.folder / name
        if not path.is_file():
            return None
        return self.page if self.page and path.suffix != ".json" else path.read_bytes()


class HubHandler(BaseHTTPRequestHandler):
    server: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        pass

    def do_HEAD(self) -> None:
        self.answer(body=False)

    def do_GET(self) -> None:
        self.answer(body=True)

    def answer(self, *, body: bool) -> None:
        self.server.requests.append((self.command, self.path, self.headers.get("Range")))
        if self.server.status != 200:
            code = {401: "GatedRepo", 404: "RepoNotFound"}.get(self.server.status, "")
            return self.send(
                self.server.status, b"{}" if body else b"", {"X-Error-Code": code}, body
            )
        if self.path.startswith(f"/api/models/{REPOSITORY}/tree/"):
            return self.send(200, json.dumps(self.listing("path")).encode(), {}, body)
        if self.path.startswith(f"/api/models/{REPOSITORY}"):
            info = {"id": REPOSITORY, "sha": COMMIT, "siblings": self.listing("rfilename")}
            return self.send(200, json.dumps(info).encode(), {}, body)
        name = self.path.split("/resolve/")[-1].split("/", 1)[-1].split("?")[0]
        content = self.server.content(name)
        if content is None:
            return self.send(404, b"", {"X-Error-Code": "EntryNotFound"}, body)
        headers = {
            "ETag": f'"{hashlib.sha256(content).hexdigest()}"',
            "X-Repo-Commit": COMMIT,
            "Accept-Ranges": "bytes",
        }
        wanted, status = self.headers.get("Range"), 200
        if body and wanted:
            start = int(wanted.removeprefix("bytes=").split("-")[0])
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
            content, status = content[start:], 206
        if body and self.server.break_after and name.startswith(("model", "pytorch")):
            part, self.server.break_after = content[: self.server.break_after], None
            self.send_response(status)
            for key, value in headers.items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(part)
            self.wfile.flush()
            self.close_connection = True
            self.connection.close()
            return None
        return self.send(status, content, headers, body)

    def listing(self, key: str) -> list[dict[str, Any]]:
        return [
            {key: path.name, "type": "file", "size": path.stat().st_size, "oid": path.name}
            for path in sorted(self.server.folder.iterdir())
        ]

    def send(self, status: int, content: bytes, headers: dict[str, str], body: bool) -> None:
        self.send_response(status)
        for key, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(key, value)
        self.end_headers()
        if not body:
            return
        held = self.server.hold_after
        if held is not None and len(content) > held:
            self.wfile.write(content[:held])
            self.wfile.flush()
            self.server.release.wait(120)
            content = content[held:]
        self.wfile.write(content)


@contextlib.contextmanager
def serve_hub(folder: Path) -> Iterator[Hub]:
    """Serve a checkpoint folder as `REPOSITORY` until the block ends."""
    with Hub(folder) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.release.set()
        server.shutdown()


def hub_settings(hub: Hub, home: Path) -> dict[str, str]:
    """Give the environment of a process whose hub is the local server, with a cache of its own."""
    return {
        "HF_ENDPOINT": f"http://127.0.0.1:{hub.server_port}",
        "HF_HOME": str(home),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_ETAG_TIMEOUT": "5",
        "HF_HUB_DOWNLOAD_TIMEOUT": "5",
    }
