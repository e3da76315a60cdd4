"""Services that mean harm: whatever they send, a visitor reads one sentence, soon.

The servers are real sockets; each answers with bytes of its own.
"""

from __future__ import annotations

import contextlib
import gzip
import http.client
import io
import json
import re
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing import Pipe
from types import SimpleNamespace
from typing import Any

import pytest
import requests
import urllib3
from hypothesis import example, given, settings
from hypothesis import strategies as st
from requests.adapters import HTTPAdapter

from precompute.errors import AtlasError
from precompute.live.getting import downloading, entries
from precompute.live.getting.entries import fold_sequence, read_prediction
from precompute.live.getting.inputs import open_source
from precompute.live.running.worker import Runner
from precompute.models import MODELS
from precompute.redirects import obeying_none
from tests.precompute.live.test_fetching import ENTRY, Server, fixed, forget, said
from tests.precompute.live.test_fetching import server as server  # a fixture

Talk = Callable[[socket.socket, threading.Event], None]
OK = b"HTTP/1.1 200 OK\r\n"


@contextlib.contextmanager
def talking(talk: Talk) -> Iterator[tuple[str, list[bytes]]]:
    """Serve with a function that has the socket after the request's head was read."""
    over, asked = threading.Event(), list[bytes]()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer(own: socket.socket) -> None:
            with own, contextlib.suppress(OSError):
                asked.append(own.recv(65536))
                talk(own, over)

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    own, _ = listening.accept()
                    threading.Thread(target=answer, args=(own,), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", asked
        over.set()
        listening.shutdown(socket.SHUT_RDWR)


def drip(before: bytes, part: bytes) -> Talk:
    """Send a part every moment for as long as somebody listens, each before silence is too long."""

    def talk(own: socket.socket, over: threading.Event) -> None:
        own.sendall(before)
        while not over.wait(0.02):
            own.sendall(part)

    return talk


def once(content: bytes) -> Talk:
    return lambda own, _: own.sendall(content)


@pytest.fixture
def ask_of(server: Server, monkeypatch: pytest.MonkeyPatch) -> Callable[[Talk, str], str]:
    """Open a source of a server that talks as it likes, and give the sentence."""

    def ask(talk: Talk, source: str = "pdb:1ABC") -> str:
        with talking(talk) as (url, _):
            monkeypatch.setenv("ATLAS_RCSB_URL", url)
            monkeypatch.setenv("ATLAS_ALPHAFOLD_URL", url)
            return said(source)

    return ask


@pytest.mark.parametrize(
    ("before", "part"),
    [
        (b"", b"H"),
        (b"HTTP/1.1 ", b"2"),
        (OK + b"X: ", b"x"),
        (OK, b"X: x\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"0"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n1;", b"x"),
        (OK + b"Content-Length: 10000\r\n\r\n", b"x"),
        (OK + b"\r\n", b"x"),
        (b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 10000\r\n\r\n", b"x"),
    ],
)
def test_what_comes_drop_by_drop_ends(
    ask_of: Callable[..., str], monkeypatch: pytest.MonkeyPatch, before: bytes, part: bytes
) -> None:
    monkeypatch.setattr(downloading, "TOTAL_SECONDS", 0.4)
    monkeypatch.setattr(
        downloading.ask, "__kwdefaults__", {**downloading.ask.__kwdefaults__, "seconds": 0.4}
    )
    begun = time.monotonic()
    sentence = ask_of(drip(before, part))
    assert "The PDB's server" in sentence or "the PDB's server" in sentence
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_what_comes_with_a_redirect_is_not_read(server: Server, status: int) -> None:
    """A body of a redirect, packed or without end, is nobody's; the client would read it all."""
    bomb = gzip.compress(b"0" * 200_000_000, 1)
    path = "/download/1ABC.cif.gz"
    server.answers[path] = fixed(bomb, status, Location="/there", Content_Encoding="gzip")
    server.answers["/there"] = fixed(ENTRY)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    forget()
    assert open_source("pdb:1ABC").sequence == "AGSTWDKLVI"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kB


def test_a_redirect_without_end_in_its_body(server: Server) -> None:
    def answer(handler: Any) -> None:
        handler.send_response(302)
        handler.send_header("Location", "/there")
        handler.end_headers()
        with contextlib.suppress(OSError):
            while True:
                handler.wfile.write(b"x" * 65536)

    server.answers["/download/1ABC.cif.gz"] = answer
    server.answers["/there"] = fixed(ENTRY)
    forget()
    assert open_source("pdb:1ABC").sequence == "AGSTWDKLVI"


ELSEWHERE = (
    "http://127.0.0.1/x",
    "http://localhost/x",
    "http://[::1]/x",
    "http://[::ffff:127.0.0.1]/x",
    "http://[::ffff:7f00:1]/x",
    "http://0.0.0.0/x",
    "http://0/x",
    "http://2130706433/x",
    "http://0x7f000001/x",
    "http://017700000001/x",
    "http://127.1/x",
    "http://10.0.0.1/x",
    "http://172.16.0.1/x",
    "http://192.168.0.1/x",
    "http://169.254.169.254/latest/meta-data",
    "http://[fe80::1]/x",
    "http://[fd00::1]/x",
    "http://evil.example/x",
    "//evil.example/x",
    "\\\\evil.example\\x",
    "///evil.example/x",
    "file:///etc/passwd",
    "FILE:///etc/passwd",
    "ftp://evil.example/x",
    "gopher://127.0.0.1/x",
    "data:text/plain,x",
    "javascript:alert(1)",
    "http://user@evil.example/x",
    "http://{host}@evil.example/x",
    "http://evil.example\\@{host}/x",
    "http://user:pass@{host}/x",
    "https://{host}.evil.example/x",
    "http:evil.example",
    "http://",
    "http://[",
    "http://[::1",
    "http://[x]/",
    "http://\u2100/x",
    "http://evil.example:99999999/x",
    "http://{host}9/x",
)


@pytest.mark.parametrize("target", ELSEWHERE)
def test_a_redirect_elsewhere_is_not_followed(
    server: Server, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    """By the host's name alone, so that no name is looked up to decide and none can change."""
    looked_up = list[tuple[object, object]]()
    look_up = socket.getaddrinfo

    def note(host: Any, port: Any, *given: Any, **named: Any) -> Any:
        looked_up.append((host, port))
        return look_up(host, port, *given, **named)

    monkeypatch.setattr(socket, "getaddrinfo", note)
    host = f"127.0.0.1:{server.server_port}"
    location = target.replace("{host}", host).encode().decode("latin-1")
    server.answers["/download/1ABC.cif.gz"] = fixed(b"", 302, Location=location)
    sentence = said()
    assert re.search("redirects (to|without end)|has not got", sentence), sentence
    assert set(looked_up) == {("127.0.0.1", server.server_port)}


def test_one_service_does_not_lead_to_another(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Server()
    threading.Thread(target=other.serve_forever, args=(0.02,), daemon=True).start()
    monkeypatch.setenv("ATLAS_ESMFOLD_URL", other.url)
    server.answers["/download/1ABC.cif.gz"] = fixed(b"", 302, Location=f"{other.url}/delete")
    assert "redirects to another host" in said()
    server.answers["/download/1ABC.cif.gz"] = fixed(b"", 307, Location=f"{other.url}/delete")
    assert "redirects to another host" in said()
    assert other.asked == []
    other.shutdown()
    other.server_close()


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 30 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1e999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nContent-Length: ٣\r\n\r\n".encode(),
        "HTTP/1.1 200 OK\r\nContent-Length: ²\r\n\r\n".encode("latin-1"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nxxxxx",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 4000 + b"\r\nxxx",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 70000,
        b"HTTP/1.1 99999 OK\r\n\r\n",
        b"HTTP/1.1 -1 OK\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"\x00\xff\xfe\r\n\r\n",
        b"HTTP/1.1 200 " + b"x" * 70000,
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\n: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: \xff\xfe\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://[\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: \r\n\r\n",
        b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b; expires=Mon, 99 Jan 99999999 99:99:99 GMT\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b; max-age=" + b"9" * 5000 + b"\r\n\r\n",
        b'HTTP/1.1 200 OK\r\nSet-Cookie: a=b; domain=\xff; port="x"\r\n\r\n',
        b"HTTP/1.1 503 Busy\r\nRetry-After: " + b"9" * 5000 + b"\r\n\r\n",
        b"HTTP/1.1 401 No\r\nWWW-Authenticate: Digest " + b"x" * 1000 + b"\r\n\r\n",
        b"HTTP/1.1 204 Nothing\r\n\r\n",
        b"HTTP/1.1 304 Same\r\n\r\n",
        b"",
    ],
)
@pytest.mark.parametrize("source", ["pdb:1ABC", "uniprot:P69905"])
def test_a_head_without_sense(ask_of: Callable[..., str], head: bytes, source: str) -> None:
    sentence = ask_of(once(head), source)
    assert sentence.endswith((".", "!"))
    assert len(sentence) < 400


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b"9" * 100_000,
        b"[1e999, -1e999, Infinity, NaN]",
        b'["\\ud800"]',
        b"\xff\xfe[\x00]\x00",
        b"\xef\xbb\xbf[]",
        json.dumps([]).encode("utf-32"),
        b"\x80\x81",
    ],
    ids=lambda content: repr(content[:40]),
)
def test_json_that_is_none_or_too_much(server: Server, content: bytes) -> None:
    server.answers["/api/prediction/P69905"] = fixed(content)
    assert "AlphaFold DB" in said("uniprot:P69905")


def test_a_list_of_predictions_has_a_bound_of_its_own(server: Server) -> None:
    """Two megabytes of brackets take a hundred in memory, and a hundred would take all."""
    server.answers["/api/prediction/P69905"] = fixed(b"[" + b"[]," * 1_000_000 + b"[]]")
    assert "has more than the 2 MB" in said("uniprot:P69905")


EXAMPLES = 5000
"""Of answers, and as many of lists of predictions: ten thousand, which take some twenty seconds."""
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=10**300, max_value=10**400)
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["AF-P69905-F1-model_v6.cif", "x/AF-P69905-F1-model_v999.cif?x", "P69905"])
)
PREDICTIONS = st.dictionaries(
    st.sampled_from(["cifUrl", "uniprotAccession", "uniprotDescription", "globalMetricValue", ""]),
    LEAVES
    | st.lists(LEAVES, max_size=2)
    | st.dictionaries(st.text(max_size=2), LEAVES, max_size=1),
    max_size=5,
)
VALUES = st.lists(PREDICTIONS | LEAVES, max_size=2) | PREDICTIONS | LEAVES


