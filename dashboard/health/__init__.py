"""Ask a server whether it is well: ``python -m dashboard.health [--deep] [ADDRESS]``.

Without ``--deep`` it is asked whether it lives. With it a page is opened as a visitor's
browser does, over the websocket, and the server says whether it reads its results and
whether the process that runs models answers. Exit status 0 or 1, and one line.
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

if TYPE_CHECKING:
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

TIMEOUT = 3.0
DEEP_TIMEOUT = 35.0
"""Seconds for all of it: the process that runs models has 20 of them to start."""


class Ill(Exception):  # noqa: N818 - a finding, not an error
    """What is wrong, in one sentence."""


def own_address() -> str:
    """Give the address of this machine's server, by Streamlit's own environment variables."""
    port = os.environ.get("STREAMLIT_SERVER_PORT", "8501")
    base = os.environ.get("STREAMLIT_SERVER_BASE_URL_PATH", "").strip("/")
    return f"http://127.0.0.1:{port}/{base}".rstrip("/")


def read(address: str, timeout: float) -> str:
    """Read a short text.

    Raises
    ------
    Ill
        When the server does not answer, or not that it is well.
    """
    # No proxy of the surroundings leads back to this machine.
    proxies = urllib.request.ProxyHandler({} if _is_here(_split(address)) else None)
    try:
        with urllib.request.build_opener(proxies).open(address, timeout=timeout) as answer:
            if answer.headers.get_content_type() == "text/html":
                raise Ill(f"{address} does not exist: the server was not started by serve.py.")
            return str(answer.read(10_000).decode("utf-8", "replace"))
    except urllib.error.HTTPError as refusal:
        said = refusal.read(10_000).decode("utf-8", "replace").strip()
        raise Ill(f"{address} answers {refusal.code}: {said}") from refusal
    except OSError as problem:
        raise Ill(f"{address}: {problem}") from problem


def _split(address: str) -> SplitResult:
    """Take an address apart.

    Raises
    ------
    Ill
        When it is none.
    """
    try:
        parts = urlsplit(address)
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return parts
    except ValueError:  # brackets without an end, a port that is no number or too large
        pass
    raise Ill(f"{address} is no http or https address.")


def _is_here(parts: SplitResult) -> bool:
    return parts.hostname in ("127.0.0.1", "localhost", "::1")


def _under_its_name(parts: SplitResult) -> str:
    """Give host and port as the server lets sessions be opened, where it asks for a name."""
    names = os.environ.get("STREAMLIT_SERVER_ALLOWED_HOSTS", "").replace(",", " ").split()
    name = next((one.replace("*", "health") for one in names), None)
    return f"{name}:{_port(parts)}" if name and _is_here(parts) else parts.netloc


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def ask_for(page: str, query: str = "") -> bytes:
    """Write what a browser says when it opens a page; an empty name is Home."""
    from streamlit.proto.BackMsg_pb2 import BackMsg

    message = BackMsg()
    message.rerun_script.page_name = page
    message.rerun_script.query_string = query
    return bytes(message.SerializeToString())


def visit(address: str, page: str, timeout: float, query: str = "") -> Iterator[ForwardMsg]:
    """Open a page as a browser does and give what the server sends, to the end of the run.

    Parameters
    ----------
    address
        Of the server, with its base path and without a slash at the end.
    page
        As in the page's address: ``Amino_acids``; empty for Home.
    timeout
        Seconds for all of it.
    query
        What stands behind the question mark.

    Raises
    ------
    Ill
        When the server cannot be reached, or the page is not drawn in time or to its end.
    """
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
    from websockets.exceptions import WebSocketException
    from websockets.sync.client import connect
    from websockets.typing import Subprotocol

    end = time.monotonic() + timeout
    parts = _split(address)
    stream = f"ws{parts.scheme.removeprefix('http')}://{_under_its_name(parts)}{parts.path}"
    try:
        to_here = (parts.hostname, _port(parts)), timeout
        with connect(
            f"{stream}/_stcore/stream",
            sock=socket.create_connection(*to_here) if _is_here(parts) else None,
            subprotocols=[Subprotocol("streamlit")],
            max_size=None,
            open_timeout=timeout,
            close_timeout=1,
        ) as connection:
            connection.send(ask_for(page, query))
            while True:
                message = ForwardMsg()
                message.ParseFromString(connection.recv(max(end - time.monotonic(), 0.01)))
                yield message
                if message.WhichOneof("type") == "script_finished":
                    return
    except TimeoutError as late:
        raise Ill(f"The page was not drawn within {timeout:.0f} s.") from late
    except (OSError, WebSocketException) as problem:
        raise Ill(f"The page could not be opened: {problem}") from problem


def check_page(address: str, page: str, timeout: float) -> None:
    """Open a page and look that it is drawn to its end.

    Raises
    ------
    Ill
        Saying what is wrong with it.
    """
    for message in visit(address, page, timeout):
        kind = message.WhichOneof("type")
        failed = kind == "delta" and message.delta.new_element.WhichOneof("type") == "exception"
        if failed or (kind == "script_finished" and message.script_finished != 0):
            raise Ill(f"The page {page or 'Home'} ended with an error.")
        if kind == "page_not_found":
            raise Ill(f"There is no page {page}.")


def check(address: str, *, deep: bool) -> str:
    """Give one line on a server that is well.

    Raises
    ------
    Ill
        Saying what is wrong.
    """
    end = time.monotonic() + (DEEP_TIMEOUT if deep else TIMEOUT)
    line = read(f"{address}/_stcore/health", TIMEOUT)
    if deep:
        check_page(address, "", end - time.monotonic())
        line = read(f"{address}/deep-health", max(end - time.monotonic(), 1))
    return line.strip()


def build_parser() -> argparse.ArgumentParser:
    """Build the parser of the command."""
    parser = argparse.ArgumentParser(prog="python -m dashboard.health", description=__doc__)
    parser.add_argument("address", nargs="?", default=own_address(), metavar="ADDRESS")
    parser.add_argument(
        "--deep", action="store_true", help="open a page, ask for results and models"
    )
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Print one line and give the exit status."""
    asked = build_parser().parse_args(arguments)
    try:
        print(check(asked.address.rstrip("/"), deep=asked.deep))
    except Ill as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0
