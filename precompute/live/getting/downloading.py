"""Ask a service of others politely, and keep what it gave: the one place that fetches.

Addresses are built from base URLs, which are settings, and from identifiers that were
checked letter by letter; a redirect is followed to the same host alone. What comes is read up
to a size and a time, and kept on disk only after it was read as what it should be.
"""

from __future__ import annotations

import contextlib
import logging
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar
from urllib.parse import urlsplit

from precompute.errors import AtlasError
from precompute.live.getting.connecting import open_session
from precompute.live.settings import largest_file
from precompute.redirects import MOST_REDIRECTS, follow

if TYPE_CHECKING:
    import requests
    from urllib3.util import Retry

T = TypeVar("T")

CONNECT_SECONDS = 5.0
READ_SECONDS = 20.0
"""The longest silence of a server that is asked with GET."""
TOTAL_SECONDS = 90.0
ATTEMPTS = 3
BACKOFF_SECONDS = 0.5
FRESH_SECONDS = 30 * 86400
"""A kept file is asked for anew after this time, and used still where nobody answers."""

CACHE_VARIABLE = "ATLAS_CACHE"
"""Environment variable: folder of fetched entries; by default one in the user's cache."""
CACHE_BYTES = 2 * 1024**3

_PREFIXES = ("pdb-", "alphafold-")
_BUSY = (429, 500, 502, 503, 504)
_CHUNK = 65536
_LONGEST_NUMBER = 40
"""Digits of a length; one of more says nothing."""


class Service(NamedTuple):
    """A service that is asked, and the environment variable that names its base URL."""

    label: str
    variable: str
    default: str | None

    @property
    def subject(self) -> str:
        """Its name where a sentence begins."""
        return self.label[0].upper() + self.label[1:]


RCSB = Service("the PDB's server", "ATLAS_RCSB_URL", "https://files.rcsb.org")
ALPHAFOLD = Service("AlphaFold DB", "ATLAS_ALPHAFOLD_URL", "https://alphafold.ebi.ac.uk")
ESMFOLD = Service("the folding service", "ATLAS_ESMFOLD_URL", None)


def base_url(service: Service) -> str | None:
    """Give a service's base URL without a slash at its end; None where it is switched off.

    Raises
    ------
    AtlasError
        When the setting is no http or https URL.
    """
    text = os.environ.get(service.variable, service.default or "").strip().rstrip("/")
    if not text:
        return None
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # brackets without an end, a port that is no number or too large
        usable = False
    if not usable:
        raise AtlasError(f"{service.variable} is no http or https address; ask who runs this page.")
    return text


def strange(service: Service, what: str) -> str:
    """Say that an answer is not what was asked for."""
    return (
        f"{service.subject} answered with something that is not {what}; try again later, or "
        "give a file."
    )


def cache_folder() -> Path:
    """Give the folder of fetched entries."""
    named = os.environ.get(CACHE_VARIABLE, "").strip()
    if named:
        return Path(named)
    caches = os.environ.get("XDG_CACHE_HOME", "").strip()
    return (Path(caches) if caches else Path.home() / ".cache") / "protein-attention-atlas"


def keep(name: str, fetch: Callable[[], bytes], read: Callable[[bytes], T]) -> T:
    """Read a kept file, or ask for it and keep it once it was read.

    Parameters
    ----------
    name
        Of the kept file; built from checked identifiers.
    fetch
        Gives the content.
    read
        Gives what is wanted of it.
    """
    path = cache_folder() / name
    kept = _kept(path)
    if kept is not None and kept[1]:
        with contextlib.suppress(AtlasError):  # damaged since: ask again
            return read(kept[0])
    try:
        content = fetch()
    except UnavailableError:
        if kept is None:
            raise
        return read(kept[0])
    value = read(content)
    with contextlib.suppress(OSError):  # a full or closed disk keeps nobody from the answer
        _write(path, content)
    return value


class UnavailableError(AtlasError):
    """A service that gives no answer now, and may later."""


def _kept(path: Path) -> tuple[bytes, bool] | None:
    """Read a kept file, tell whether it is fresh, and note that it was used."""
    try:
        now, fetched = time.time(), path.stat().st_mtime
        content = path.read_bytes()
        os.utime(path, (now, fetched))
    except OSError:
        return None
    return content, now - fetched < FRESH_SECONDS


