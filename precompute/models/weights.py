"""Find a model's weights: in a folder of one's own, in the hub's local cache, or on the hub."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from precompute import __version__
from precompute.demo import MODEL_FOLDER
from precompute.errors import AtlasError, is_full
from precompute.json_text import parse_json
from precompute.models import Model
from precompute.models.added_tokens import BESIDE
from precompute.models.listed_vocabulary import LISTS

if TYPE_CHECKING:
    from precompute.models.download_progress import Progress

SMALL_FILES = ("config.json", *LISTS, "spiece.model", *BESIDE)
WEIGHT_FILES = ("model.safetensors", "pytorch_model.bin")
DEMO_FOLDER = MODEL_FOLDER
WEIGHTS_VARIABLE = "ATLAS_WEIGHTS"
"""Environment variable: a folder with a checkpoint's folder a model, by the models' names."""


NAMED_FOLDER = "a folder named with --weights"
CHECKPOINT = "checkpoint"
"""Under which name a run's notes say where such a folder lies, and which state of it was read."""


@dataclass(frozen=True)
class Weights:
    """A checkpoint folder and where it came from.

    Attributes
    ----------
    folder
        Holds configuration, vocabulary and weights.
    revision
        The hub's commit, or that the folder was named by the user.
    """

    folder: Path
    revision: str


def folder_stamp(folder: Path) -> str:
    """Tell one state of a checkpoint's folder from the next, without reading gigabytes.

    Checkpoints of one architecture are of one size, and a copy keeps the time of its original: a
    file put in another's place is another on the disk.
    """
    return _states(folder, ("st_ino", "st_ctime_ns", "st_size", "st_mtime_ns"))


def _states(folder: Path, facts: Sequence[str]) -> str:
    try:
        states = [(path.name, path.stat()) for path in sorted(folder.iterdir())]
    except (OSError, ValueError) as error:  # others' tables name folders that no system can have
        return type(error).__name__
    return "|".join(
        " ".join((name, *(str(getattr(state, fact)) for fact in facts))) for name, state in states
    )


@dataclass(frozen=True)
class Remembered:
    """Where the checkpoint of a run lay when it was measured.

    Attributes
    ----------
    model, architecture, weights_sha256
        As the table `runs` has them.
    folder, files
        The folder, and the digest of its state: `folder_digest`.
    """

    model: str
    architecture: str
    weights_sha256: str
    folder: str
    files: str

    @property
    def key(self) -> str:
        """What addresses call it: two checkpoints of one name are two models."""
        return f"{self.model}:{self.weights_sha256[:8]}"


def remember_folder(weights: Weights) -> dict[str, dict[str, str]]:
    """Note where a checkpoint lies that the user named, so that Live finds it: `CHECKPOINT`."""
    if weights.revision != NAMED_FOLDER:
        return {}
    place = weights.folder.absolute()
    return {CHECKPOINT: {"folder": str(place), "files": folder_digest(place)}}


def folder_digest(folder: Path) -> str:
    """SHA-256 over the files' names, sizes and times, in hexadecimal: a backup has the same."""
    states = _states(folder, ("st_size", "st_mtime_ns"))
    return hashlib.sha256(states.encode("utf-8", "surrogatepass")).hexdigest()


def find_weights(
    model: Model,
    folder: str | None,
    say: Callable[[str], None],
    progress: Progress | None = None,
) -> Weights:
    """Find a model's weights, downloading them where they are not here yet.

    Parameters
    ----------
    model
        The model.
    folder
        A folder in the hub's layout that the user named, or None.
    say
        Told before a download begins.
    progress
        Told how many bytes of a download have come, and of how many; bars are drawn on the
        screen without it.

    Raises
    ------
    AtlasError
        When they cannot be had: no such folder, no network, a gated or missing
        repository, no room, or something else than weights in their place.
    """
    if folder is not None:
        return Weights(Path(folder), NAMED_FOLDER)
    if model.ships:
        return Weights(DEMO_FOLDER, __version__)
    cached = cached_weights(model)
    if cached is not None:
        return cached
    _refuse_without_hub(model)
    return _download(model, say, progress)


def cached_weights(model: Model) -> Weights | None:
    """Find a model in `WEIGHTS_VARIABLE` or in the hub's local cache, without the network.

    Returns
    -------
    Weights or None
        None when configuration or weights are not there.
    """
    if model.ships:
        return Weights(DEMO_FOLDER, __version__) if DEMO_FOLDER.is_dir() else None
    if (own := _own_folder(model)) is not None:
        return Weights(own, f"a folder in {WEIGHTS_VARIABLE}")
    if not model.revision:
        return None

    from huggingface_hub import try_to_load_from_cache

    config = try_to_load_from_cache(model.source, "config.json", revision=model.revision)
    if not isinstance(config, str):
        return None
    folder = Path(config).parent
    for name in WEIGHT_FILES:
        if (folder / name).exists() or _whole_index(folder / f"{name}.index.json"):
            return Weights(folder, folder.name)
    return None


def _own_folder(model: Model) -> Path | None:
    """Find a model's folder where whoever runs this keeps weights; an empty one counts as none."""
    root = os.environ.get(WEIGHTS_VARIABLE, "").strip()
    folder = Path(root, model.name)
    return folder if root and folder.is_dir() and any(folder.iterdir()) else None


def _whole_index(index: Path) -> bool:
    try:
        names = parse_json(index.read_text())["weight_map"].values()
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return False
    return all((index.parent / str(name)).exists() for name in names)


