"""The one module that fetches: entries of the PDB and of AlphaFold DB, and folds.

Addresses are built from base URLs, which are settings, and from identifiers that were
checked letter by letter; redirects are followed to the bases' hosts alone. What comes is
read up to a size and a time, and kept on disk only after it was read as what it should be.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar
from urllib.parse import urljoin, urlsplit

from dashboard.pages.live.getting.protein import plain
from dashboard.pages.live.settings import largest_file
from precompute import __version__
from precompute.errors import AtlasError

if TYPE_CHECKING:
    import requests

T = TypeVar("T")

CONNECT_SECONDS = 5.0
READ_SECONDS = 20.0
"""The longest silence of a server; folding takes as long as `FOLD_SECONDS`."""
TOTAL_SECONDS = 90.0
FOLD_SECONDS = 300.0
ATTEMPTS = 3
BACKOFF_SECONDS = 0.5
FRESH_SECONDS = 30 * 86400
"""A kept file is asked for anew after this time, and used still where nobody answers."""
MOST_REDIRECTS = 3

CACHE_VARIABLE = "ATLAS_CACHE"
"""Environment variable: folder of fetched entries; by default one in the user's cache."""
CACHE_BYTES = 2 * 1024**3

_PREFIXES = ("pdb-", "alphafold-")
_BUSY = (429, 500, 502, 503, 504)
_CHUNK = 65536
_MOST_NAMED = 6
"""Isoforms that a message names."""
_PDB_ID = re.compile(r"[1-9][A-Za-z0-9]{3}")
_LONG_PDB_ID = re.compile(r"pdb_0000([1-9][a-z0-9]{3})", re.IGNORECASE)
# UniProt's own expression for its accessions (uniprot.org/help/accession_numbers).
# A number after it names an isoform; without one it is the canonical sequence.
_ACCESSION = re.compile(
    r"(?:[OPQ][0-9][A-Z0-9]{3}[0-9]|[A-NR-Z][0-9](?:[A-Z][A-Z0-9]{2}[0-9]){1,2})(?:-[1-9][0-9]{0,2})?"
)
_MODEL_FILE = re.compile(
    r"AF-([A-Z0-9]{6,10}(?:-[0-9]{1,3})?)-F([0-9]{1,4})-model_v([0-9]{1,3})\.cif"
)


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
SERVICES = (RCSB, ALPHAFOLD, ESMFOLD)


class Prediction(NamedTuple):
    """What AlphaFold DB says of one accession.

    Long proteins are predicted in overlapping `fragments`, of which this is the first.
    """

    file: str
    title: str
    confidence: float | None
    fragments: int = 1


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
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise AtlasError(f"{service.variable} is no http or https address; ask who runs this page.")
    return text


def clean_pdb_id(text: str) -> str:
    """Give a PDB identifier in capitals.

    Raises
    ------
    AtlasError
        When it is none.
    """
    text = text.strip()
    long = _LONG_PDB_ID.fullmatch(text)
    if long:
        return long[1].upper()
    if not _PDB_ID.fullmatch(text):
        raise AtlasError(
            f"“{plain(text, 20)}” is no PDB identifier: these have a digit and three letters "
            "or digits, such as 1T8K."
        )
    return text.upper()


def clean_accession(text: str) -> str:
    """Give a UniProt accession in capitals, with an isoform's number where it has one.

    Raises
    ------
    AtlasError
        When it is none.
    """
    accession = text.strip().upper()
    if not _ACCESSION.fullmatch(accession):
        raise AtlasError(
            f"“{plain(text, 20)}” is no UniProt accession: these have six or ten letters and "
            "digits, such as P69905, and an isoform's a number more, such as P04637-2."
        )
    return accession


def fetch_pdb(identifier: str, read: Callable[[bytes, str], T]) -> T:
    """Fetch an entry of the Protein Data Bank as mmCIF.

    Parameters
    ----------
    identifier
        As `clean_pdb_id` gives it.
    read
        Takes content and name and gives what is wanted; what it refuses is not kept.

    Raises
    ------
    AtlasError
        When there is no such entry, the server cannot be had, or `read` refuses.
    """
    name = f"{clean_pdb_id(identifier)}.cif.gz"

    def ask() -> bytes:
        found = _get(RCSB, f"/download/{name}", f"the entry {identifier}")
        if not found.startswith(b"\x1f\x8b"):
            raise AtlasError(_strange(RCSB, f"the entry {identifier}"))
        return found

    return _keep(f"pdb-{name}", ask, lambda content: read(content, name))


