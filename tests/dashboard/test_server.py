"""The real server with the product's settings, and visitors who do not use a browser."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import CloseCode
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from dashboard.page.opening import HOME_PAGE, PAGES
from tests.server import Visit, serve, visit

ROOT = Path(__file__).parents[2]
FOREIGN = (
    "http://evil.example",
    "https://atlas.streamlit.app",
    "https://share.streamlit.io",
    "null",
    "file://",
    "http://127.0.0.1.evil.example",
    "http://evil.example#127.0.0.1",
)
"""Origins of pages that are not ours."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, silent_proxy: list[bytes]) -> Iterator[str]:
    """A server that reaches the world through a proxy which never answers."""
    log = tmp_path_factory.mktemp("server") / "log"
    url = silent_proxy[0].decode()
    more = {"http_proxy": url, "https_proxy": url, "no_proxy": "127.0.0.1,localhost"}
    with serve(log, more=more) as served:
        yield served
    assert "Traceback" not in log.read_text()


@pytest.fixture(scope="module")
def silent_proxy() -> Iterator[list[bytes]]:
    """A proxy's address, and after it what was asked of the proxy."""
    asked: list[bytes] = []
    held: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        asked.append(f"http://127.0.0.1:{listening.getsockname()[1]}".encode())

        def note() -> None:
            with contextlib.suppress(OSError):
                while True:
                    own, _ = listening.accept()
                    held.append(own)
                    asked.append(own.recv(1000))

        threading.Thread(target=note, daemon=True).start()
        yield asked
        listening.shutdown(socket.SHUT_RDWR)
    for own in held:
        own.close()


def ask(
    url: str, method: str = "GET", data: bytes | None = None, **headers: str
) -> tuple[int, bytes, Message]:
    """Ask over HTTP, and give status, content and headers."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(f"http://{url}", data, named, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), error.headers


def opens(address: str, origin: str | None) -> bool:
    """Tell whether a page of some origin may open a session."""
    try:
        with connect(
            f"ws://{address}/_stcore/stream",
            origin=None if origin is None else Origin(origin),
            subprotocols=[Subprotocol("streamlit")],
        ):
            return True
    except InvalidStatus as error:
        return error.response.status_code != 403


def test_only_its_own_pages_open_a_session(address: str, silent_proxy: list[bytes]) -> None:
    """And the server asks nobody for that, which would hold up everybody."""
    with visit(address):
        assert opens(address, f"http://{address}")
        for origin in FOREIGN:
            assert not opens(address, origin), origin
    assert silent_proxy[1:] == []


@pytest.mark.parametrize("path", ["_stcore/health", "_stcore/host-config", "", "media/x"])
def test_no_other_page_may_read_an_answer(address: str, path: str) -> None:
    _, _, headers = ask(f"{address}/{path}", Origin="http://evil.example")
    assert headers["Access-Control-Allow-Origin"] is None


def test_no_page_around_it_may_steer_it(address: str) -> None:
    _, content, _ = ask(f"{address}/_stcore/host-config")
    said = json.loads(content)
    assert said["allowedOrigins"] == []
    assert not said["useExternalAuthToken"]
    assert not said["enableCustomParentMessages"]


def test_a_file_is_taken_with_the_token_of_the_session_alone(address: str) -> None:
    body = b"--x\r\nContent-Disposition: form-data; name=f; filename=f\r\n\r\nMKV\r\n--x--\r\n"
    form = {"Content_Type": "multipart/form-data; boundary=x"}
    with visit(address) as own:
        url = f"{address}/_stcore/upload_file/{own.session}/mine"
        _, _, headers = ask(f"{address}/_stcore/health")
        cookie = str(headers["Set-Cookie"]).partition(";")[0]
        token = cookie.partition("=")[2]
        assert ask(url, "PUT", body, **form)[0] == 403
        assert ask(url, "PUT", body, **form, Cookie=cookie)[0] == 403
        assert ask(url, "PUT", body, **form, X_Xsrftoken=token)[0] == 403
        both = {**form, "Cookie": cookie, "X_Xsrftoken": token}
        assert ask(url, "PUT", body, **both)[0] == 204
        assert ask(url, "DELETE")[0] == 403
        other = url.replace(own.session, "somebody-else")
        assert ask(other, "PUT", body, **both)[0] == 400
        large = {**both, "Content_Length": str(10**12)}
        assert ask(url, "PUT", body, **large)[0] == 413


@pytest.mark.parametrize(
    "path",
    [
        "README.md",
        ".gitignore",
        "",
        ".",
        "..%2fstreamlit_app.py",
        "%2e%2e/streamlit_app.py",
        "../streamlit_app.py",
        "..%5cstreamlit_app.py",
        "%2fetc/passwd",
        "x%00.js",
    ],
)
def test_nothing_but_the_libraries_is_served(address: str, path: str) -> None:
    with socket.create_connection(address.split(":")) as own:  # as it stands, without a client
        head = f"GET /app/static/{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        own.sendall(head.encode())
        answer = b"".join(iter(lambda: own.recv(65536), b""))
    assert re.match(rb"HTTP/1.1 40[04] ", answer), answer[:200]
    assert b"import" not in answer
    assert b"root:" not in answer


def test_a_page_that_fails_says_nothing_of_the_server(tmp_path: Path) -> None:
    """By an error of its own, of its reader, and while a file is made."""
    script = tmp_path / "fails.py"
    script.write_text(
        "import streamlit as st\n"
        "def made(): raise ValueError('secret-three')\n"
        "st.download_button('Take', data=made)\n"
        "st.exception(ValueError('secret-one')) if 'shown' in st.query_params else None\n"
        "raise RuntimeError('secret-two in /srv/secret')\n"
    )
    with serve(tmp_path / "log", str(script)) as address, visit(address) as own:
        taken = take(own)
        sent = own.text.replace(str(script), "")  # Streamlit tells every visitor its script's path
        for word in ("secret", "Traceback", "RuntimeError", str(tmp_path), "site-packages"):
            assert word not in sent
        assert "error" in sent
        assert "Failed to generate" in taken
    assert "secret-two" in (tmp_path / "log").read_text()


def take(own: Visit) -> str:
    """Click a button whose file is made then, and give what the server answers."""
    identifier = re.findall(r'deferred_file_id: "(\w+)"', own.text)[-1]
    asked = BackMsg()
    asked.backend_operation_request.request_id = "1"
    asked.backend_operation_request.session_id = own.session
    asked.backend_operation_request.deferred_file.file_id = identifier
    own.send(asked)
    while True:
        answer = own.receive()
        if answer.HasField("backend_operation_response"):
            return str(answer)


def test_what_is_taken_along_is_gone_with_the_visit_and_cannot_be_guessed(tmp_path: Path) -> None:
    script = tmp_path / "takes.py"
    script.write_text(
        "import streamlit as st\n"
        "mine = st.query_params['mine']\n"
        "st.download_button('Take', data=lambda: 'of ' + mine, file_name='a\\r\\nX: y.txt')\n"
    )
    more = {"STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL": "1"}
    with serve(tmp_path / "log", str(script), more=more) as address:
        with visit(address, "mine=alice") as one, visit(address, "mine=bob") as other:
            paths = []
            for own, name in ((one, "alice"), (other, "bob")):
                found = re.search(r'url: "/(media/([0-9a-f]+)\.txt)"', take(own))
                assert found
                assert len(found[2]) >= 32  # 128 bits
                status, content, headers = ask(f"{address}/{found[1]}")
                assert (status, content) == (200, f"of {name}".encode())
                assert headers["X"] is None
                paths.append(found[1])
            assert paths[0] != paths[1]
            identifiers = re.findall(r'deferred_file_id: "(\w+)"', one.text + other.text)
            assert all(re.fullmatch("[0-9a-f]{32}", name) for name in identifiers)
            assert len(set(identifiers)) == 2
        assert ask(f"{address}/media/{'0' * 32}.txt")[0] == 404
        for _ in range(100):
            with visit(address, "mine=carol"):
                pass
            if ask(f"{address}/{paths[0]}")[0] == ask(f"{address}/{paths[1]}")[0] == 404:
                break
        else:
            pytest.fail("what visitors took is still there")


def test_a_visitor_cannot_end_the_server(address: str) -> None:
    for name in ("debug_shutdown_runtime", "debug_disconnect_websocket"):
        asked = BackMsg()
        setattr(asked, name, True)
        with visit(address) as own:
            own.send(asked)
            own.run()
    assert ask(f"{address}/_stcore/health")[0] == 200


def test_a_visitor_empties_nothing_that_others_have(tmp_path: Path) -> None:
    """Streamlit's own message empties what Streamlit keeps, for everybody; ours it does not."""
    (tmp_path / "counted.py").write_text(
        "import streamlit as st\n"
        "from dashboard.results.kept import kept\n"
        "made = []\n"
        "def make(word):\n"
        "    made.append(word)\n"
        "    return made.count(word)\n"
        "ours, streamlits = kept(4)(make), st.cache_data(make)\n"
    )
    script = tmp_path / "page.py"
    script.write_text(
        "import counted\nimport streamlit as st\n"
        "st.text(f'ours {counted.ours(1)}, their {counted.streamlits(2)}')\n"
    )
    with serve(tmp_path / "log", str(script)) as address:
        with visit(address) as own:
            assert "ours 1, their 1" in own.text
            own.send(BackMsg(clear_cache=True))
            own.run()
        with visit(address) as other:
            assert "ours 1, their 2" in other.text


