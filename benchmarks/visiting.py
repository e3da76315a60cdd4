"""One visitor without a browser, who speaks Streamlit's own protocol over its websocket."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import re
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.NewSession_pb2 import NewSession
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

TIMEOUT = 60.0
"""Seconds after which a visitor waits no longer for a script to finish."""
_SAID = "said: "
_ALERT = re.compile(r'role="alert"[^>]*>([^<]*)')


@dataclass
class Widget:
    """A control that a page has drawn, and what it holds.

    Attributes
    ----------
    id
        Streamlit's; ends with the key that the page gave.
    kind
        The element's type in Streamlit's protocol.
    options
        What can be chosen.
    value
        What is chosen: texts, none or several.
    fragment
        What of the page is run anew when it is used; empty for the whole page.
    path
        Where it stands in the page's tree.
    """

    id: str
    kind: str
    options: tuple[str, ...]
    value: tuple[str, ...]
    fragment: str = ""
    disabled: bool = False
    path: tuple[int, ...] = ()

    def state(self) -> WidgetState:
        """Give what a browser sends of it."""
        if self.kind in ("selectbox", "radio"):
            return WidgetState(id=self.id, string_value=self.value[0] if self.value else None)
        if self.kind == "checkbox":
            return WidgetState(id=self.id, bool_value=self.value == ("True",))
        state = WidgetState(id=self.id)
        state.string_array_value.data.extend(self.value)
        return state


def read_widget(element: Element, kind: str, fragment: str) -> Widget | None:
    """Read one of the controls whose options stand in the message itself."""
    drawn = getattr(element, kind)
    if kind in ("selectbox", "radio"):
        options = tuple(drawn.options)
        first = (options[drawn.default],) if drawn.HasField("default") and options else ()
        held = (drawn.raw_value,) if drawn.set_value else first
    elif kind in ("button_group", "multiselect"):
        is_group = kind == "button_group"
        options = tuple(one.content for one in drawn.options) if is_group else tuple(drawn.options)
        first = tuple(options[number] for number in drawn.default)
        held = tuple(drawn.raw_values) if drawn.set_value else first
    elif kind == "slider" and drawn.options:
        options = tuple(drawn.options)
        first = tuple(options[int(number)] for number in drawn.default)
        held = tuple(drawn.raw_value) if drawn.set_value else first
    elif kind == "checkbox":
        options, held = ("True", "False"), (str(drawn.value if drawn.set_value else drawn.default),)
    else:
        return None
    return Widget(drawn.id, kind, options, held, fragment, drawn.disabled)


class LostError(Exception):
    """The connection has ended, or nothing has finished for `TIMEOUT` seconds."""


@dataclass
class Visitor:
    """One visitor with one open page.

    Parameters
    ----------
    address
        The instance's, without a slash at its end.
    source
        The loopback address to come from, so that a proxy tells visitors apart.

    Attributes
    ----------
    cookies
        As a browser keeps them, over all visits.
    widgets
        The controls of the page, by Streamlit's identities.
    errors
        Exceptions and errors that the page showed.
    sentences
        What the page said cannot be shown, such as a model without values of a property.
    received
        Bytes over the websocket.
    session
        The session's identity in the server.
    """

    address: str
    source: str = "127.0.0.1"
    cookies: dict[str, str] = field(default_factory=dict)
    widgets: dict[str, Widget] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    received: int = 0
    session: str = ""
    query: str = ""
    page_name: str = ""
    page_hash: str = ""
    pages: dict[str, str] = field(default_factory=dict)
    watches: dict[str, list[float]] = field(default_factory=dict)
    _socket: ClientConnection | None = None
    _kept: dict[str, tuple[int, str, list[Any]]] = field(default_factory=dict)
    _runs: int = 0
    _kept_runs: int = 0

    async def open(self, link: str) -> float:
        """Open a deep link in a new tab; give the seconds until its script has finished.

        The page's HTML, the host's settings and the server's health are asked for as the
        browser does; Streamlit's JavaScript is not, since a browser keeps it.
        """
        begun = time.perf_counter()
        path, _, self.query = link.partition("?")
        self.page_name, self.page_hash, self.session = path.strip("/"), "", ""
        self.widgets, self.watches, self._kept = {}, {}, {}
        for part in (link, "/_stcore/health", "/_stcore/host-config"):
            await asyncio.to_thread(self._get, part)
        await self._connect()
        await self._run()
        return time.perf_counter() - begun

    async def change(self, widget: Widget, value: tuple[str, ...]) -> float:
        """Choose something; give the seconds until the script has finished."""
        held = self.widgets[widget.id]
        held.value = value
        return await self._run(held.fragment)

    async def go(self, page: str) -> float:
        """Go to another page by the menu; give the seconds until its script has finished."""
        self.query, self.page_name, self.page_hash = "", page, self.pages[page]
        self.watches = {}
        return await self._run()

    async def again(self) -> float:
        """Run the page anew, as it is; give the seconds."""
        return await self._run()

    async def watch(self, now: float) -> list[float]:
        """Run the parts of the page that run by themselves and are due; give the seconds."""
        taken = []
        for fragment, beat in list(self.watches.items()):
            if now >= beat[1]:
                beat[1] = now + beat[0]
                taken.append(await self._run(fragment, by_itself=True))
        return taken

    async def return_to(self) -> float:
        """Come back after a lost connection, as the browser does by itself; give the seconds.

        Health and settings are asked for until someone answers, then a websocket is opened
        with the former session's identity, and the page is run with what its controls hold.
        """
        begun = time.perf_counter()
        while True:
            with contextlib.suppress(OSError):
                for part in ("/_stcore/health", "/_stcore/host-config"):
                    await asyncio.to_thread(self._get, part)
                await self._connect()
                break
            if time.perf_counter() - begun > TIMEOUT:
                raise LostError("nobody answers")
            await asyncio.sleep(0.5)
        await self._run()
        return time.perf_counter() - begun

    async def leave(self) -> None:
        """Close the tab."""
        if self._socket is not None:
            await self._socket.close()
            self._socket = None

    def _get(self, path: str) -> None:
        request = urllib.request.Request(self.address + path, headers={"Cookie": self._cookie()})
        opener = urllib.request.build_opener(_From(self.source))
        with opener.open(request, timeout=TIMEOUT) as answer:
            answer.read()
            self._keep_cookies(answer.headers.get_all("Set-Cookie") or [])

    def _cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def _keep_cookies(self, headers: list[str]) -> None:
        for header in headers:
            for name, morsel in SimpleCookie(header).items():
                self.cookies[name] = morsel.value

    async def _connect(self) -> None:
        parts = urlsplit(self.address)
        token = self.cookies.get("_streamlit_xsrf", "")
        self._socket = await connect(
            f"ws://{parts.netloc}{parts.path}/_stcore/stream",
            origin=f"{parts.scheme}://{parts.netloc}",  # type: ignore[arg-type]
            subprotocols=["streamlit", token, *filter(None, [self.session])],  # type: ignore[list-item]
            additional_headers={"Cookie": self._cookie()},
            local_addr=(self.source, 0),
            max_size=None,
            open_timeout=TIMEOUT,
            proxy=None,
        )
        assert self._socket.response is not None
        self._keep_cookies(self._socket.response.headers.get_all("Set-Cookie"))

    async def _run(self, fragment: str = "", *, by_itself: bool = False) -> float:
        """Ask for a run of the page or a fragment, and wait until it has finished."""
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string, asked.page_name = self.query, self.page_name
        asked.page_script_hash, asked.fragment_id = self.page_hash, fragment
        asked.is_auto_rerun = by_itself
        asked.cached_message_hashes.extend(self._kept)
        asked.widget_states.widgets.extend(one.state() for one in self.widgets.values())
        asked.context_info.timezone, asked.context_info.locale = "Europe/Berlin", "en-US"
        asked.context_info.url = f"{self.address}/{self.page_name}"
        begun = time.perf_counter()
        if self._socket is None:
            raise LostError("no connection")
        try:
            async with asyncio.timeout(TIMEOUT):
                await self._socket.send(message.SerializeToString())
                drawn: dict[tuple[int, ...], set[str]] = {}
                while not self._read(await self._socket.recv(), drawn):
                    pass
        except TimeoutError:
            raise LostError(f"not finished after {TIMEOUT:.0f} s") from None
        except ConnectionClosed as end:
            raise LostError(f"connection closed: {end.rcvd.code if end.rcvd else 'cut'}") from None
        self._runs += 1
        for name, (run, part, _) in list(self._kept.items()):
            if self._runs - run > self._kept_runs and fragment in ("", part):
                del self._kept[name]
        self._forget(drawn, () if not fragment else min(drawn, key=len, default=None))
        return time.perf_counter() - begun

    def _forget(
        self, drawn: Mapping[tuple[int, ...], set[str]], root: tuple[int, ...] | None
    ) -> None:
        """Forget controls that a run has not drawn below where it began, as a browser does."""
        if root is None:
            return
        seen = set().union(*drawn.values())
        self.widgets = {
            name: one
            for name, one in self.widgets.items()
            if name in seen or one.path[: len(root)] != root
        }

    def _read(self, data: bytes | str, drawn: dict[tuple[int, ...], set[str]]) -> bool:
        """Take in one message; say whether it was the end of the run.

        Parameters
        ----------
        data
            The message.
        drawn
            Filled with the controls that this run draws, by their place in the page.
        """
        assert isinstance(data, bytes)
        self.received += len(data)
        message = ForwardMsg.FromString(data)
        kind = message.WhichOneof("type")
        if kind == "delta":
            seen = list(_read_delta(message))
            if message.metadata.cacheable and message.hash:
                self._kept[message.hash] = (self._runs, message.delta.fragment_id, seen)
            self._take(seen, message, drawn)
        elif kind == "ref_hash":
            _, part, seen = self._kept[message.ref_hash]
            self._kept[message.ref_hash] = (self._runs, part, seen)
            self._take(seen, message, drawn)
        elif kind == "new_session":
            self._begin(message.new_session, bool(message.metadata.run.fragment_ids))
        elif kind == "navigation":
            pages = message.navigation.app_pages
            self.pages = {page.url_pathname: page.page_script_hash for page in pages}
            self.page_hash = message.navigation.page_script_hash
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "auto_rerun":
            beat = message.auto_rerun
            self.watches[beat.fragment_id] = [beat.interval, time.perf_counter() + beat.interval]
        elif kind == "stop_auto_rerun":
            for name in message.stop_auto_rerun.fragment_ids:
                self.watches.pop(name, None)
        elif kind == "page_not_found":
            self.errors.append(f"page not found: {message.page_not_found.page_name}")
        elif kind == "session_event":
            event = message.session_event
            if event.WhichOneof("type") == "script_compilation_exception":
                self.errors.append(f"exception: {event.script_compilation_exception.message}")
        elif kind == "script_finished":
            return message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
        return False

    def _begin(self, begun: NewSession, is_fragment: bool) -> None:
        self.session = begun.initialize.session_id
        # For how many runs a browser keeps a message that may then be sent as its hash alone.
        self._kept_runs = begun.config.max_cached_message_age
        if not is_fragment:
            self.watches = {}

    def _take(
        self, seen: list[Any], message: ForwardMsg, drawn: dict[tuple[int, ...], set[str]]
    ) -> None:
        path = tuple(message.metadata.delta_path)
        ids = drawn.setdefault(path, set())
        for one in seen:
            if isinstance(one, str):
                (self.sentences if one.startswith(_SAID) else self.errors).append(one)
                continue
            widget, is_set = one
            ids.add(widget.id)
            held = self.widgets.get(widget.id)
            value = widget.value if held is None or is_set else held.value
            self.widgets[widget.id] = replace(widget, value=value, path=path)


def _read_delta(message: ForwardMsg) -> Iterator[str | tuple[Widget, bool]]:
    """Give the errors and controls in an element; everything else is not looked at."""
    delta = message.delta
    if delta.WhichOneof("type") != "new_element":
        return
    element = delta.new_element
    kind = element.WhichOneof("type") or ""
    if kind == "exception":
        yield f"exception: {element.exception.type}: {element.exception.message}"
    elif kind == "alert" and element.alert.format == element.alert.ERROR:
        yield f"error: {element.alert.body}"
    elif kind == "html":
        yield from (f"{_SAID}{text}" for text in _ALERT.findall(element.html.body))
    elif kind in ("selectbox", "radio", "button_group", "multiselect", "slider", "checkbox"):
        widget = read_widget(element, kind, delta.fragment_id)
        if widget is not None:
            yield widget, getattr(element, kind).set_value


class _From(urllib.request.HTTPHandler):
    """Opens connections from one loopback address."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.source = source

    def http_open(self, req: urllib.request.Request) -> Any:
        def connection(host: str, **more: Any) -> http.client.HTTPConnection:
            return http.client.HTTPConnection(host, source_address=(self.source, 0), **more)

        return self.do_open(connection, req)
