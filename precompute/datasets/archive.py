"""Archives as datasets come in: ``.tar.gz``, of which only the data are unpacked."""

from __future__ import annotations

import re
import tarfile
import zlib
from pathlib import Path

from precompute.errors import AtlasError, is_full

MAXIMUM_UNPACKED = 64 * 1024**3
"""Bytes that an archive may unpack to; the largest, ProteinNet, has some 10 GB."""


def check_gzip(start: bytes, url: str) -> None:
    """Refuse a file whose first bytes are not those of gzip.

    Raises
    ------
    AtlasError
        Naming the `url` that gave it.
    """
    if not start.startswith(b"\x1f\x8b"):
        raise AtlasError(f"{url} gave something that is no .tar.gz archive.")


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
        if is_full(error):
            raise
        raise AtlasError(
            f"The archive could not be unpacked ({error.strerror or error})."
        ) from error