@settings(max_examples=EXAMPLES, deadline=None)
@given(VALUES)
@example([{"cifUrl": "AF-P69905-F1-model_v6.cif", "globalMetricValue": 10**400}])
@example([{"cifUrl": "AF-P69905-F1-model_v6.cif", "globalMetricValue": float("inf")}])
@example([{"cifUrl": "AF-P69905-F1-model_v6.cif", "uniprotDescription": {"a": [1]}}])
def test_any_json_is_a_prediction_or_one_sentence(value: object) -> None:
    with contextlib.suppress(AtlasError):
        found = read_prediction(json.dumps(value).encode(), "P69905")
        assert entries._MODEL_FILE.fullmatch(found.file)
        assert found.confidence is None or 0 <= found.confidence <= 100


class Canned(HTTPAdapter):
    """Gives bytes as if they came from a socket, read by the same parsers; a socket takes 3 ms."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.content = content

    def send(self, request: Any, *_: Any, **__: Any) -> requests.Response:
        own: Any = SimpleNamespace(makefile=lambda _: io.BytesIO(self.content))
        raw = http.client.HTTPResponse(own, method=request.method)
        raw.begin()
        answer = urllib3.HTTPResponse(
            raw,
            urllib3.HTTPHeaderDict(raw.msg.items()),
            raw.status,
            original_response=raw,
            preload_content=False,
            request_method=request.method,
            request_url=request.url,
        )
        return self.build_response(request, answer)


@contextlib.contextmanager
def answering(content: bytes) -> Iterator[None]:
    """Let the PDB's server answer so."""

    @contextlib.contextmanager
    def opened(*_: object) -> Iterator[requests.Session]:
        with obeying_none() as session:
            session.mount("http://", Canned(content))
            yield session

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(downloading, "open_session", opened)
        patch.setenv("ATLAS_RCSB_URL", "http://service.example")
        yield


