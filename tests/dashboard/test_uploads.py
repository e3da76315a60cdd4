"""Files are bounded in sum, for one session and for all, whatever page they are sent to."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets import Subprotocol
from websockets.sync.client import ClientConnection, connect

from dashboard.pages.live import own
from precompute.errors import AtlasError
from precompute.live.settings import MEGABYTES_VARIABLE, MOST_FILES

ROOT = Path(__file__).parents[2]
MEGABYTE = 1024**2
FILE = b"M" * (900 * 1024)

SERVER = """
from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.routing import Route
from streamlit import App
from streamlit.runtime import get_instance

from dashboard.health.uploads import Uploads


async def held(request):
    sessions = get_instance().uploaded_file_mgr.file_storage
    return JSONResponse({s: sum(len(f.data) for f in own.values()) for s, own in sessions.items()})


app = App("page.py", middleware=[Middleware(Uploads)], routes=[Route("/held", held)])
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server whose page has no uploader, and whose files may have a megabyte."""
    folder = tmp_path_factory.mktemp("uploads")
    (folder / "page.py").write_text("import streamlit as st\nst.write('no uploader')\n")
    (folder / "serve.py").write_text(SERVER)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = {"PORT": str(port), "HEADLESS": "true", "ENABLE_XSRF_PROTECTION": "false"}
    environment = {f"STREAMLIT_SERVER_{name}": value for name, value in options.items()}
    environment |= {"PYTHONPATH": str(ROOT), MEGABYTES_VARIABLE: "1"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "serve.py"],
            cwd=folder,
            env={**os.environ, **environment, "STREAMLIT_BROWSER_SERVER_ADDRESS": "localhost"},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            with contextlib.suppress(requests.RequestException):
                requests.get(f"{address}/_stcore/health", timeout=1)
                break
            assert process.poll() is None, (folder / "log").read_text()
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def session(server: str) -> Iterator[str]:
    """A visitor's session: its name."""
    address = f"{server.replace('http', 'ws', 1)}/_stcore/stream"
    with connect(address, subprotocols=[Subprotocol("streamlit")]) as visitor:
        yield _name(visitor)


def _name(visitor: ClientConnection) -> str:
    message = BackMsg()
    message.rerun_script.query_string = ""
    visitor.send(message.SerializeToString())
    while True:
        answer = ForwardMsg.FromString(bytes(visitor.recv(timeout=60, decode=False)))
        if answer.WhichOneof("type") == "new_session":
            return answer.new_session.initialize.session_id


def put(server: str, session: str, name: str, content: bytes = FILE) -> int:
    address = f"{server}/_stcore/upload_file/{session}/{name}"
    return requests.put(address, files={"file": ("x.pdb", content)}, timeout=60).status_code


def held(server: str) -> dict[str, int]:
    return dict(requests.get(f"{server}/held", timeout=60).json())


def test_a_session_keeps_its_newest_files_up_to_the_largest(server: str) -> None:
    with session(server) as own_session:
        for number in range(6):
            assert put(server, own_session, f"file-{number}") == 204
        assert 0 < held(server)[own_session] <= 2 * MEGABYTE
        assert put(server, own_session, "large", FILE * 3) == 413


def test_without_a_length_nothing_is_received(server: str) -> None:
    with session(server) as own_session:
        address = f"{server}/_stcore/upload_file/{own_session}/drip"
        assert requests.put(address, data=iter([FILE]), timeout=60).status_code == 411


def test_all_together_are_bounded_and_who_has_gone_makes_room(server: str) -> None:
    with contextlib.ExitStack() as visitors:
        codes = []
        for _ in range(2 * MOST_FILES):
            own_session = visitors.enter_context(session(server))
            codes.append(put(server, own_session, "one"))
        assert codes[:MOST_FILES] == [204] * MOST_FILES
        assert codes[-1] == 503
        assert sum(held(server).values()) <= (MOST_FILES + 1) * MEGABYTE
    end = time.monotonic() + 30
    with session(server) as own_session:
        while put(server, own_session, "one") != 204:
            assert time.monotonic() < end, "files of those who left are kept"
            time.sleep(0.2)


def test_what_pages_keep_of_files_is_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MEGABYTES_VARIABLE, "1")
    kept = [own.Own(str(number), "x.pdb", bytes(MEGABYTE)) for number in range(MOST_FILES)]
    with pytest.raises(AtlasError, match="try again in some minutes"):
        own.Own("one more", "x.pdb", b"M")
    del kept[0]
    own.Own("one more", "x.pdb", b"M")