def fetch_alphafold(accession: str, read: Callable[[bytes, str], T]) -> tuple[T, Prediction]:
    """Fetch the predicted structure of a UniProt accession as mmCIF.

    Parameters
    ----------
    accession
        As `clean_accession` gives it.
    read
        Takes content and name and gives what is wanted; what it refuses is not kept.

    Raises
    ------
    AtlasError
        When there is no prediction, the server cannot be had, or `read` refuses.
    """
    accession = clean_accession(accession)
    what = f"a prediction for {accession}"
    whole = accession.partition("-")[0]
    # One answer lists the canonical sequence and the isoforms.
    prediction = _keep(
        f"alphafold-{whole}.json",
        lambda: _get(ALPHAFOLD, f"/api/prediction/{whole}", what),
        lambda content: read_prediction(content, accession),
    )

    def ask() -> bytes:
        # Only the file's name is taken from the answer: a mirror's answers name other hosts.
        found = _get(ALPHAFOLD, f"/files/{prediction.file}", what)
        if not found.lstrip().startswith(b"data_"):
            raise AtlasError(_strange(ALPHAFOLD, what))
        return found

    kept = _keep(
        f"alphafold-{prediction.file}", ask, lambda content: read(content, prediction.file)
    )
    return kept, prediction


def fold_sequence(sequence: str, read: Callable[[bytes, str], T]) -> T:
    """Have a sequence folded; neither it nor the structure is kept on disk.

    Parameters
    ----------
    sequence
        Capital letters alone.
    read
        Takes content and name and gives what is wanted.

    Raises
    ------
    AtlasError
        When no folding service is set up, or it does not give a structure.
    """
    if not re.fullmatch(r"[A-Z]+", sequence):
        raise AtlasError("Only a sequence of capital letters can be folded.")
    what = "a structure of this sequence"
    content = _get(ESMFOLD, "", what, post=sequence.encode(), seconds=FOLD_SECONDS)
    if not re.search(rb"^ATOM  ", content, re.MULTILINE):
        raise AtlasError(_strange(ESMFOLD, what))
    return read(content, "folded.pdb")


def can_fold() -> bool:
    """Tell whether a folding service is set up."""
    return base_url(ESMFOLD) is not None


def cache_folder() -> Path:
    """Give the folder of fetched entries."""
    named = os.environ.get(CACHE_VARIABLE, "").strip()
    if named:
        return Path(named)
    caches = os.environ.get("XDG_CACHE_HOME", "").strip()
    return (Path(caches) if caches else Path.home() / ".cache") / "protein-attention-atlas"


def read_prediction(content: bytes, accession: str) -> Prediction:
    """Find the entry of one accession in AlphaFold DB's answer, and what it says.

    An answer lists the canonical sequence, isoforms, fragments of long sequences and complexes
    that have the protein in them, in any order.

    Parameters
    ----------
    content
        The answer.
    accession
        As `clean_accession` gives it; with an isoform's number, that isoform is found.

    Raises
    ------
    AtlasError
        When it is no such answer, or lists others than this one alone.
    """
    import json

    what = f"a prediction for {accession}"
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise AtlasError(_strange(ALPHAFOLD, what)) from error
    found = []
    for entry in answer if isinstance(answer, list) else [answer]:
        url = entry.get("cifUrl") if isinstance(entry, dict) else None
        file = url.partition("?")[0].rpartition("/")[2] if isinstance(url, str) else ""
        match = _MODEL_FILE.fullmatch(file)
        if match:
            found.append((match[1], int(match[2]), int(match[3]), match[0], entry))
    own = [one for one in found if one[0] == accession == one[4].get("uniprotAccession", accession)]
    firsts = [one for one in own if one[1] == 1]
    if firsts:
        *_, version, file, entry = max(firsts, key=lambda one: one[2])
        score = entry.get("globalMetricValue")
        return Prediction(
            file,
            plain(str(entry.get("uniprotDescription") or "")),
            float(score) if isinstance(score, int | float) and 0 <= score <= 100 else None,
            max(part for _, part, number, *_ in own if number == version),
        )
    whole = accession.partition("-")[0]
    others = sorted({one[0] for one in found if one[0].partition("-")[0] == whole} - {accession})
    if others:
        named = ", ".join(others[:_MOST_NAMED]) + (" and more" if len(others) > _MOST_NAMED else "")
        raise AtlasError(f"AlphaFold DB has not got {what} itself; it has {named}.")
    raise AtlasError(_strange(ALPHAFOLD, what))


