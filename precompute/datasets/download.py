"""Fetch a dataset from where the original stands, or from a mirror.

The mirrors stand on the Hugging Face hub, which `huggingface_hub` speaks to.

Nothing counts as fetched before it has been opened: an error page never becomes a dataset.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from precompute.datasets import Dataset
from precompute.datasets.archive import check_gzip, extract
from precompute.datasets.transfer import download_file, forget
from precompute.errors import AtlasError, is_full

BASE_VARIABLE = "ATLAS_DATA_URL"
"""Where the environment names another place that holds the same files; no other is asked then."""

_TAPE = "https://s3.amazonaws.com/songlabdata/proteindata/data_pytorch"
_PROVIS = (
    "https://raw.githubusercontent.com/salesforce/provis/"
    "051fe89190d9ac74865a6f49a3c25fd7b0fcca57/data"
)


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
            # Structures of alignments stand beside their folder.
            return folder if dataset.holds_alignments else folder / name
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
    download_file(url, part, check_gzip if archive else _check_lmdb, quiet=quiet)
    with tempfile.TemporaryDirectory(prefix=".atlas-", dir=folder) as staging:
        if archive:
            try:
                extract(part, Path(staging))
                target = _place(dataset, Path(staging), folder)
            except AtlasError:
                # It came whole and is bad; after a full disk it is kept.
                forget(part)
                raise
            forget(part)
            return target
        if git_blob is not None and _git_blob(part) != git_blob:
            forget(part)
            raise AtlasError(f"What {url} gave is not the file that it should be.")
        data = Path(staging) / Path(dataset.files[0]).name / "data.mdb"
        data.parent.mkdir()
        part.replace(data)
        forget(part)
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
        if is_full(error):
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


def _check_lmdb(start: bytes, url: str) -> None:
    # The magic number of LMDB's first page, after 16 bytes of the page's own.
    if start[16:20] != b"\xde\xc0\xef\xbe":
        raise AtlasError(f"{url} gave something that is no LMDB.")


def _git_blob(file: Path) -> str:
    """Give the name under which git keeps a file."""
    digest = hashlib.sha1(usedforsecurity=False)
    digest.update(f"blob {file.stat().st_size}\0".encode())
    with file.open("rb") as data:
        return hashlib.file_digest(data, lambda: digest).hexdigest()


@contextlib.contextmanager
def _no_space(folder: Path) -> Iterator[None]:
    """Turn a full or closed disk into a sentence."""
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise AtlasError(
                f"The disk of {folder} is full; make room and try again: what came is kept."
            ) from error
        raise AtlasError(f"{folder} cannot be written ({error.strerror or error}).") from error
