"""Live under models that read one way, with tokens of one residue or of several."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest

from precompute.attention.maps_file import group_name
from precompute.chain import Chain
from precompute.command_line import main
from precompute.errors import AtlasError
from precompute.examples import load_example
from precompute.features import OFFSET_FEATURES
from precompute.labels import FeatureSet, background_counts
from precompute.live.arcs import background, heads_by_feature
from precompute.live.running.attention import SCALE, SparseAttention, attend
from precompute.live.running.named import offer_folder
from precompute.live.running.read_two import attend_two
from precompute.live.running.together import attend_together
from precompute.live.running.two import LINKER, Two
from precompute.live.running.worker import reading_notes
from precompute.models import MODELS
from precompute.models.adapter import Adapter
from precompute.models.loading import Checkpoint
from precompute.models.weights import Weights
from tests.checkpoints import make_checkpoint
from tests.joined import slow_attention
from tests.precompute.test_windows import best_window

SEQUENCE = load_example("1MHW").longest.sequence[:150]
SHAPE = {"heads": 4, "width": 32, "sharpness": 15}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint(tmp_path_factory.mktemp("protgpt2"), "protgpt2", **SHAPE)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("small")
    return make_checkpoint(place, "protgpt2", **SHAPE, n_positions=80)


def loaded(folder: Path, model: str = "protgpt2") -> Adapter:
    return Checkpoint(MODELS[model], Weights(folder, "test")).load()


def labelled(sequence: str) -> Chain:
    steps = np.random.default_rng(0).normal(size=(len(sequence), 3))
    places = np.cumsum(steps, axis=0) * 2
    return Chain("x", sequence, alpha_carbons=places, resolved=np.ones(len(sequence), dtype=bool))


def assert_kept(found: SparseAttention, whole: np.ndarray) -> None:
    kept = 0
    for layer, head in np.ndindex(whole.shape[:2]):
        arcs = found.head(layer + 1, head + 1)
        rows, columns = np.nonzero(whole[layer, head] >= np.float32(found.floor))
        assert (arcs.source.tolist(), arcs.target.tolist()) == (rows.tolist(), columns.tolist())
        expected = whole[layer, head, rows, columns]
        np.testing.assert_allclose(arcs.weight / SCALE, expected, atol=1 / SCALE)
        kept += len(rows)
    assert kept > 1000
    np.testing.assert_allclose(found.received, whole.sum(axis=2), atol=1e-4)
    given = whole.sum((2, 3)) / whole.shape[2]
    np.testing.assert_allclose(found.special, 1 - given, atol=1e-4)


def test_a_protein_is_read_as_loops_read_it(folder: Path) -> None:
    adapter = loaded(folder)
    found = attend(adapter, SEQUENCE)
    whole, residues = slow_attention(folder, SEQUENCE)
    assert_kept(found, whole)
    own = [token for token, sides in enumerate(residues) for _ in sides]
    assert found.tokens is not None
    assert found.tokens[0].tolist() == own
    (note,) = reading_notes(adapter, SEQUENCE, found)
    sizes = [len(sides) for sides in residues if sides]
    assert f"tokens of {len(SEQUENCE) / len(sizes):.1f} residues on average" in note
    assert f"at most {max(sizes)}: a residue" in note


def test_a_longer_chain_is_read_in_windows_of_their_own_tokens(small: Path) -> None:
    adapter = loaded(small)
    found = attend(adapter, SEQUENCE, windows=True)
    window = found.window
    assert window == 80 - adapter.special_tokens == 75
    starts = [0, 37, 74, 75]
    parts = [slow_attention(small, SEQUENCE[start : start + window]) for start in starts]
    size = len(SEQUENCE)
    whole = np.zeros((2, 4, size, size), dtype=np.float32)
    for i, j in np.ndindex(size, size):
        own = best_window(i, j, starts, window)
        if own is not None:
            whole[:, :, i, j] = parts[own][0][:, :, i - starts[own], j - starts[own]]
    kept = found.head(1, 1)
    assert (whole[0, 0, kept.source, kept.target] >= np.float32(found.floor)).all()
    np.testing.assert_allclose(found.received, whole.sum(axis=2), atol=1e-4)
    with pytest.raises(AtlasError, match="has 150 residues, and this model reads at most 75"):
        attend(adapter, SEQUENCE)
    assert attend(adapter, SEQUENCE[:75]).window is None
    with pytest.raises(AtlasError, match="has 76 residues, and this model reads at most 75"):
        attend(adapter, SEQUENCE[:76])


@pytest.mark.parametrize("model", ["protgpt2", "zymctrl"])
@pytest.mark.parametrize("positions", [1024, 80])
def test_the_background_is_that_of_a_run(model: str, positions: int, tmp_path: Path) -> None:
    """Nothing ahead is in it, but within a token."""
    folder = make_checkpoint(tmp_path, model, **SHAPE, n_positions=positions)
    checkpoint = Checkpoint(MODELS[model], Weights(folder, "test"))
    found = replace(attend(checkpoint.load(), SEQUENCE, windows=True), causal=True)
    assert (found.window is None) == (positions == 1024)
    chain = labelled(SEQUENCE)
    for feature in ("contact", "offset:-2", "offset:0", "offset:+2", "amino_acid:A"):
        features = checkpoint.feature_set((feature,), found.window)
        (positives,), (eligible,) = background_counts([chain], features)
        expected = 100 * positives / eligible if eligible else np.nan
        np.testing.assert_allclose(background(chain, feature, found), expected)
        frame = heads_by_feature(found, chain, feature, 0.02)
        if model == "zymctrl" and feature == "offset:+2":
            assert np.isnan(expected)
            assert frame["eligible"].max() == 0
        else:
            assert frame["eligible"].max() > 0
    both = FeatureSet(OFFSET_FEATURES)
    assert len(both.attended_states(chain)) == len(SEQUENCE) ** 2


def test_two_chains_with_a_linker(folder: Path) -> None:
    adapter = loaded(folder)
    two = Two(SEQUENCE[:60], SEQUENCE[60:130], LINKER)
    found = attend_two(adapter, two)
    whole, residues = slow_attention(folder, two.first + LINKER + two.second)
    kept = [*range(60), *range(85, 155)]
    whole = whole[:, :, kept][:, :, :, kept]
    np.testing.assert_allclose(found.received, whole.sum(axis=2), atol=1e-4)
    assert found.tokens is not None
    own = [token for token, sides in enumerate(residues) for _ in sides]
    assert found.tokens[0].tolist() == [own[at] for at in kept]
    assert found.together is not None
    assert not found.together.given[:, :, 0, 1].any()


def test_heads_together_are_refused(folder: Path) -> None:
    with pytest.raises(AtlasError, match="attention is causal"):
        attend_together(loaded(folder), SEQUENCE, [0, 3])


def test_a_folder_of_this_layout_is_offered(folder: Path) -> None:
    """As `ATLAS_MODELS` names it."""
    offer = offer_folder("mine", "", str(folder))
    assert offer.model.architecture == "gpt2"
    assert offer.model.causal


def test_files_of_attention(
    folder: Path, small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proteins = {"one": SEQUENCE[:70], "odd": "ACDEFGHIKLMNPQRSTVWYXUBZO"}
    fasta = tmp_path / "proteins.fasta"
    fasta.write_text("".join(f">{name}\n{letters}\n" for name, letters in proteins.items()))
    maps, arcs = tmp_path / "maps.h5", tmp_path / "arcs.parquet"
    own = ["attention", str(fasta), "--model", "protgpt2", "--weights", str(folder), "--quiet"]
    assert main([*own, "--out", str(maps)]) == 0
    assert main([*own, "--out", str(arcs), "--at-least", "0.05"]) == 0
    frame = pd.read_parquet(arcs)
    with h5py.File(maps) as file:
        for name, letters in proteins.items():
            whole, _ = slow_attention(folder, letters)
            stored = file[group_name(name)]["attention"][:]
            flat = whole.reshape(stored.shape)
            assert (stored == flat.astype(np.float16)).all()
            at = np.argwhere(whole >= np.float32(0.05))
            mine = frame[frame["protein"] == name]
            columns = ["layer", "head", "from", "to"]
            assert (mine[columns].to_numpy() == at + 1).all()
            assert (mine["weight"].to_numpy() == whole[tuple(at.T)]).all()
    capsys.readouterr()
    fasta.write_text(f">long\n{SEQUENCE[:76]}\n")
    own[5] = str(small)
    assert main([*own, "--out", str(tmp_path / "other.h5")]) == 1
    said = capsys.readouterr().err
    assert "long: The sequence has 76 residues, and this model reads at most 75." in said
