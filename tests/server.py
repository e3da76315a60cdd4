"""A real server of the product's settings, and a visitor who speaks Streamlit's protocol."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from benchmarks.server import free_port
from dashboard.results.loaded import RESULTS_VARIABLE

ROOT = Path(__file__).parents[1]


@contextlib.contextmanager
def serve(
    log: Path,
    script: str = "streamlit_app.py",
    results: str = "",
    more: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """Serve a script with the settings of this folder; give the address without ``http://``."""
    port = free_port()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port)],
            cwd=ROOT,
            env={
                **os.environ,
                RESULTS_VARIABLE: results,
                "PYTHONPATH": str(ROOT),
                **(more or {}),
            },
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        for _ in range(600):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health").close()
                break
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def visit(address: str, query: str = "", page: str = "") -> Iterator[Visit]:
    """Open a page as a browser does, wait until it is drawn, and stay."""
    url = f"ws://{address}/_stcore/stream"
    with connect(url, subprotocols=[Subprotocol("streamlit")], max_size=None) as connection:
        own = Visit(connection)
        own.run(query, page)
        yield own


class Visit:
    """One session.

    Attributes
    ----------
    messages
        Everything that the server has sent.
    """

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.messages: list[ForwardMsg] = []

    @property
    def session(self) -> str:
        """The session's identifier."""
        return next(
            message.new_session.initialize.session_id
            for message in self.messages
            if message.HasField("new_session")
        )

    @property
    def text(self) -> str:
        """What has been sent, as text."""
        return "\n".join(map(str, self.messages))

    def run(self, query: str = "", page: str = "") -> None:
        """Draw a page and wait for its end."""
        asked = BackMsg()
        asked.rerun_script.query_string = query
        asked.rerun_script.page_name = page
        self.send(asked)
        while True:
            message = self.receive()
            if message.HasField("script_finished"):
                return

    def send(self, asked: BackMsg) -> None:
        """Send what a browser would not."""
        self.connection.send(asked.SerializeToString())

    def receive(self) -> ForwardMsg:
        """Wait for one message."""
        given = self.connection.recv(timeout=60)
        assert isinstance(given, bytes)
        message = ForwardMsg()
        message.ParseFromString(given)
        self.messages.append(message)
        return message
