"""Tokens of several residues, as ProtGPT2 reads: against transformers' own tokens and loops."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from precompute.chain import Chain
from precompute.command_line import main
from precompute.contacts.maps import PairMaps
from precompute.examples import load_example
from precompute.features import OFFSET_FEATURES
from precompute.labels import FeatureSet, background_counts
from precompute.measure import collect_items, measure_items
from precompute.models import MODELS
from precompute.models.adapter import Adapter, Encoding
from precompute.models.joined import Spread
from precompute.models.loading import Checkpoint
from precompute.models.weights import Weights
from precompute.run_row import TOKENS
from precompute.tables import (
    BACKGROUND,
    HEAD_COUNTS,
    HEAD_SHAPE,
    SPECIAL_ATTENTION,
    list_runs,
    read_table,
)
from precompute.tally import THRESHOLDS
from precompute.windows import window_starts
from tests import naive
from tests.chains import records_of, write_lmdb
from tests.checkpoints import (
    eager_attention,
    make_checkpoint,
    shown_attention,
    train_joined,
)
from tests.joined import slow_attention, tokens_of
from tests.precompute.test_head_shape import assert_sums, rows_of, sums_of
from tests.precompute.test_windows import best_window

CPU = torch.device("cpu")
SHAPE = {"layers": 2, "heads": 4, "width": 32, "sharpness": 15}
WINDOW = 70


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint(tmp_path_factory.mktemp("protgpt2"), "protgpt2", **SHAPE)


def loaded(folder: Path) -> Adapter:
    return Checkpoint(MODELS["protgpt2"], Weights(folder, "test")).load()


@pytest.mark.parametrize("number_type", [torch.float32, torch.bfloat16])
def test_attention_of_residues_is_that_of_a_plain_eager_pass_spread_in_loops(
    folder: Path, number_type: torch.dtype
) -> None:
    sequence = load_example("1MVO").longest.sequence[:130] + "XUZOB"
    adapter = loaded(folder)
    expected, residues = slow_attention(folder, sequence)
    adapter.to(CPU, number_type)
    shown = shown_attention(adapter, sequence)
    there = np.flatnonzero(adapter.encode(sequence).residues >= 0)
    between = shown[:, :, there][:, :, :, there]
    rows = shown.sum(-1)
    if number_type == torch.float32:
        assert torch.equal(between, torch.from_numpy(expected))
        torch.testing.assert_close(rows, torch.ones_like(rows))
    else:
        assert shown.dtype == torch.float32  # a third is none of bfloat16's numbers
        torch.testing.assert_close(rows, torch.ones_like(rows), atol=0.02, rtol=0)
    token = np.repeat(np.arange(len(residues)), [len(own) for own in residues])
    behind = token[:, None] < token
    assert float(between.numpy()[:, :, behind].max()) == 0
    ahead = ~behind & np.triu(np.ones_like(behind), 1).astype(bool)
    assert ahead.sum() > 50
    assert (between.numpy()[:, :, ahead].max((0, 1)) > 0).all()


@st.composite
def segmented(draw: st.DrawFn) -> list[list[int]]:
    """Sizes of the tokens of some sequences; 0 is a special token."""
    return draw(
        st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=9), min_size=1, max_size=3)
    )


def encoding_of(sizes: list[int]) -> Encoding:
    residues, pieces, place = [], [], 0
    for number, size in enumerate(sizes):
        residues += list(range(place, place + size)) or [-1]
        pieces += [number] * max(size, 1)
        place += size
    tokens = np.array(pieces) + 7
    return Encoding(tokens, np.array(residues), pieces=np.array(pieces))


@settings(max_examples=60, deadline=None)
@given(segmented(), st.integers(0, 5))
def test_any_batch_is_spread_as_loops_spread_it(batch: list[list[int]], seed: int) -> None:
    encodings = [encoding_of(sizes) for sizes in batch]
    longest = max(map(len, batch))
    random = np.random.default_rng(seed)
    attention = random.random((len(batch), 2, longest, longest)).astype(np.float32)
    for own, sizes in zip(attention, batch, strict=True):
        own[:, :, len(sizes) :] = 0  # padding
        own /= own.sum(-1, keepdims=True)
    vectors = random.random((len(batch), longest, 3)).astype(np.float32)
    spread = Spread.of(encodings)
    if spread is None:
        assert all(size < 2 for sizes in batch for size in sizes)
        return
    shown: list[torch.Tensor] = []
    spread.attention(lambda _, one: shown.append(one))(0, torch.from_numpy(attention))
    spread.vectors(lambda _, one: shown.append(one))(0, torch.from_numpy(vectors))
    found, moved = (one.numpy() for one in shown)
    assert found.shape[2] == max(map(len, encodings))
    for row, (sizes, encoding) in enumerate(zip(batch, encodings, strict=True)):
        places = len(encoding)
        pieces = encoding.pieces
        assert pieces is not None
        assert spread.encodings[row].tokens.tolist() == [7 + one for one in range(len(sizes))]
        assert (found[row, :, :, places:] == 0).all()
        for i in range(places):
            assert (moved[row, i] == vectors[row, pieces[i]]).all()
            for j in range(places):
                share = attention[row, :, pieces[i], pieces[j]] / np.float32(
                    max(sizes[pieces[j]], 1)
                )
                assert (found[row, :, i, j] == share).all()
        # Summed over the attended and averaged over those that attend, tokens are what they were.
        to = np.zeros((2, places, len(sizes)))
        for j in range(places):
            to[:, :, pieces[j]] += found[row, :, :places, j]
        for token in range(len(sizes)):
            back = to[:, pieces == token].mean(1)
            np.testing.assert_allclose(back, attention[row, :, token, : len(sizes)], rtol=1e-5)


def test_tokens_of_one_residue_are_handed_on_as_they_are(tmp_path: Path) -> None:
    folder = make_checkpoint(tmp_path, "protgpt2", **SHAPE, vocab_size=257)
    train_joined(folder, 0)
    sequence = load_example("1MVO").longest.sequence
    adapter = loaded(folder)
    encoding = adapter.encode(sequence)
    assert Spread.of([encoding]) is None
    shown = shown_attention(adapter, sequence)
    assert torch.equal(shown, eager_attention(folder, "GPT2Model", encoding.tokens.tolist()))
    assert torch.equal(shown, shown.tril())
    features = Checkpoint(MODELS["protgpt2"], Weights(folder, "test")).feature_set(OFFSET_FEATURES)
    chain = Chain("one", sequence)
    alone = FeatureSet(OFFSET_FEATURES, causal=True)
    assert (features.attended_states(chain) == alone.attended_states(chain)).all()


def test_a_batch_is_read_as_one_after_another(folder: Path) -> None:
    adapter = loaded(folder)
    whole = load_example("1MVO").longest.sequence
    sequences = [whole, "LE" * 20, whole[7:90], "M", "W" * 61]
    encodings = [adapter.encode(sequence) for sequence in sequences]
    together: list[torch.Tensor] = []
    adapter.attend(encodings, lambda _, shown: together.append(shown.clone()))
    for row, (sequence, encoding) in enumerate(zip(sequences, encodings, strict=True)):
        places = len(encoding)
        found = torch.stack([layer[row] for layer in together])
        assert not found[:, :, :places, places:].any()
        alone = shown_attention(adapter, sequence)
        torch.testing.assert_close(found[:, :, :places, :places], alone, atol=2e-5, rtol=1e-3)


def windows_of(sequence: str, window: int | None) -> list[tuple[int, str]]:
    starts = window_starts(len(sequence), window)
    return [(start, sequence[start : start + (window or len(sequence))]) for start in starts]


@pytest.mark.parametrize("dataset", ["proteinnet", "binding_sites", "secondary_structure"])
@pytest.mark.parametrize("window", [None, WINDOW])
def test_a_run_counts_what_loops_count(
    dataset: str, window: int | None, folder: Path, tmp_path: Path
) -> None:
    records = records_of(dataset)[:3]
    data = write_lmdb(tmp_path / "data.lmdb", records)
    out = tmp_path / "out"
    arguments = ["run", "--model", "protgpt2", "--weights", str(folder), "--quiet"]
    arguments += ["--dataset", dataset, "--data", str(data), "--out", str(out)]
    if window is not None:
        arguments += ["--windows", "--max-length", str(window + 2)]
    assert main(arguments) == 0
    run = list_runs(out).iloc[0]
    notes = json.loads(run["notes"])
    assert "shared evenly among its residues" in notes["attention"]

    arcs, eligible, hits = (Counter[Any]() for _ in range(3))
    positives, pairs = Counter[str](), Counter[str]()
    special, tokens = 0.0, 0
    for record in records:
        sequence = record["primary"]
        size = len(sequence)
        parts = windows_of(sequence, window)
        read = [slow_attention(folder, part) for _, part in parts]
        tokens += sum(1 for _, residues in read for own in residues if own)
        starts = [start for start, _ in parts]
        attention = np.zeros((SHAPE["layers"], SHAPE["heads"], size, size), np.float32)
        for i in range(size):
            for j in range(size):
                own = best_window(i, j, starts, window or size)
                if own is None:
                    continue
                part, residues = read[own]
                at = i - starts[own], j - starts[own]
                attention[:, :, i, j] = part[:, :, at[0], at[1]]
                of = {one: token for token, sides in enumerate(residues) for one in sides}
                if of[at[1]] <= of[at[0]]:
                    has, may = naive.properties(record, i, j)
                    pairs.update(may)
                    positives.update(has)
            own = best_window(i, i, starts, window or size)
            assert own is not None
            to_residues = read[own][0][:, :, i - starts[own]].sum(dtype=np.float64)
            special += SHAPE["layers"] * SHAPE["heads"] - to_residues
        for whole, part in zip(
            (arcs, eligible, hits), naive.count(attention, record, THRESHOLDS), strict=True
        ):
            whole.update(part)
    assert sum(arcs.values()) > 1000
    for row in read_table(out, HEAD_COUNTS, run=run["run"]).itertuples():
        where = (row.threshold, row.layer, row.head)
        assert row.arcs == arcs["", *where]
        assert row.hits == hits[row.feature, *where]
        assert row.eligible == eligible[row.feature.partition(":")[0], *where]
    assert any(where[0] == "offset:+1" and count for where, count in hits.items())
    background = read_table(out, BACKGROUND, run=run["run"])
    corrected = background[background["definition"] == "corrected"].set_index("feature")
    of_pairs = [name for name in corrected.index if name.startswith(("contact", "offset"))]
    assert len(of_pairs) > 20
    for name in of_pairs:
        assert corrected.loc[name, "positives"] == positives[name]
        assert corrected.loc[name, "eligible"] == pairs[name.partition(":")[0]] > 0
    assert positives["offset:+1"] > 0
    given_away = read_table(out, SPECIAL_ATTENTION, run=run["run"])["weight"].sum()
    assert given_away == pytest.approx(special, abs=2e-2)
    assert f"; {tokens:,} tokens" in notes[TOKENS]


def test_what_heads_are_like_is_summed_over_residues(folder: Path, tmp_path: Path) -> None:
    records = records_of("proteinnet")[:2]
    data = write_lmdb(tmp_path / "data.lmdb", records)
    out = tmp_path / "out"
    arguments = ["run", "--model", "protgpt2", "--weights", str(folder), "--quiet"]
    arguments += ["--dataset", "proteinnet", "--data", str(data), "--out", str(out)]
    assert main(arguments) == 0
    adapter = loaded(folder)
    sums = []
    for record in records:
        residues = adapter.encode(record["primary"]).residues
        attention = shown_attention(adapter, record["primary"]).numpy()
        sums.append(sums_of(rows_of(attention, residues), SHAPE["layers"], SHAPE["heads"]))
    total = sum(len(record["primary"]) for record in records)
    assert_sums(read_table(out, HEAD_SHAPE, run=list_runs(out)["run"].item()), sum(sums), total)


def test_batches_count_as_single_proteins_do(folder: Path) -> None:
    checkpoint = Checkpoint(MODELS["protgpt2"], Weights(folder, "test"))
    adapter = checkpoint.load()
    letters = load_example("1MHW").longest.sequence * 2
    chains = [Chain(f"{n}", letters[n : n + size]) for n, size in enumerate((200, 140, 60, 61, 90))]
    features = [checkpoint.feature_set(OFFSET_FEATURES)]
    items = collect_items([chains])
    found = [
        measure_items(adapter, items, features, CPU, tokens, lambda _: None, print)[0][0]
        for tokens in (0, 500)
    ]
    # Sums in another order may cross a threshold here and there.
    torch.testing.assert_close(found[0].arcs, found[1].arcs, atol=2, rtol=0)
    assert found[0].arcs.sum() > 1000
    torch.testing.assert_close(found[0].special, found[1].special, atol=500, rtol=1e-4)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 6), min_size=1, max_size=30), st.integers(4, 30), st.booleans())
def test_pairs_that_are_attended_to(sizes: list[int], window: int, windowed: bool) -> None:
    """Against loops, where tokens begin anew in each window."""
    sequence = "ACDEFGHIKLMNPQRSTVWY" * 9
    sequence = sequence[: sum(sizes)]
    numbers = np.repeat(np.arange(len(sizes)), sizes)

    def token_of(part: str) -> np.ndarray:
        return numbers[: len(part)]

    features = FeatureSet(OFFSET_FEATURES, True, window if windowed else None, token_of)
    _, eligible = background_counts([Chain("one", sequence)], features)
    positives, _ = background_counts([Chain("one", sequence)], features)
    starts = window_starts(len(sequence), window if windowed else None)
    expected: Counter[str] = Counter()
    count = 0
    for i in range(len(sequence)):
        for j in range(len(sequence)):
            own = best_window(i, j, starts, window if windowed else len(sequence))
            if own is None or numbers[j - starts[own]] > numbers[i - starts[own]]:
                continue
            count += 1
            far = abs(i - j) > 10
            expected["offset:far" if far else f"offset:{j - i:+d}".replace("+0", "0")] += 1
    assert set(eligible.tolist()) == {count}
    assert dict(zip(OFFSET_FEATURES, positives.tolist(), strict=True)) == {
        name: expected[name] for name in OFFSET_FEATURES
    }


def test_a_residue_has_the_vector_of_its_token(folder: Path) -> None:
    from transformers import GPT2Model

    sequence = load_example("1MVO").longest.sequence[:100]
    ids, _ = tokens_of(folder, sequence)
    with torch.no_grad():
        network = GPT2Model.from_pretrained(folder, attn_implementation="eager")
        hidden = network(torch.tensor([ids]), output_hidden_states=True).hidden_states[1:]
    adapter = loaded(folder)
    encoding = adapter.encode(sequence)
    shown: list[torch.Tensor] = []
    adapter.represent([encoding], lambda _, vectors: shown.append(vectors[0].clone()))
    assert len(shown) == SHAPE["layers"]
    for found, expected in zip(shown, hidden, strict=True):
        torch.testing.assert_close(found, expected[0, encoding.pieces], atol=1e-6, rtol=1e-5)


def test_attention_is_known_to_be_causal(folder: Path) -> None:
    adapter = loaded(folder)
    encoding = adapter.encode(load_example("1MVO").longest.sequence)
    none = np.zeros(0, dtype=np.int64)
    maps = PairMaps(encoding, none, none, None, np.zeros((0, 8), np.float32), CPU)
    adapter.attend([encoding], maps.take)
    assert maps.causal