def find_config(model: Model, folder: str | None) -> Path:
    """Find a model's ``config.json``, which says how long an input it reads, before its weights.

    Parameters
    ----------
    model
        The model.
    folder
        A folder in the hub's layout that the user named, or None.

    Returns
    -------
    pathlib.Path
        The folder that holds it: of the user, of this project, or of the hub's cache, to
        which the file alone is fetched.

    Raises
    ------
    AtlasError
        When it cannot be had; see `find_weights`.
    """
    if folder is not None:
        return Path(folder)
    if model.ships:
        return DEMO_FOLDER
    if (own_folder := _own_folder(model)) is not None:
        return own_folder
    _refuse_without_hub(model)

    from huggingface_hub import HfApi, hf_hub_download, try_to_load_from_cache

    found = try_to_load_from_cache(model.source, "config.json", revision=model.revision)
    if not isinstance(found, str):
        with _refusals_of_the_hub(model) as own:
            # Says at once that there is no network, which a download asks for five times.
            HfApi().model_info(model.source, revision=model.revision)
            found = hf_hub_download(model.source, "config.json", revision=model.revision)
        _refuse_error_pages(Path(found).parent, {"config.json"}, own)
    return Path(found).parent


def _refuse_without_hub(model: Model) -> None:
    """Refuse to fetch what is on no hub."""
    if not model.revision:
        raise AtlasError(
            f"{model.label} is on no hub: download it from where its authors publish it "
            f"({model.source}) and name its folder with --weights."
        )


def _download(model: Model, say: Callable[[str], None], progress: Progress | None) -> Weights:
    """Download a model; huggingface_hub resumes what was broken off and shows progress."""
    from huggingface_hub import HfApi, snapshot_download

    from precompute.models.download_progress import reporting_bars

    with _refusals_of_the_hub(model) as own:
        info = HfApi().model_info(model.source, revision=model.revision, files_metadata=True)
        sizes = {file.rfilename: file.size or 0 for file in info.siblings or []}
        wanted = _files_wanted(sizes, model)
        size = sum(sizes[name] for name in wanted)
        say(f"Downloading {model.label} from {model.source}: {size / 1e9:.2f} GB.")
        folder = Path(
            # By the revision's name, so that the cache is found by it without the network.
            snapshot_download(
                model.source,
                revision=model.revision,
                allow_patterns=sorted(wanted),
                tqdm_class=reporting_bars(size, progress) if progress is not None else None,
            )
        )
    _refuse_error_pages(folder, wanted, own)
    return Weights(folder, folder.name)


@contextlib.contextmanager
def _refusals_of_the_hub(model: Model) -> Iterator[str]:
    """Put what the hub raises into one sentence, and give the end of such a sentence."""
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    own = f"download {model.source} elsewhere and name its folder with --weights"
    try:
        yield own
    except GatedRepoError as error:
        raise AtlasError(
            f"{model.source} is gated: accept its terms on the hub and log in with "
            f"`hf auth login`, or {own}."
        ) from error
    except (RepositoryNotFoundError, RevisionNotFoundError) as error:
        raise AtlasError(
            f"The hub has no {model.source} at revision {model.revision} (any more): {own}."
        ) from error
    except AtlasError:
        raise
    except (HfHubHTTPError, LocalEntryNotFoundError) as error:
        raise AtlasError(
            f"The hub did not give {model.source} ({_first_line(error)}): {own}."
        ) from error
    except OSError as error:
        if is_full(error):
            raise AtlasError(
                f"{model.source} could not be downloaded: the disk of the hub's cache is full; "
                f"make room and try again, since what came is kept, or {own}."
            ) from error
        raise AtlasError(
            f"{model.source} could not be downloaded ({error.strerror or _first_line(error)}): "
            f"see that the network and the disk are there, or {own}."
        ) from error
    except Exception as error:  # the hub's transports raise exceptions of their own
        raise AtlasError(
            f"The hub could not be reached for {model.source} ({_first_line(error)}): {own}."
        ) from error


def _files_wanted(sizes: dict[str, int], model: Model) -> set[str]:
    """Choose what to download: safetensors before pickles, never both."""
    wanted = {name for name in SMALL_FILES if name in sizes}
    for name in WEIGHT_FILES:
        stem, suffix = name.rsplit(".", 1)
        shards = {
            other for other in sizes if other.startswith(f"{stem}-") and other.endswith(suffix)
        }
        if name in sizes:
            return wanted | {name}
        if f"{name}.index.json" in sizes and shards:
            return wanted | shards | {f"{name}.index.json"}
    raise AtlasError(f"{model.source} holds no weights that can be read safely.")


def _refuse_error_pages(folder: Path, names: set[str], own: str) -> None:
    """Remove from the cache what is not what its name says, such as a proxy's error page."""
    for name in sorted(names):
        path = folder / name
        if not _looks_right(path):
            with contextlib.suppress(OSError):
                path.resolve().unlink()
                path.unlink(missing_ok=True)
            raise AtlasError(
                f"What came as {name} is not such a file, perhaps an error page; it was removed "
                f"again: try later, or {own}."
            )


def _looks_right(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            head = file.read(64)
    except OSError:
        return False
    if path.suffix == ".safetensors":
        # Eight bytes of length, then a JSON object.
        return len(head) > 9 and head[8:9] == b"{"
    if path.suffix == ".bin":
        # A zip archive, or a bare pickle of protocol 2 or later.
        return head[:2] == b"PK" or head[:1] == b"\x80"
    if path.suffix == ".json":
        return head.lstrip()[:1] == b"{"
    return bool(head) and not head.lstrip().lower().startswith((b"<!doctype", b"<html"))


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__).rstrip(".: ")
