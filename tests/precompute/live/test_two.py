"""Two proteins as one input: what is kept of it, against transformers and against plain loops."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from precompute.live.running.attention import FLOOR, SCALE, SparseAttention
from precompute.live.running.read_two import attend_two, pair_notes
from precompute.live.running.two import LINKER, Two, encode_two
from precompute.models import MODELS, WITHOUT_ATTENTION
from precompute.models.adapter import Adapter
from precompute.models.loading import Checkpoint
from precompute.models.weights import Weights
from precompute.protein_pairs.cutting import cut_pair
from precompute.protein_pairs.item import Pair
from precompute.protein_pairs.tally import MEASURES, BatchLayout
from tests import plus_checkpoints
from tests.checkpoints import eager_attention, make_checkpoint

FIRST = "MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQ"
SECOND = "GDGTQDNLSGAEKAVQVKVKALPDAQ"
TWO = Two(FIRST, SECOND)


def loaded(folder: Path, name: str) -> Adapter:
    return Checkpoint(MODELS[name], Weights(folder, "test")).load()


def dense(attention: SparseAttention, layer: int, head: int) -> np.ndarray:
    """What was kept of a head, shape (residues, residues)."""
    found = np.zeros((attention.residues, attention.residues))
    arcs = attention.head(layer, head)
    found[arcs.source, arcs.target] = arcs.weight / SCALE
    return found


def test_a_pairs_maps_are_those_of_a_plain_forward_pass(tmp_path: Path) -> None:
    folder = make_checkpoint(tmp_path / "model", "prot_bert")
    attention = attend_two(loaded(folder, "prot_bert"), TWO)
    tokens = (folder / "vocab.txt").read_text().split()
    row = ["[CLS]", *FIRST, "[SEP]", *SECOND, "[SEP]"]
    segments = [0] * (len(FIRST) + 2) + [1] * (len(SECOND) + 1)
    ids = [tokens.index(token) for token in row]
    eager = eager_attention(folder, "BertModel", ids, segments).double().numpy()
    places = [*range(1, len(FIRST) + 1), *range(len(FIRST) + 2, len(row) - 1)]
    assert attention.together is not None
    for layer, heads in enumerate(eager):
        for head, whole in enumerate(heads):
            own = whole[np.ix_(places, places)]
            expected = np.where(own >= FLOOR, own, 0)
            assert (expected > 0).sum() > 20
            np.testing.assert_allclose(dense(attention, layer + 1, head + 1), expected, atol=3e-5)
            first, second = slice(1, len(FIRST) + 1), slice(len(FIRST) + 2, len(row) - 1)
            special = [0, len(FIRST) + 1, len(row) - 1]
            given = attention.together.given[layer, head]
            for number, rows in enumerate((first, second)):
                ends = (whole[rows, first], whole[rows, second], whole[rows][:, special])
                sums = [own.sum() / (rows.stop - rows.start) for own in ends]
                np.testing.assert_allclose(given[number], sums, atol=1e-6)
    # Quadrants and special tokens are all there is.
    np.testing.assert_allclose(attention.together.given.sum(-1), 1, atol=1e-5)


@pytest.mark.parametrize("name", ["tape_bert", "prot_albert", "plus_tfm"])
def test_shares_are_those_that_a_run_over_pairs_measures(tmp_path: Path, name: str) -> None:
    if name == "plus_tfm":
        adapter: Adapter = plus_checkpoints.load(plus_checkpoints.write_published(tmp_path))
    else:
        adapter = loaded(make_checkpoint(tmp_path, name, width=48), name)
    attention = attend_two(adapter, TWO)
    together = attention.together
    assert together is not None
    pair = Pair(0, ("a", "b"), FIRST, SECOND, (0, 0), "one family")
    encoding = adapter.encode_pair(FIRST, SECOND)
    layout = BatchLayout([pair], [encoding], torch.device("cpu"))
    layers = []
    answer = adapter.attend_pairs([encoding], lambda _, own: layers.append(layout.shares(own)))
    crossing, special = together.crossing(), together.special()
    for layer, own in enumerate(layers):
        shares = (own.part / own.whole)[0].numpy()
        names = list(MEASURES)
        np.testing.assert_allclose(
            crossing[layer].T,
            shares[[names.index("first_to_second"), names.index("second_to_first")]],
            atol=1e-6,
        )
        np.testing.assert_allclose(
            attention.special[layer], shares[names.index("special")], atol=1e-6
        )
    assert special.shape == crossing.shape
    told = None if answer.same_family is None else answer.same_family[0]
    assert (told is None) == (name != "plus_tfm")
    assert together.same_family == told


def test_a_linker_stands_in_no_number(tmp_path: Path) -> None:
    adapter = loaded(make_checkpoint(tmp_path, "esm2_t6_8m"), "esm2_t6_8m")
    attention = attend_two(adapter, Two(FIRST, SECOND, LINKER))
    together = attention.together
    assert together is not None
    sequence = FIRST + LINKER + SECOND
    assert len(sequence) - len(FIRST) - len(SECOND) == 25
    whole: list[np.ndarray] = []
    adapter.attend([adapter.encode(sequence)], lambda _, own: whole.append(own[0].numpy().copy()))
    places = [1 + at for at in range(len(sequence)) if not 0 <= at - len(FIRST) < 25]
    special = [0, len(sequence) + 1]
    count = len(FIRST) + len(SECOND)
    assert attention.residues == count == len(places)
    for layer, heads in enumerate(whole):
        for head, own in enumerate(heads):
            expected = np.zeros((count, count))
            received = np.zeros(count)
            given = np.zeros((2, 3))
            for i, row in enumerate(places):
                mine = int(i >= len(FIRST))
                for j, column in enumerate(places):
                    received[j] += own[row, column]
                    given[mine, int(j >= len(FIRST))] += own[row, column]
                    if own[row, column] >= np.float32(FLOOR):
                        expected[i, j] = own[row, column]
                given[mine, 2] += own[row, special].sum()
            np.testing.assert_allclose(dense(attention, layer + 1, head + 1), expected, atol=3e-5)
            np.testing.assert_allclose(attention.received[layer, head], received, atol=1e-5)
            share = given[:, 2].sum() / given.sum()
            assert attention.special[layer, head] == pytest.approx(share, abs=1e-5)
            # The linker takes attention, and none of it is in a share.
            assert given.sum() < count - 0.5
            np.testing.assert_allclose(
                together.special()[layer, head], given[:, 2] / given.sum(1), atol=1e-5
            )
            np.testing.assert_allclose(
                together.crossing()[layer, head],
                [
                    given[0, 1] / given[0, :2].sum(),
                    given[1, 0] / given[1, :2].sum(),
                ],
                atol=1e-5,
            )


@pytest.mark.parametrize("linker", ["", LINKER])
def test_too_long_a_pair_is_cut_as_a_run_cuts_it(tmp_path: Path, linker: str) -> None:
    name = "esm2_t6_8m" if linker else "prot_bert"
    room = 75 if linker else 40
    adapter = loaded(make_checkpoint(tmp_path, name, max_position_embeddings=room), name)
    two = Two(FIRST, SECOND, linker)
    assert adapter.max_tokens is not None
    most = adapter.max_tokens - (2 + 25 if linker else 3)
    first, second = cut_pair(len(FIRST), len(SECOND), most)
    assert first < len(FIRST)
    assert first + second == most
    encoding = encode_two(adapter, two)
    assert len(encoding) == adapter.max_tokens
    read = sorted(encoding.residues[encoding.residues >= 0].tolist())
    assert read == [*range(first), *range(len(FIRST), len(FIRST) + second)]
    attention = attend_two(adapter, two)
    assert np.flatnonzero(attention.read).tolist() == read
    whole = attend_two(adapter, Two(FIRST[:first], SECOND[:second], linker))
    assert whole.weight.tolist() == attention.weight.tolist()
    said = " ".join(pair_notes(MODELS[name], two, attention))
    assert f"by {len(FIRST) - first} of the first" in said
    assert ("25 glycines" in said) == bool(linker)
    # A server may read less than the model does.
    less = attend_two(adapter, two, longest=20).read
    assert less[: len(FIRST)].sum() == less[len(FIRST) :].sum() == 10


def test_plus_rnn_gives_its_alignment_and_no_attention(tmp_path: Path) -> None:
    folder = plus_checkpoints.write_rnn(tmp_path)
    adapter = plus_checkpoints.checkpoint(folder, "plus_rnn_base").load()
    attention = attend_two(adapter, TWO)
    expected = adapter.attend_pairs([adapter.encode_pair(FIRST, SECOND)], None)
    assert attention.heads == 0
    together = attention.together
    assert together is not None
    assert together.alignment is not None
    assert expected.alignments is not None
    assert expected.same_family is not None
    np.testing.assert_allclose(together.alignment, expected.alignments[0], atol=1e-7)
    assert together.alignment.shape == (len(FIRST), len(SECOND))
    assert together.same_family == expected.same_family[0]
    assert attention.nbytes >= together.alignment.nbytes
    (told,) = pair_notes(WITHOUT_ATTENTION["plus_rnn_base"], TWO, attention)
    assert told.startswith("PLUS-RNN base holds the two for one family with a probability of 0.")