NUMBERS = st.sampled_from(
    ["0", "5", "-1", "1e9", "9" * 30, "9" * 5000, "5, 6", "0x5", " 5", "²", ""]
)
HEADS = st.sampled_from(
    [
        *("Content-Length: ", "Transfer-Encoding: ", "Content-Encoding: ", "Location: "),
        *("Set-Cookie: ", "Retry-After: ", "Connection: ", "X", " ", ":", ""),
    ]
)
SAID = st.sampled_from(
    [
        *("chunked", "gzip", "chunked, gzip", "identity", "close", "/", "//[", "http://[::1]:x/"),
        *("file:///etc/passwd", "http://evil.example/", "a=b; max-age=x", "a=b; expires=x", "\x00"),
    ]
)
LINES = st.tuples(HEADS, NUMBERS | SAID | st.text(max_size=6)).map("".join)
BODIES = st.sampled_from([b"", b"5\r\nhello\r\n0\r\n\r\n", b"-5\r\nx", b"zz\r\n", b"f" * 70000]) | (
    st.binary(max_size=20)
)


FIRST = st.sampled_from(
    [f"HTTP/1.1 {status} x" for status in (200, 200, 200, 206, 302, 304, 404, 503, 99999, -1, "٣")]
    + ["HTTP/1.1 200", "HTTP/9.9 200 x", "HTTP/1.0 200 x", "x", ""]
)
ANSWERS = st.builds(
    lambda first, lines, body: (
        "\r\n".join([first, *lines, "", ""]).encode("utf-8", "replace") + body
    ),
    FIRST,
    st.lists(LINES, max_size=3),
    BODIES,
)


