"""Whether this server can do what it is for: results are read, and models can be run."""

from __future__ import annotations

import threading
import time

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from streamlit import config

from dashboard.pages.live.waiting import service
from dashboard.results import loaded as results
from precompute.errors import AtlasError

DEEP_ROUTE = "deep-health"
PATIENCE = 20.0
"""Seconds in which the process that runs models starts and answers on a busy machine."""
_KEPT = 5.0
"""Seconds for which an answer holds, so that nobody keeps the server busy by asking."""


class Deep:
    """Looks, and remembers for a moment what it saw."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: tuple[float, int, str] | None = None

    def look(self) -> tuple[int, str]:
        """Give the HTTP status, 200 or 503, and one line."""
        with self._lock:
            if self._seen is None or time.monotonic() - self._seen[0] > _KEPT:
                status, line = _look()
                self._seen = (time.monotonic(), status, line)
            return self._seen[1:]


def _look() -> tuple[int, str]:
    try:
        loaded = results.load()
        worker = service().worker.ping(PATIENCE)
    except AtlasError as problem:
        return 503, str(problem)
    return 200, (
        f"{len(loaded.runs)} measured runs, {len(loaded.problems)} problems, "
        f"the process that runs models {worker}"
    )


def deep_route() -> Route:
    """Give the route on which the server is asked."""
    deep = Deep()

    async def answer(request: Request) -> PlainTextResponse:
        del request
        status, line = await run_in_threadpool(deep.look)
        return PlainTextResponse(line, status, headers={"Cache-Control": "no-cache"})

    base = str(config.get_option("server.baseUrlPath") or "").strip("/")
    return Route(f"/{base}/{DEEP_ROUTE}" if base else f"/{DEEP_ROUTE}", answer, methods=["GET"])
