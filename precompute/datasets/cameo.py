"""CAMEO chains deposited after ESM-2's training: C-alpha atoms, hence contacts.

56 chains with no relative in UniRef50, chosen by Rome-1/plm-contact-fusion (MIT), which ship as a
table. Also read is the layout of that repository: ``sequences.fasta`` and beside it
``contacts/NAME.npz`` with ``positions`` (Å) and ``valid_residues``.
"""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from precompute.chain import Chain
from precompute.datasets.chains import Chains
from precompute.datasets.parquet_file import ParquetChains
from precompute.datasets.proteinnet import read_chain
from precompute.datasets.sequence_text import split_fasta
from precompute.datasets.text import decode
from precompute.errors import AtlasError

CAMEO_FILE = Path(__file__).parent / "tables" / "cameo.parquet"
"""The chains that ship, as records of ProteinNet's fields."""
_SEQUENCES = "sequences.fasta"
_MOST_BYTES = 16 * 1024**2
"""Of a file, and of each array in one, unpacked."""


def open_cameo(path: Path) -> Chains:
    """Open the chains: the table that ships, or a folder of the repository's layout.

    Raises
    ------
    AtlasError
        When it is neither, or damaged.
    """
    if path.is_dir() and (path / _SEQUENCES).is_file():
        return CameoFolder(path)
    if path.suffix.lower() == ".parquet":
        return ParquetChains(path, read_chain)
    raise AtlasError(
        f"{path} holds no {_SEQUENCES}: give a folder with it and with contacts/NAME.npz, or leave "
        "--data out for the chains that ship."
    )


class CameoFolder(Chains):
    """The chains of a folder, in the order of its sequences.

    Parameters
    ----------
    path
        The folder.

    Raises
    ------
    AtlasError
        When the sequences cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        found = split_fasta(decode(_read(path / _SEQUENCES)).splitlines())
        self._sequences = [("".join(header.split()[:1]), "".join(lines)) for header, lines in found]
        if not self._sequences:
            raise AtlasError(f"{path / _SEQUENCES} holds no sequence in FASTA.")

    def __len__(self) -> int:
        return len(self._sequences)

    def __getitem__(self, number: int) -> Chain:
        return read_chain(self.record(number), number)

    def close(self) -> None:
        """Nothing is kept open."""

    def record(self, number: int) -> dict[str, Any]:
        """Give a chain as a record of ProteinNet's fields."""
        name, sequence = self._sequences[number]
        return {"id": name, "primary": sequence, **_arrays(self._file(name))}

    def _file(self, name: str) -> Path:
        # A name is taken as a file of this folder, whatever path it pretends to.
        return self._path / "contacts" / f"{Path(name).name}.npz"

    def sha256(self) -> str:
        """SHA-256 over the sequences and each chain's file, in their order."""
        digest = hashlib.sha256(_read(self._path / _SEQUENCES))
        for name, _ in self._sequences:
            digest.update(hashlib.sha256(_read(self._file(name))).digest())
        return digest.hexdigest()


def write_cameo(folder: Path, target: Path) -> None:
    """Write the chains of a folder as the table that ships.

    Parameters
    ----------
    folder
        Of the repository's layout.
    target
        The Parquet file.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    chains = CameoFolder(folder)
    records = [chains.record(number) for number in range(len(chains))]
    for record in records:
        places = np.where(record["valid_mask"][:, None], record["tertiary"], 0.0)
        record["tertiary"] = places.round(3).ravel()
    fields = {
        "id": pa.string(),
        "primary": pa.string(),
        "tertiary": pa.list_(pa.float32()),
        "valid_mask": pa.list_(pa.bool_()),
    }
    source = {"source": "Rome-1/plm-contact-fusion (MIT); PDB (CC0)", "unit": "Å"}
    columns = [
        pa.array([record[name] for record in records], kind) for name, kind in fields.items()
    ]
    schema = pa.schema(list(fields.items()), metadata=source)
    pq.write_table(pa.Table.from_arrays(columns, schema=schema), target, compression="zstd")


def _arrays(path: Path) -> dict[str, Any]:
    _read(path)  # whether it is there, and no larger than one can be
    try:
        with zipfile.ZipFile(path) as archive:
            if max(entry.file_size for entry in archive.infolist()) > _MOST_BYTES:
                raise AtlasError(f"{path} unpacks to more than {_MOST_BYTES // 1024**2} MB.")
        with np.load(path, allow_pickle=False) as arrays:
            return {"tertiary": arrays["positions"], "valid_mask": arrays["valid_residues"]}
    except AtlasError:
        raise
    except Exception as error:  # a damaged file raises whatever its parser meets
        raise AtlasError(
            f"{path} holds no positions and valid_residues of a chain ({type(error).__name__})."
        ) from error


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise AtlasError(f"{path} has more than {_MOST_BYTES // 1024**2} MB.")
        return path.read_bytes()
    except OSError as error:
        raise AtlasError(f"{path} cannot be read ({error.strerror or error}).") from error
