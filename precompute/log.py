"""What the process writes about itself: never what a visitor gave.

A line tells of one thing that was done, in words of this project and numbers. An error keeps
its place in the code and its kind, and loses its message, which may quote a sequence, a
file or its name.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import sys
import threading
import traceback
import warnings
from collections.abc import Iterator
from types import TracebackType
from typing import Any, TextIO

from precompute.environment import read_switch

LOG_VARIABLE = "ATLAS_LOG"
"""Environment variable: ``0`` writes no lines about runs and jobs."""
_EVENTS = logging.getLogger("atlas")
_KEY = secrets.token_bytes(16)


def note(event: str, **facts: object) -> None:
    """Tell the log and the metrics of one thing that was done.

    Parameters
    ----------
    event
        What it is: ``run``, ``live``, ``upload`` or ``download``; or ``beat``, a run that a
        page does by itself every few seconds, which is counted and not written.
    facts
        Numbers and words of this project; no text of a visitor's.
    """
    _EVENTS.info(event, extra={"facts": facts})


def facts_of(record: logging.LogRecord) -> dict[str, Any]:
    """Give the facts of a `note`."""
    return getattr(record, "facts", {})


def short_id(session: str) -> str:
    """Name a visit in the log: eight digits that lead back to no session, new at every start."""
    return hashlib.blake2b(session.encode(), key=_KEY, digest_size=4).hexdigest()


class _Line(logging.Formatter):
    """One line of ``name=value`` a note."""

    def format(self, record: logging.LogRecord) -> str:
        facts = {"event": record.getMessage(), **facts_of(record)}
        words = " ".join(f"{name}={_value(value)}" for name, value in facts.items())
        return f"time={self.formatTime(record, '%Y-%m-%dT%H:%M:%S%z')} {words}"


def _value(value: object) -> str:
    text = f"{value:.3g}" if isinstance(value, float) else str(value)
    return f'"{text}"' if " " in text else text


def listen(handler: logging.Handler) -> None:
    """Have something else told of every note, too."""
    _EVENTS.addHandler(handler)


def start_log() -> None:
    """Begin to write the log to standard error, if it is not switched off."""
    _EVENTS.setLevel(logging.INFO)
    _EVENTS.propagate = False
    if read_switch(LOG_VARIABLE, default=True):
        lines = logging.StreamHandler()
        lines.setFormatter(_Line())
        lines.addFilter(lambda record: record.getMessage() != "beat")
        _EVENTS.addHandler(lines)


def hide_messages() -> None:
    """Write errors and warnings of this process without their messages, from now on."""
    if getattr(logging.getLogRecordFactory(), "hides", False):
        return
    make = logging.getLogRecordFactory()

    def make_record(*given: Any, **named: Any) -> logging.LogRecord:
        record = make(*given, **named)
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = describe(record.exc_info[1])  # what a formatter takes if it is there
            if record.name == "asyncio":  # its second line is the task, with its exception's text
                record.msg, record.args = record.getMessage().partition("\n")[0], ()
        return record

    make_record.hides = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(make_record)
    sys.excepthook = _write
    threading.excepthook = lambda given: _write(
        given.exc_type, given.exc_value, given.exc_traceback
    )
    sys.unraisablehook = lambda given: _write(given.exc_type, given.exc_value, given.exc_traceback)
    warnings.showwarning = _write_warning


def describe(error: BaseException) -> str:
    """Say where an error and its causes were raised and of what kind they are, and no more."""
    return "\n".join(_describe(error, set()))


def _describe(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and id(cause) not in seen:
        yield from _describe(cause, seen)
        yield ""
    yield "Traceback (most recent call last):"
    yield from (line.rstrip() for line in traceback.format_tb(error.__traceback__))
    yield type(error).__qualname__
    for part in getattr(error, "exceptions", ()):
        yield from _describe(part, seen)


def _write(
    kind: type[BaseException], error: BaseException | None, place: TracebackType | None
) -> None:
    del place
    if not issubclass(kind, KeyboardInterrupt):
        print(kind.__qualname__ if error is None else describe(error), file=sys.stderr)


def _write_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    del message, file, line
    print(f"{filename}:{lineno}: {category.__name__}", file=sys.stderr)
