"""A property that vectors hold is found where they hold it; shuffled labels are not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from precompute.errors import AtlasError
from precompute.probes.gather import Probing
from precompute.probes.own_labels import read_labels
from precompute.probes.run import probe_model
from precompute.progress import Progress
from precompute.settings import Settings
from precompute.tables import PROBE_RUNS, known_runs
from tests.precompute.probes.planted import (
    FIRST,
    make_chains,
    make_sample,
    probe_labels,
    write_labels,
    write_neighbours,
)
from tests.precompute.probes.window import WindowAdapter, WindowCheckpoint


@pytest.fixture
def checkpoint(tmp_path: Path) -> WindowCheckpoint:
    return WindowCheckpoint.of(tmp_path / "weights")


def test_what_stands_before_a_residue_is_found_in_the_layer_that_holds_it(
    checkpoint: WindowCheckpoint, tmp_path: Path
) -> None:
    chains = make_chains()
    write_neighbours(tmp_path / "own.csv", chains)
    found = probe_labels(checkpoint, make_sample(chains), tmp_path)
    assert found["embeddings", 2, "none"] > 0.99
    assert abs(found["embeddings", 1, "none"] - 0.5) < 0.06, "the residue itself does not tell"
    for layer in (1, 2):
        assert abs(found["embeddings", layer, "shuffled"] - 0.5) < 0.06


def test_what_amino_acids_tell_the_control_tells_too(
    checkpoint: WindowCheckpoint, tmp_path: Path
) -> None:
    """A property of the residue itself is no sign of what a layer has learnt."""
    chains = make_chains()
    labels = [["a" if letter in FIRST else "b" for letter in c.sequence] for c in chains]
    write_labels(tmp_path / "own.csv", chains, labels)
    found = probe_labels(checkpoint, make_sample(chains), tmp_path)
    assert min(found.values()) > 0.99


def test_labels_drawn_at_random_are_not_found(checkpoint: WindowCheckpoint, tmp_path: Path) -> None:
    chains = make_chains()
    generator = np.random.default_rng(2)
    labels = [generator.choice(["a", "b", "c"], len(chain)).tolist() for chain in chains]
    write_labels(tmp_path / "own.csv", chains, labels)
    found = probe_labels(checkpoint, make_sample(chains), tmp_path)
    assert max(found.values()) < 1 / 3 + 0.06


def test_attention_of_a_model_without_is_one_sentence(
    checkpoint: WindowCheckpoint, tmp_path: Path
) -> None:
    chains = make_chains()
    write_labels(tmp_path / "own.csv", chains, [["a", *"b" * (len(chain) - 1)] for chain in chains])
    with pytest.raises(AtlasError, match=r"^window has no attention to probe: give --source emb"):
        probe_labels(checkpoint, make_sample(chains), tmp_path, sources=("attention",))


def test_a_residue_that_the_longest_input_cuts_off_may_have_a_label(
    checkpoint: WindowCheckpoint, tmp_path: Path
) -> None:
    chains = make_chains()
    write_labels(tmp_path / "own.csv", chains, [["a", *"b" * (len(chain) - 1)] for chain in chains])
    out = str(tmp_path / "out")
    probing = Probing(labels=read_labels(tmp_path / "own.csv"))
    settings = Settings(max_length=52)
    probe_model(checkpoint, make_sample(chains), probing, settings, out, "", Progress(quiet=True))
    assert known_runs(out, PROBE_RUNS)["residues"].item() == 40 * 50


def test_a_chain_that_the_model_cannot_read_may_have_labels(
    checkpoint: WindowCheckpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chains = make_chains()
    write_labels(tmp_path / "own.csv", chains, [["a", *"b" * (len(c) - 1)] for c in chains])
    unread = chains[3].sequence
    monkeypatch.setattr(WindowAdapter, "reads", lambda _, sequence: sequence != unread)
    some = replace(checkpoint, model=replace(checkpoint.model, reads_any=False))
    probe_labels(some, make_sample(chains), tmp_path)
    assert known_runs(tmp_path / "out", PROBE_RUNS)["proteins"].item() == len(chains) - 1
