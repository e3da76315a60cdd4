"""The chains that are measured: real ones, and made ones of any length."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from precompute.chain import Chain
from precompute.datasets import DATASETS
from precompute.examples import load_example
from tests.chains import write_lmdb

EXAMPLES = ("2D1L", "1MHW", "2FP7", "1MVO")
"""Shipped examples whose longest chains have 249, 174, 147 and 121 residues."""

LETTERS = list("ACDEFGHIKLMNPQRSTVWY")


def real_chains(data: Path | None, count: int) -> list[Chain]:
    """Take real chains with known structure.

    Parameters
    ----------
    data
        A ProteinNet file in TAPE's layout, of which the first chains of 150 to 300
        residues are taken; without one the shipped examples, the longest first.
    count
        The most to take.
    """
    if data is None:
        return [load_example(name).engine_chain() for name in EXAMPLES[:count]]
    with DATASETS["proteinnet"].open(data) as chains:
        fitting = (c for number in range(len(chains)) if 150 <= len(c := chains[number]) <= 300)
        return [chain for chain, _ in zip(fitting, range(count), strict=False)]


def made_chain(residues: int, seed: int = 0) -> Chain:
    """Make a chain with every label: random letters, a random walk, random classes."""
    random = np.random.default_rng(seed)
    return Chain(
        f"made-{residues}-{seed}",
        "".join(random.choice(LETTERS, residues)),
        alpha_carbons=_folded_walk(random, residues),
        resolved=np.ones(residues, dtype=bool),
        secondary_structure=random.integers(0, 4, residues),
        binding_site=random.random(residues) < 0.05,
        modification=random.random(residues) < 0.01,
    )


def _folded_walk(random: np.random.Generator, residues: int) -> np.ndarray:
    """Walk in steps of 3.8 Å, held about as tightly as a protein, so that there are contacts."""
    radius = 2.2 * residues**0.38
    places = np.zeros((residues, 3))
    for place in range(1, residues):
        step = random.normal(size=3) - 3.3 * places[place - 1] / radius**2
        places[place] = places[place - 1] + 3.8 * step / np.linalg.norm(step)
    return places


def write_chains(path: Path, lengths: Sequence[int]) -> None:
    """Write made chains as ProteinNet in TAPE's layout."""
    records = []
    for number, length in enumerate(lengths):
        chain = made_chain(length, seed=number)
        assert chain.alpha_carbons is not None
        records.append(
            {
                "id": chain.identifier.encode(),
                "primary": chain.sequence,
                "tertiary": chain.alpha_carbons.astype(np.float32),
                "valid_mask": chain.resolved,
                "protein_length": len(chain),
            }
        )
    write_lmdb(path, records)
