"""A digest of the whole file in each Parquet file that is written here, checked on reading.

Parquet's own page checksums cover neither the footer nor the pages' headers: a bit that flips
there makes other values of the same pages. The digest stands among the footer's keys and values,
where other readers pass over it, and is that of the file with `_BLANK` in its place.
"""

from __future__ import annotations

import hashlib

import pyarrow as pa
import pyarrow.parquet as pq

from precompute.errors import AtlasError

_KEY = b"atlas_sha256"
_BLANK = b"the SHA-256 of this whole file, in hexadecimal, is written here."
# As Thrift's compact protocol writes the key and what goes before its value of 64 bytes.
_SIGN = _KEY + b"\x18\x40"


def to_sealed_parquet(table: pa.Table) -> bytes:
    """Write a table as the bytes of a Parquet file, with page checksums and a digest of all."""
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(
        sink,
        table.schema,
        compression="zstd",
        compression_level=9,
        store_schema=True,
        write_page_checksum=True,
    ) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata({_KEY: _BLANK})
    data: bytes = sink.getvalue().to_pybytes()
    place = data.rindex(_SIGN) + len(_SIGN)
    digest = hashlib.sha256(data).hexdigest().encode()
    return b"".join((data[:place], digest, data[place + len(digest) :]))


def check_seal(data: bytes, path: str) -> None:
    """Refuse a file that is not as it was written; one from before digests passes.

    Raises
    ------
    AtlasError
        Saying what to do.
    """
    found = data.rfind(_SIGN)
    if found < 0 or not data.endswith(b"PAR1"):  # cut short, it is no Parquet file at all
        return
    place = found + len(_SIGN)
    digest = hashlib.sha256(memoryview(data)[:place])
    digest.update(_BLANK)
    digest.update(memoryview(data)[place + len(_BLANK) :])
    if data[place : place + len(_BLANK)] != digest.hexdigest().encode():
        raise AtlasError(
            f"{path} is damaged: it is not what was written (its SHA-256 differs); copy it anew "
            "from where it was measured, or measure it anew with `python -m precompute run`."
        )
