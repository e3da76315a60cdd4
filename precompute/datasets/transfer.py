"""Bring a file over HTTP, taking up where an earlier transfer stopped.

`requests` speaks HTTP; what takes up an interrupted transfer is written here, since
pooch, the well-kept downloader, always begins anew.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from precompute.errors import AtlasError
from precompute.json_text import parse_json
from precompute.redirects import MOST_REDIRECTS, follow, obeying_none

if TYPE_CHECKING:
    import requests

_ATTEMPTS = 5
"""Transfers that bring nothing before giving up."""

_PAUSE = 1.0
"""Seconds before the second attempt; doubled before each further one."""

_TIMEOUT = (20.0, 60.0)
"""Seconds to wait for a connection, and for the next bytes."""

_CHUNK = 1 << 20


def download_file(url: str, part: Path, check: Any, *, quiet: bool = False) -> None:
    """Bring a file, taking up where an earlier transfer stopped.

    Parameters
    ----------
    url
        Its address.
    part
        Where it is written; a file of this name with ``.json`` added keeps what the server
        said of it, so that halves of two versions are never joined.
    check
        Called with the first bytes; raises AtlasError when they cannot be of such a file.
    quiet
        Show no progress.

    Raises
    ------
    AtlasError
        When it cannot be had.
    """
    import requests
    import urllib3
    from tqdm import tqdm

    state_file = part.with_name(f"{part.name}.json")
    fruitless = 0
    with obeying_none() as session:
        while True:
            before = part.stat().st_size if part.exists() else 0
            state = _read_state(state_file, url)
            if before and not state:
                part.unlink()
                before = 0
            try:
                with _request(session, url, before, state) as response:
                    if _transfer(response, url, part, state_file, before, check, quiet, tqdm):
                        return
                reason = "the connection broke"
            except requests.exceptions.Timeout:
                reason = "it does not answer"
            except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError) as error:
                reason = (
                    "it cannot be reached from here"
                    if isinstance(error, requests.exceptions.ConnectionError) and not before
                    else "the connection broke"
                )
            after = part.stat().st_size if part.exists() else 0
            fruitless = 0 if after > before else fruitless + 1
            if fruitless >= _ATTEMPTS:
                kept = f" (the first {after:,} bytes are kept for the next time)" if after else ""
                raise AtlasError(f"{url}: {reason}{kept}.")
            if fruitless:
                time.sleep(_PAUSE * 2 ** (fruitless - 1))


def _read_state(file: Path, url: str) -> dict[str, Any]:
    try:
        state = parse_json(file.read_text())
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) and state.get("url") == url else {}


@contextlib.contextmanager
def _request(
    session: requests.Session, url: str, offset: int, state: dict[str, Any]
) -> Iterator[requests.Response]:
    # Sizes and ranges are those of the bytes sent: no compression on the way.
    headers = {"Accept-Encoding": "identity"}
    if offset:
        headers["Range"] = f"bytes={offset}-"
        if isinstance(validator := state.get("validator"), str) and validator.isprintable():
            headers["If-Range"] = validator
    place = url
    for _ in range(MOST_REDIRECTS + 1):
        with session.get(place, headers=headers, stream=True, timeout=_TIMEOUT) as response:
            if not response.is_redirect:
                yield response
                return
            place = _follow(url, place, response.headers["Location"])
    raise AtlasError(f"{url} redirects without end.")


def _follow(url: str, place: str, location: str) -> str:
    """Resolve a redirect: archives often stand with another host than the one that is asked."""
    try:
        target = follow(url, place, location, elsewhere=True)
    except ValueError as error:
        raise AtlasError(f"{url} redirects to what is no address.") from error
    if target is None:
        raise AtlasError(
            f"{url} redirects to another host, which is followed with https alone and not into a "
            "private network."
        )
    return target


def _transfer(
    response: requests.Response,
    url: str,
    part: Path,
    state_file: Path,
    offset: int,
    check: Any,
    quiet: bool,
    bar_class: Any,
) -> bool:
    """Write what a response brings; tell whether the file is whole."""
    status = response.status_code
    if status == 416:
        total = _total(response)
        if total is not None and total == offset:
            return True
        forget(part)
        return False
    if status in (429, 500, 502, 503, 504):
        return False
    if status not in (200, 206):
        meaning = {401: "asks who you are", 403: "refuses it", 404: "does not have it"}
        raise AtlasError(f"{url}: the server {meaning.get(status, f'answered {status}')}.")
    kind = response.headers.get("Content-Type", "").lower()
    if "html" in kind or "xml" in kind:
        raise AtlasError(f"{url} gave a page ({kind.split(';')[0]}) in place of the file.")
    total = _total(response)
    if status == 206:
        start = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
        if start is None or int(start[1]) != offset or total != _known_total(state_file, total):
            forget(part)
            return False
    else:
        offset = 0
    if total is not None and shutil.disk_usage(part.parent).free < total - offset:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    first = True
    with bar_class(
        desc=url.rsplit("/", 1)[1],
        total=total,
        initial=offset,
        unit="B",
        unit_scale=True,
        disable=quiet,
    ) as bar:
        file = None
        try:
            for chunk in response.raw.stream(_CHUNK, decode_content=False):
                if first and not offset:
                    check(chunk, url)
                if file is None:
                    _write_state(state_file, url, total, response)
                    file = part.open("ab" if offset else "wb")
                first = False
                file.write(chunk)
                bar.update(len(chunk))
        finally:
            if file is not None:
                file.close()
    size = part.stat().st_size if part.exists() else 0
    if size == 0:
        raise AtlasError(f"{url} gave an empty file.")
    if total is not None and size > total:
        forget(part)
    return total is None or size == total


def _total(response: requests.Response) -> int | None:
    """Give the whole file's size, where the server says it."""
    said = re.search(r"/(\d+)$", response.headers.get("Content-Range", ""))
    if said:
        return int(said[1])
    length = response.headers.get("Content-Length", "")
    return int(length) if response.status_code == 200 and length.isdigit() else None


def _known_total(state_file: Path, default: int | None) -> int | None:
    try:
        total = parse_json(state_file.read_text()).get("total")
    except (OSError, ValueError, AttributeError):
        return default
    return total if isinstance(total, int) else default


def _write_state(
    state_file: Path, url: str, total: int | None, response: requests.Response
) -> None:
    tag = response.headers.get("ETag", "")
    # A weak tag does not promise equal bytes, and servers ignore it in If-Range.
    validator = response.headers.get("Last-Modified", "") if tag.startswith("W/") else tag
    state_file.write_text(json.dumps({"url": url, "total": total, "validator": validator}))


def forget(part: Path) -> None:
    """Delete an unfinished transfer and what was noted of it."""
    part.unlink(missing_ok=True)
    part.with_name(f"{part.name}.json").unlink(missing_ok=True)