def listen(own: Visit) -> None:
    while True:
        own.receive()


def test_a_message_beyond_the_limit_ends_its_sender_alone(address: str) -> None:
    lawful = BackMsg()
    lawful.rerun_script.query_string = "x" * 40_000_000
    with visit(address) as own, visit(address) as other:
        own.send(lawful)
        with pytest.raises(ConnectionClosed) as closed:
            listen(own)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == CloseCode.MESSAGE_TOO_BIG  # and not as no message
        other.run()
        assert "Loaded results" in other.text


@pytest.mark.parametrize("path", PAGES)
def test_a_huge_address_is_a_page(address: str, path: str) -> None:
    """A hundred kilobytes in one value, in a thousand values, in names, and in a page's name."""
    page = Path(path).stem.partition("_")[2] if path != HOME_PAGE else ""
    for query in (
        "source=" + "x" * 100_000,
        "models=x&" * 10_000,
        "&".join(f"p{number}=%00" for number in range(10_000)),
        "head=" + "%F0%9F%A7%AC" * 8_000,
        "=" * 100_000,
        "%" * 100_000,
    ):
        with visit(address, query, page) as own:
            assert "Loaded results" in own.text
            assert "exception {" not in own.text
            assert len(own.text) < 3_000_000


@pytest.mark.parametrize("page", ["x" * 100_000, "../../etc/passwd", "\0", "Heads/../../x", "🧬"])
def test_a_page_that_is_none(address: str, page: str) -> None:
    with visit(address, page=page) as own:
        assert "exception {" not in own.text


def test_visitors_threads_take_longer_turns_than_pythons_own() -> None:
    said = "import sys; before = sys.getswitchinterval(); import serve; print(before, serve.TURN"
    code = f"{said}, sys.getswitchinterval())"
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout.split()
    before, turn, now = map(float, printed[-3:])
    assert now == pytest.approx(turn)
    assert now > before
