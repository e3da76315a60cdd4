"""An error is described by its place and kind, whatever it is made of."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard.health.watching import Message, Receive, Send, Watching
from precompute import log
from tests.apart import run_apart

ROOT = Path(__file__).parents[2]
SECRET = "MKWVTFISLL"


def raised(error: BaseException, cause: BaseException | None = None) -> BaseException:
    try:
        raise error from cause
    except BaseException as caught:
        return caught


class TellingError(Exception):
    def __str__(self) -> str:
        raise RuntimeError(SECRET)


@pytest.mark.parametrize(
    ("error", "kinds"),
    [
        (raised(ValueError(SECRET)), ["ValueError"]),
        (raised(KeyError(SECRET), raised(OSError(2, SECRET, SECRET))), ["FileNotFoundError"]),
        (raised(ExceptionGroup(SECRET, [ValueError(SECRET), OSError(SECRET)])), ["OSError"]),
        (raised(SyntaxError(SECRET, (SECRET, 1, 1, SECRET))), ["SyntaxError"]),
        (raised(TellingError(SECRET)), ["TellingError"]),
        (raised(UnicodeDecodeError("ascii", SECRET.encode(), 0, 1, SECRET)), ["UnicodeDecode"]),
    ],
)
def test_no_message_is_in_a_description(error: BaseException, kinds: list[str]) -> None:
    error.add_note(SECRET)
    text = log.describe(error)
    assert SECRET not in text
    assert "raise error from cause" in text
    assert all(kind in text for kind in kinds)


def test_causes_that_go_round_end() -> None:
    first, second = raised(ValueError()), raised(KeyError())
    first.__cause__, second.__cause__ = second, first
    assert log.describe(first).count("Traceback") == 2


WRITES = f"""
import asyncio, gc, logging, threading, warnings
from precompute.log import hide_messages

hide_messages()
hide_messages()

def fail():
    raise ValueError("{SECRET[:5]}" + "{SECRET[5:]}")

async def forgotten():
    asyncio.ensure_future(task())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    gc.collect()

async def task():
    fail()

class Last:
    def __del__(self):
        fail()

for name in ("", "streamlit.x", "uvicorn.error"):
    try:
        fail()
    except ValueError as error:
        logging.getLogger(name).exception("that went wrong")
        logging.getLogger(name).error("and that", exc_info=error)
asyncio.run(forgotten())
thread = threading.Thread(target=fail)
thread.start()
thread.join()
del thread
Last()
warnings.warn("{SECRET[:5]}" + "{SECRET[5:]}")
fail()
"""


def test_whatever_writes_an_error_writes_no_message() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WRITES], cwd=ROOT, capture_output=True, text=True, check=False
    )
    written = done.stdout + done.stderr
    assert done.returncode == 1
    assert SECRET not in written
    assert written.count("\nValueError\n") == 6 + 4  # logged, and by hooks
    assert "UserWarning" in written


async def _answer(scope: Message, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 404, "headers": []})


@pytest.mark.parametrize("method", ["GET", "PUT", SECRET])
def test_a_request_that_strangers_make_up_is_not_repeated(method: str) -> None:
    noted: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = noted.append  # type: ignore[method-assign]
    log.start_log()
    log.listen(handler)

    async def nothing(*_: object) -> Message:
        return {}

    for place in ("media", "_stcore/upload_file"):
        scope = {"type": "http", "method": method, "path": f"/{place}/{SECRET}"}
        run_apart(Watching(_answer)(scope, nothing, nothing))
    lines = [log._Line().format(record) for record in noted]
    assert len(lines) == (0 if method == SECRET else 2)
    assert SECRET not in "".join(lines)
    for seen in list(logging.getLogger("atlas").handlers):
        logging.getLogger("atlas").removeHandler(seen)


@pytest.mark.parametrize("origin", [b"http://[", b"http://[x]/", b"//[\xff"])
def test_an_origin_that_is_no_address_is_refused_and_writes_no_traceback(origin: bytes) -> None:
    """Streamlit ends with an error on it, of seventy lines of the log for each request."""
    said: list[Message] = []

    async def connects() -> Message:
        return {"type": "websocket.connect"}

    async def keep(message: Message) -> None:
        said.append(message)

    scope = {"type": "websocket", "path": "/", "headers": [(b"origin", origin)]}
    run_apart(Watching(_answer)(scope, connects, keep))
    assert [message["type"] for message in said] == ["websocket.close"]


def test_a_line_is_of_names_and_values() -> None:
    line = log._Line()
    record = logging.makeLogRecord(
        {"msg": "run", "facts": {"page": "Amino acids", "seconds": 1.23456, "ms": 12}}
    )
    text = line.format(record)
    assert text.endswith('event=run page="Amino acids" seconds=1.23 ms=12')