def _write(path: Path, content: bytes) -> None:
    """Write a file at once or not at all; make room by what was not used for longest."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=".new-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise
    _make_room(path)


def _make_room(newest: Path) -> None:
    """Remove what was not used for longest until the folder has `CACHE_BYTES` at most."""
    kept = [file for file in newest.parent.iterdir() if file.name.startswith(_PREFIXES)]
    stats = sorted(((file.stat(), file) for file in kept), key=lambda pair: pair[0].st_atime)
    total = sum(stat.st_size for stat, _ in stats)
    for stat, file in stats:
        if total > CACHE_BYTES and file != newest:
            file.unlink(missing_ok=True)
            total -= stat.st_size


def ask(
    service: Service,
    path: str,
    what: str,
    *,
    post: bytes | None = None,
    seconds: float = TOTAL_SECONDS,
    most: int | None = None,
) -> bytes:
    """Ask a service, again where it is busy, and give the content of its answer.

    Parameters
    ----------
    service
        Who is asked.
    path
        Added to its base URL.
    what
        Names what is asked for in a message.
    post
        What is sent; None asks with GET.
    seconds
        Until the whole answer must be there.
    most
        Bytes that are taken; by default as many as of an upload.
    """
    import requests
    import urllib3

    base = base_url(service)
    if base is None:
        raise AtlasError(f"{service.subject} is not set up here ({service.variable}).")
    method: Literal["GET", "POST"] = "GET" if post is None else "POST"
    end = time.monotonic() + seconds
    silence = READ_SECONDS if post is None else seconds
    url = base + path
    try:
        with open_session(_retry(method), end) as session:
            for _ in range(MOST_REDIRECTS + 1):
                with session.request(
                    method,
                    url,
                    data=post,
                    stream=True,
                    timeout=(CONNECT_SECONDS, silence),
                    allow_redirects=False,
                ) as response:
                    if response.is_redirect:
                        url = _follow(service, base, url, response.headers["Location"])
                        continue
                    _check_status(service, response.status_code, what)
                    return b"".join(_stream(service, response, end, most))
            raise AtlasError(f"{service.subject} redirects without end.")
    except AtlasError:
        raise
    except (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError) as error:
        raise UnavailableError(_too_slow(service, what)) from error
    except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        late = time.monotonic() >= end
        sentence = _too_slow(service, what) if late else _unreachable(service, error)
        raise UnavailableError(sentence) from error
    except Exception as error:  # numbers, names and lines that the libraries do not expect
        logging.getLogger(__name__).warning(
            "%s gave what breaks a reader", service.label, exc_info=error
        )
        raise UnavailableError(strange(service, what)) from error


def _too_slow(service: Service, what: str) -> str:
    return f"{service.subject} is too slow to give {what} now; try again later, or give a file."


def _unreachable(service: Service, error: Exception) -> str:
    """Say why a service gave no answer; after several tries the reason stands in the error."""
    import requests
    from urllib3.exceptions import NewConnectionError, TimeoutError

    wrapped = error.args[0] if error.args else None
    reason = getattr(wrapped, "reason", wrapped)
    if isinstance(reason, NewConnectionError):
        return f"{service.subject} cannot be reached from here; give a file or an example."
    if isinstance(reason, TimeoutError):
        return f"{service.subject} does not answer; try again later, or give a file."
    if isinstance(error, requests.exceptions.RetryError):
        return f"{service.subject} is out of order or busy; try again later, or give a file."
    return f"The connection to {service.label} broke; try again, or give a file."


def _retry(method: Literal["GET", "POST"]) -> Retry:
    """Ask again with growing pauses; not what was sent off, after silence: a fold takes minutes."""
    from urllib3.util import Retry

    return Retry(
        total=ATTEMPTS - 1,
        read=ATTEMPTS - 1 if method == "GET" else 0,
        redirect=False,
        status_forcelist=_BUSY,
        allowed_methods={"GET", "POST"},
        backoff_factor=BACKOFF_SECONDS,
        respect_retry_after_header=False,
    )


def _follow(service: Service, base: str, url: str, location: str) -> str:
    """Resolve a redirect, to the service's own host and port alone, and never to plain http."""
    try:
        target = follow(base, url, location)
    except ValueError as error:  # an address of brackets and no sense
        raise AtlasError(f"{service.subject} redirects to what is no address; give a file.") from (
            error
        )
    if target is None:
        raise AtlasError(
            f"{service.subject} redirects to another host, which is not followed; give a file."
        )
    return target


def _check_status(service: Service, status: int, what: str) -> None:
    if status == 200:
        return
    if status in (400, 404, 410, 422):
        raise AtlasError(f"{service.subject} has not got {what}.")
    if status in _BUSY:
        raise UnavailableError(f"{service.subject} is out of order or busy; try again later.")
    raise AtlasError(f"{service.subject} refuses to give {what} (status {status}).")


def _stream(
    service: Service, response: requests.Response, end: float, most: int | None
) -> Iterator[bytes]:
    """Give an answer in parts, until it is too large or takes too long."""
    import urllib3

    most = largest_file() * 1024**2 if most is None else most
    said = response.headers.get("Content-Length", "")
    length = int(said) if said.isdecimal() and len(said) < _LONGEST_NUMBER else None
    size = 0
    while True:
        if size > most or (length or 0) > most:
            raise AtlasError(
                f"What {service.label} gives has more than the {most / 1024**2:,.3g} MB that this "
                "dashboard takes."
            )
        if time.monotonic() > end:
            raise urllib3.exceptions.ReadTimeoutError(
                response.raw.connection, response.url, "the whole answer takes too long"
            )
        part = response.raw.read1(_CHUNK, decode_content=False)
        if not part:
            break
        size += len(part)
        yield part
    if length is not None and size < length:
        raise urllib3.exceptions.IncompleteRead(size, length - size)