@settings(max_examples=EXAMPLES, deadline=None)
@given(ANSWERS)
@example(OK + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n")
@example(b"HTTP/1.1 302 x\r\nLocation: http://[\r\n\r\n")
def test_any_answer_is_its_content_or_one_sentence(content: bytes) -> None:
    with answering(content):
        try:
            given = len(downloading.ask(downloading.RCSB, "/x", "the entry 1ABC"))
        except AtlasError as error:
            sentence = str(error)
        else:
            sentence = f"{given} bytes were given."
            assert given <= len(content)
    assert 10 < len(sentence) < 400
    assert sentence.isprintable()


def test_a_title_that_is_no_text_is_none() -> None:
    """Nested as deep as JSON is read, which is too deep to be written as text."""
    name = b'[{"cifUrl": "AF-P69905-F1-model_v6.cif", "uniprotDescription": '
    found = read_prediction(name + b"[" * 900 + b"]" * 900 + b"}]", "P69905")
    assert found == ("AF-P69905-F1-model_v6.cif", "", None, 1)


@pytest.mark.parametrize("size", [0, -5, 1, 10, float("inf"), float("nan")])
def test_a_hub_that_lies_about_sizes(size: Any) -> None:
    ours, theirs = Pipe()
    Runner(ours, ours)._say_received(MODELS["prot_bert"], 5, size)
    assert 0 <= theirs.recv().share <= 1


@given(st.binary(max_size=200))
def test_any_bytes_are_a_prediction_or_one_sentence(content: bytes) -> None:
    with pytest.raises(AtlasError):
        read_prediction(content, "P69905")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"ATOM  ",
        b"ATOM  " + b"9" * 5000,
        b"ATOM  \n" * 10_000,
        b"ATOM      1  CA  ALA A   1     1e999   1e999   1e999  1.00  0.00           C\n" * 3,
        b"ATOM      1  CA  ALA A   1       nan     inf    -inf  1.00  0.00           C\n" * 3,
        b"\x1f\x8bATOM  \nATOM  ",
        b"<html>\nATOM  </html>",
    ],
    ids=lambda content: repr(content[:30]),
)
def test_a_fold_that_is_none(server: Server, content: bytes) -> None:
    from precompute.live.getting.structures import read_structure

    server.answers["/foldSequence/v1/pdb"] = fixed(content)
    with pytest.raises(AtlasError) as caught:
        fold_sequence("AGSTWDKLVI", read_structure)
    assert "\n" not in str(caught.value)
    assert "AGSTWDKLVI" not in str(caught.value)
