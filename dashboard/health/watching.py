"""Between the server and the dashboard: what each visitor asks for and what becomes of it."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from dashboard.page.opening import PAGES
from precompute.log import note, short_id

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

_LARGEST = 64_000
"""Bytes of the largest message that is looked into: charts and tables say nothing of a run."""
_PAGES = {"": "Home", **{page.label.replace(" ", "_"): page.label for page in PAGES.values()}}
"""Pages by their addresses; Streamlit repeats whatever name a visitor asks for."""
_FILES = re.compile(r"/(?:_stcore/(upload)_file|(media))/")
_ENDS = {
    ForwardMsg.FINISHED_SUCCESSFULLY: "done",
    ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY: "done",
    ForwardMsg.FINISHED_WITH_COMPILE_ERROR: "failed",
}
"""What ended early to be run again is not yet answered."""


class Watching:
    """An ASGI middleware that notes runs, uploads and downloads, and closes Streamlit's metrics.

    Parameters
    ----------
    app
        What it stands before.
    """

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] == "websocket" and not _reads_origin(scope):
            await receive()
            await send({"type": "websocket.close", "code": 1008})  # status 403, before it is open
        elif scope["type"] == "websocket":
            visit = Visit()
            try:
                await self.app(scope, *visit.between(receive, send))
            finally:
                visit.finish(visit.outcome or "left")
        elif scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["path"].endswith("/_stcore/metrics"):
            await send({"type": "http.response.start", "status": 404, "headers": []})
            await send({"type": "http.response.body", "body": b""})
        elif found := _FILES.search(scope["path"]):
            await self._file("upload" if found[1] else "download", scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _file(self, event: str, scope: Message, receive: Receive, send: Send) -> None:
        begun, status = time.perf_counter(), 500

        async def sent(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self.app(scope, receive, sent)
        finally:
            if scope["method"] in ("GET", "PUT", "DELETE"):  # others are words of a stranger's
                note(event, method=scope["method"], status=status, ms=_since(begun))


def _reads_origin(scope: Message) -> bool:
    """Tell whether Streamlit can read who asks; on what is no address it ends with an error."""
    try:
        for name, value in scope["headers"]:
            if name == b"origin":
                urlsplit(value.decode("latin-1"))
    except ValueError:
        return False
    return True


class Visit:
    """What is seen of one visitor's websocket: questions in, answers out."""

    def __init__(self) -> None:
        self.page, self.session, self.outcome = "", "", ""
        self._asked: float | None = None
        self._beat = False

    def between(self, receive: Receive, send: Send) -> tuple[Receive, Send]:
        """Stand between the two ends."""

        async def received() -> Message:
            message = await receive()
            data = message.get("bytes")
            if data and len(data) < _LARGEST:
                self.hear(data)
            return message

        async def sent(message: Message) -> None:
            await send(message)
            data = message.get("bytes")
            if data and len(data) < _LARGEST:
                self.see(data)

        return received, sent

    def hear(self, data: bytes) -> None:
        """Look at what the browser says."""
        asked = BackMsg()
        try:
            asked.ParseFromString(data)
        except Exception:  # the server refuses it
            return
        if asked.WhichOneof("type") == "rerun_script":
            self._asked = time.perf_counter()
            self._beat = asked.rerun_script.is_auto_rerun

    def see(self, data: bytes) -> None:
        """Look at what the server says."""
        said = ForwardMsg()
        said.ParseFromString(data)
        match said.WhichOneof("type"):
            case "new_session":
                new = said.new_session
                self.outcome = ""
                if self._asked is None:  # by the server itself
                    self._asked, self._beat = time.perf_counter(), False
                self.session = short_id(new.initialize.session_id)
                names = {page.page_script_hash: page.url_pathname for page in new.app_pages}
                self.page = _PAGES.get(names.get(new.page_script_hash, ""), "unknown")
            case "delta" if said.delta.new_element.WhichOneof("type") == "exception":
                self.outcome = "failed"
            case "script_finished" if said.script_finished in _ENDS:
                self.finish(self.outcome or _ENDS[said.script_finished])

    def finish(self, outcome: str) -> None:
        """Note what became of what was asked for last, if that is not noted yet."""
        if self._asked is None:
            return
        # What a page does by itself every few seconds is counted and not written.
        note(
            "beat" if self._beat and outcome != "failed" else "run",
            page=self.page,
            outcome=outcome,
            ms=_since(self._asked),
            session=self.session,
        )
        self._asked = None


def _since(begun: float) -> int:
    return round((time.perf_counter() - begun) * 1000)
