"""Probes of trained models: what a residue's neighbour is, they hold; shuffled labels, nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from precompute.models.loading import Checkpoint
from tests.precompute.probes.planted import (
    make_chains,
    make_sample,
    probe_labels,
    write_neighbours,
)


@pytest.mark.parametrize("checkpoint", ["esm2", "antiberty"], indirect=True)
def test_a_planted_label_is_found_and_a_shuffled_one_is_not(
    checkpoint: Checkpoint, tmp_path: Path
) -> None:
    chains = make_chains()
    write_neighbours(tmp_path / "own.csv", chains)
    found = probe_labels(checkpoint, make_sample(chains), tmp_path)
    sources = {source for source, _, _ in found}
    assert sources == {"embeddings", "attention"}
    embedded = {key[1:]: value for key, value in found.items() if key[0] == "embeddings"}
    assert max(value for (_, control), value in embedded.items() if control == "none") > 0.7
    for (_, _, control), value in found.items():
        assert control == "none" or abs(value - 0.5) < 0.1