def _strange(service: Service, what: str) -> str:
    return (
        f"{service.subject} answered with something that is not {what}; try again later, or "
        "give a file."
    )


# Keeping.


def _keep(name: str, ask: Callable[[], bytes], read: Callable[[bytes], T]) -> T:
    """Read a kept file, or ask for it and keep it once it was read.

    Parameters
    ----------
    name
        Of the kept file; built from checked identifiers.
    ask
        Gives the content.
    read
        Gives what is wanted of it.
    """
    path = cache_folder() / name
    kept = _kept(path)
    if kept is not None and time.time() - kept.age < FRESH_SECONDS:
        with contextlib.suppress(AtlasError):  # damaged since: ask again
            return read(kept.content)
    try:
        content = ask()
    except UnavailableError:
        if kept is None:
            raise
        return read(kept.content)
    value = read(content)
    with contextlib.suppress(OSError):  # a full or closed disk keeps nobody from the answer
        _write(path, content)
    return value


class UnavailableError(AtlasError):
    """A service that gives no answer now, and may later."""


class _Kept(NamedTuple):
    content: bytes
    age: float


def _kept(path: Path) -> _Kept | None:
    """Read a kept file with the time it was fetched at, and note that it was used."""
    try:
        fetched = path.stat().st_mtime
        content = path.read_bytes()
        os.utime(path, (time.time(), fetched))
    except OSError:
        return None
    return _Kept(content, fetched)


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


# Asking.


def _get(
    service: Service,
    path: str,
    what: str,
    *,
    post: bytes | None = None,
    seconds: float = TOTAL_SECONDS,
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
        with _session(method) as session:
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
                    return b"".join(_stream(service, response, end))
            raise AtlasError(f"{service.subject} redirects without end.")
    except (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError) as error:
        raise UnavailableError(
            f"{service.subject} is too slow to give {what} now; try again later, or give a file."
        ) from error
    except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        raise UnavailableError(_unreachable(service, error)) from error


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


def _session(method: Literal["GET", "POST"]) -> requests.Session:
    """Make a session that asks again with growing pauses and obeys no redirect by itself.

    What was sent off is not sent again after silence: a fold takes minutes.
    """
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.util import Retry

    session = requests.Session()
    session.headers["User-Agent"] = f"protein-attention-atlas/{__version__}"
    # Sizes are those of the bytes sent, and nothing unpacks on the way.
    session.headers["Accept-Encoding"] = "identity"
    retry = Retry(
        total=ATTEMPTS - 1,
        read=ATTEMPTS - 1 if method == "GET" else 0,
        redirect=False,
        status_forcelist=_BUSY,
        allowed_methods={"GET", "POST"},
        backoff_factor=BACKOFF_SECONDS,
        respect_retry_after_header=False,
    )
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry))
    return session


def _follow(service: Service, base: str, url: str, location: str) -> str:
    """Resolve a redirect, to a host and port of a base URL alone, and never to plain http."""
    target = urljoin(url, location)
    parts = urlsplit(target)
    hosts = {urlsplit(known).netloc for known in map(base_url, SERVICES) if known}
    if parts.netloc not in hosts or (parts.scheme != "https" and base.startswith("https:")):
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


def _stream(service: Service, response: requests.Response, end: float) -> Iterator[bytes]:
    """Give an answer in parts, until it is too large or takes too long."""
    import urllib3

    most = largest_file() * 1024**2
    said = response.headers.get("Content-Length", "")
    size = 0
    while True:
        if size > most or (said.isdecimal() and int(said) > most):
            raise AtlasError(
                f"What {service.label} gives has more than the {largest_file():,} MB that this "
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
    if said.isdecimal() and size < int(said):
        raise urllib3.exceptions.IncompleteRead(size, int(said) - size)
