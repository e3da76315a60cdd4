"""Fetch a dataset from where the original stands, or from a mirror.

`requests` speaks HTTP; what takes up an interrupted transfer is written here, since
pooch, the well-kept downloader, always begins anew. The mirrors stand on the Hugging Face
hub, which `huggingface_hub` speaks to.

Nothing counts as fetched before it has been opened: an error page never becomes a dataset.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import shutil
import tarfile
import tempfile
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from precompute.datasets import Dataset
from precompute.errors import AtlasError

if TYPE_CHECKING:
    import requests

BASE_VARIABLE = "ATLAS_DATA_URL"
"""Where the environment names another place that holds the same files; no other is asked then."""

_TAPE = "https://s3.amazonaws.com/songlabdata/proteindata/data_pytorch"
_PROVIS = (
    "https://raw.githubusercontent.com/salesforce/provis/"
    "051fe89190d9ac74865a6f49a3c25fd7b0fcca57/data"
)

_ATTEMPTS = 5
"""Transfers that bring nothing before giving up."""

_PAUSE = 1.0
"""Seconds before the second attempt; doubled before each further one."""

_TIMEOUT = (20.0, 60.0)
"""Seconds to wait for a connection, and for the next bytes."""

_CHUNK = 1 << 20

MAXIMUM_UNPACKED = 64 * 1024**3
"""Bytes that an archive may unpack to; the largest, ProteinNet, has some 10 GB."""


@dataclass(frozen=True)
class Original:
    """Where a dataset's original stands.

    Attributes
    ----------
    base, path
        The address, in two parts: another place may hold the same `path`.
    git_blob
        Name under which git keeps the file, which is its checksum; None where unknown.
    """

    base: str
    path: str
    git_blob: str | None = None


ORIGINALS: dict[str, Original] = {
    "proteinnet": Original(_TAPE, "proteinnet.tar.gz"),
    "secondary_structure": Original(_TAPE, "secondary_structure.tar.gz"),
    "binding_sites": Original(
        _PROVIS,
        "binding_sites/binding_site_train.lmdb/data.mdb",
        "b30970ec8a6383685e53174b3851c0f6f4147385",
    ),
    "modifications": Original(
        _PROVIS,
        "protein_modifications/protein_modification_train.lmdb/data.mdb",
        "012295d0112f1d21f0264245ba3d13d2704131c9",
    ),
}


def fetch_dataset(
    dataset: Dataset,
    folder: Path,
    *,
    base_url: str | None = None,
    hub_url: str | None = None,
    quiet: bool = False,
) -> Path:
    """Bring a dataset into a folder, unless it is there.

    Parameters
    ----------
    dataset
        What to fetch.
    folder
        Where datasets stand under their usual names; made where it does not exist.
    base_url
        Another place that holds the same files; by default ``ATLAS_DATA_URL``, else the
        originals, then the mirrors.
    hub_url
        Another hub.
    quiet
        Show no progress.

    Returns
    -------
    pathlib.Path
        Where the data stand, to be opened with ``dataset.open``.

    Raises
    ------
    AtlasError
        When no place has it, or what came is damaged.
    """
    for name in dataset.files:
        if (folder / name).exists():
            return folder / name
    if dataset.name not in ORIGINALS:
        raise AtlasError(
            f"{dataset.label} cannot be fetched: bring your own files and name them with --data."
        )
    original = ORIGINALS[dataset.name]
    other = base_url or os.environ.get(BASE_VARIABLE)
    reasons = []
    with _no_space(folder):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            url = f"{(other or original.base).rstrip('/')}/{original.path}"
            return _fetch_original(dataset, url, original.git_blob, folder, quiet)
        except AtlasError as error:
            reasons.append(str(error))
        for mirror in dataset.mirrors if other is None else ():
            repository = mirror.removeprefix("hf://datasets/")
            try:
                return _fetch_mirror(dataset, repository, folder, hub_url, quiet)
            except AtlasError as error:
                reasons.append(str(error))
    said = " ".join(reasons)
    raise AtlasError(
        f"{dataset.label} could not be fetched: {said.rstrip('.')}; try again, or download it by "
        "hand and name it with --data."
    )


def _fetch_original(
    dataset: Dataset, url: str, git_blob: str | None, folder: Path, quiet: bool
) -> Path:
    name = url.rsplit("/", 1)[1]
    part = folder / f".{dataset.name}-{name}.part"
    archive = name.endswith(".tar.gz")
    download_file(url, part, _check_gzip if archive else _check_lmdb, quiet=quiet)
    with tempfile.TemporaryDirectory(prefix=".atlas-", dir=folder) as staging:
        if archive:
            try:
                extract(part, Path(staging))
                target = _place(dataset, Path(staging), folder)
            except AtlasError:
                # It came whole and is bad; after a full disk it is kept.
                _forget(part)
                raise
            _forget(part)
            return target
        if git_blob is not None and _git_blob(part) != git_blob:
            _forget(part)
            raise AtlasError(f"What {url} gave is not the file that it should be.")
        data = Path(staging) / Path(dataset.files[0]).name / "data.mdb"
        data.parent.mkdir()
        part.replace(data)
        _forget(part)
        return _place(dataset, Path(staging), folder)


def _fetch_mirror(
    dataset: Dataset, repository: str, folder: Path, hub_url: str | None, quiet: bool
) -> Path:
    """Bring those files of a hub's repository that can be the dataset's training data."""
    import huggingface_hub
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError
    from huggingface_hub.utils.tqdm import (
        are_progress_bars_disabled,
        disable_progress_bars,
        enable_progress_bars,
    )

    where = f"hf.co/datasets/{repository}"
    stem = Path(dataset.files[0]).name
    wanted = [f"*{dataset.name}.tar.gz", f"*{stem}/data.mdb", "*train*.parquet"]
    # Under one name, so that what came of it is found again by the next attempt.
    local = folder / f".{dataset.name}-{repository.replace('/', '-')}"
    shown = are_progress_bars_disabled()
    try:
        if quiet:
            disable_progress_bars()
        huggingface_hub.snapshot_download(
            repository,
            repo_type="dataset",
            allow_patterns=wanted,
            local_dir=local,
            endpoint=hub_url,
        )
    except HfHubHTTPError as error:
        status = getattr(error.response, "status_code", "no status")
        raise AtlasError(f"{where} answered {status}.") from error
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise
        raise AtlasError(f"{where} could not be reached.") from error
    except (HFValidationError, ValueError, RuntimeError) as error:
        raise AtlasError(f"{where} could not be read ({type(error).__name__}).") from error
    except Exception as error:  # the hub's client lets those of its HTTP library through
        if not type(error).__module__.startswith(("httpx", "httpcore", "requests", "urllib3")):
            raise
        raise AtlasError(f"{where} could not be reached ({type(error).__name__}).") from error
    finally:
        if quiet and not shown:
            enable_progress_bars()
    try:
        for archive in sorted(local.rglob("*.tar.gz")):
            extract(archive, local)
            archive.unlink()
        return _place(dataset, local, folder)
    finally:
        shutil.rmtree(local, ignore_errors=True)


def _place(dataset: Dataset, staging: Path, folder: Path) -> Path:
    """Open what came, and move it to its usual name when it is the dataset.

    The other splits that came with it stand beside it.
    """
    train = folder / dataset.files[0]
    found = sorted(path for path in staging.rglob(train.name) if (path / "data.mdb").is_file())
    if found:
        _try(dataset, found[0])
        train.parent.mkdir(parents=True, exist_ok=True)
        for split in sorted(found[0].parent.glob("*.lmdb")):
            target = train.parent / split.name
            if not target.exists():
                split.replace(target)
        return train
    shards = sorted(staging.rglob("*.parquet"))
    target = folder / f"{dataset.name}_parquet"
    if shards and target.name in dataset.files:
        _try(dataset, shards[0].parent)
        shards[0].parent.replace(target)
        return target
    raise AtlasError(f"What came holds no {train.name}.")


def _try(dataset: Dataset, path: Path) -> None:
    try:
        with dataset.open(path) as chains:
            chains[0]
    except AtlasError as error:
        sentence = str(error).replace(f"{path}/", "").replace(str(path), path.name)
        raise AtlasError(f"What came is not {dataset.label}: {sentence}") from error


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
    with requests.Session() as session:
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
        state = json.loads(file.read_text())
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
        if state.get("validator"):
            headers["If-Range"] = state["validator"]
    with session.get(url, headers=headers, stream=True, timeout=_TIMEOUT) as response:
        yield response


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
        _forget(part)
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
            _forget(part)
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
        _forget(part)
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
        total = json.loads(state_file.read_text()).get("total")
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


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    part.with_name(f"{part.name}.json").unlink(missing_ok=True)


def _check_gzip(start: bytes, url: str) -> None:
    if not start.startswith(b"\x1f\x8b"):
        raise AtlasError(f"{url} gave something that is no .tar.gz archive.")


def _check_lmdb(start: bytes, url: str) -> None:
    # The magic number of LMDB's first page, after 16 bytes of the page's own.
    if start[16:20] != b"\xde\xc0\xef\xbe":
        raise AtlasError(f"{url} gave something that is no LMDB.")


def extract(archive: Path, folder: Path) -> None:
    """Unpack the LMDBs and Parquet files of an archive.

    Raises
    ------
    AtlasError
        When it is damaged, too large, or would write outside the folder.
    """
    try:
        with tarfile.open(archive, "r:gz") as tar:
            size = 0
            for member in tar:
                if not re.search(r"\.(lmdb/data\.mdb|parquet)$", member.name):
                    continue
                size += member.size
                if size > MAXIMUM_UNPACKED:
                    raise AtlasError("The archive unpacks to more than any dataset has.")
                tar.extract(member, folder, filter="data")
    except tarfile.FilterError as error:
        raise AtlasError(
            f"The archive would write outside its folder ({error.tarinfo.name})."
        ) from error
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise AtlasError("The archive is damaged.") from error
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise
        raise AtlasError(
            f"The archive could not be unpacked ({error.strerror or error})."
        ) from error


def _git_blob(file: Path) -> str:
    digest = hashlib.sha1(usedforsecurity=False)
    digest.update(f"blob {file.stat().st_size}\0".encode())
    with file.open("rb") as data:
        while chunk := data.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


@contextlib.contextmanager
def _no_space(folder: Path) -> Iterator[None]:
    """Turn a full or closed disk into a sentence."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise AtlasError(
                f"The disk of {folder} is full; make room and try again: what came is kept."
            ) from error
        raise AtlasError(f"{folder} cannot be written ({error.strerror or error}).") from error
