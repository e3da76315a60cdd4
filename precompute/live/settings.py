"""Settings of the Live page that an administrator gives as environment variables."""

from __future__ import annotations

from precompute.environment import read_number

RESIDUES_VARIABLE = "ATLAS_MAX_RESIDUES"
"""Environment variable: residues of the longest chain that is looked at."""
DEFAULT_RESIDUES = 1024

MEGABYTES_VARIABLE = "ATLAS_MAX_UPLOAD"
"""Environment variable: megabytes of the largest file that is taken, unpacked or not."""
DEFAULT_MEGABYTES = 100

CELLS_VARIABLE = "ATLAS_LIVE_CELLS"
"""Environment variable: rows × columns of the largest alignment that a model is run on."""
DEFAULT_CELLS = 65_536

MOST_MEGABYTES = 100_000
"""What an administrator may set; the bounds of reading follow from it, and the system's clocks."""

MOST_FILES = 10
"""Files of the largest size that are kept over all visitors."""


def longest_chain() -> int:
    """Give how many residues a chain may have."""
    return read_number(RESIDUES_VARIABLE, DEFAULT_RESIDUES)


def largest_file() -> int:
    """Give how many megabytes a file may have, packed and unpacked."""
    return read_number(MEGABYTES_VARIABLE, DEFAULT_MEGABYTES, most=MOST_MEGABYTES)


def most_cells() -> int:
    """Give how many rows × columns of an alignment a model reads at once."""
    return read_number(CELLS_VARIABLE, DEFAULT_CELLS)


def most_kept() -> int:
    """Give how many bytes of files are kept over all visitors."""
    return MOST_FILES * largest_file() * 1024**2
