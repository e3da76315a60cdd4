"""Small alignments with a known coupling, for the demo model's tests."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np

from precompute.demo.families import GAP_TOKEN, LETTERS, TOKENS, Family

_FIRST = TOKENS.index(LETTERS[0])


def make_family(accession: str, sequences: int, columns: int, seed: int) -> Family:
    """Draw sequences around a random consensus, a fifth of the residues changed, some gaps."""
    generator = np.random.default_rng(seed)
    consensus = generator.integers(_FIRST, len(TOKENS), columns)
    rows = np.tile(consensus, (sequences, 1))
    changed = generator.random(rows.shape) < 0.2
    rows[changed] = generator.integers(_FIRST, len(TOKENS), int(changed.sum()))
    rows[generator.random(rows.shape) < 0.04] = GAP_TOKEN
    rows[0] = consensus
    names = tuple(f"S{number}/1-{columns}" for number in range(sequences))
    return Family(accession, names, rows.astype(np.uint8))


def write_family(family: Family, folder: Path) -> Path:
    """Write a family as gzipped aligned FASTA."""
    lines = []
    for name, row in zip(family.names, family.rows, strict=True):
        lines += [f">{name}", "".join(TOKENS[token] for token in row)]
    path = folder / f"{family.accession}.afa.gz"
    path.write_bytes(gzip.compress("\n".join(lines).encode(), mtime=0))
    return path


def sequence_of(family: Family, number: int) -> str:
    """Write a row without its gaps."""
    return "".join(TOKENS[token] for token in family.rows[number] if token != GAP_TOKEN)
