"""Chains longer than an input, read in overlapping windows: against a loop over all windows."""

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
from precompute.datasets import DATASETS
from precompute.drawn import PAIRS_APART, WINDOWS
from precompute.labels import FeatureSet, background_counts
from precompute.measure import collect_items, measure_items
from precompute.models import MODELS
from precompute.models.adapter import Adapter
from precompute.models.loading import Checkpoint
from precompute.models.weights import Weights
from precompute.tables import BACKGROUND, HEAD_COUNTS, SPECIAL_ATTENTION, list_runs, read_table
from precompute.tally import THRESHOLDS
from precompute.windows import (
    count_pairs_apart,
    counting_window,
    pairs_together,
    window_starts,
)
from tests import naive
from tests.chains import records_of, write_lmdb
from tests.checkpoints import make_checkpoint, shown_attention

CPU = torch.device("cpu")
WINDOW = 40


def loaded(model: str, folder: Path) -> Adapter:
    return Checkpoint(MODELS[model], Weights(folder, "test")).load()


def best_window(i: int, j: int, starts: list[int], window: int) -> int | None:
    """The window in which both stand furthest from an edge, the first of equal ones."""
    found = None
    furthest = -1
    for number, start in enumerate(starts):
        edges = [i - start, start + window - 1 - i, j - start, start + window - 1 - j]
        if min(edges) > furthest:
            found, furthest = number, min(edges)
    return found


def whole_attention(adapter: Adapter, sequence: str, window: int) -> tuple[np.ndarray, float]:
    """Attention put together pair by pair, and the sum of that to special tokens.

    Pairs that stand together in no window have none.
    """
    starts = window_starts(len(sequence), window)
    parts = [shown_attention(adapter, sequence[s : s + window]).numpy() for s in starts]
    size = len(sequence)
    first = adapter.special_tokens - 1
    inside = slice(first, first + window)
    attention = np.zeros((adapter.layers, adapter.heads, size, size), dtype=np.float32)
    special = 0.0
    for i in range(size):
        own = best_window(i, i, starts, window)
        assert own is not None
        row = parts[own][:, :, i - starts[own] + first]
        special += float(row.sum(dtype=np.float64) - row[..., inside].sum(dtype=np.float64))
        for j in range(size):
            chosen = best_window(i, j, starts, window)
            if chosen is not None:
                at = starts[chosen]
                attention[:, :, i, j] = parts[chosen][:, :, i - at + first, j - at + first]
    return attention, special


@settings(max_examples=60)
@given(st.integers(1, 90), st.integers(2, 40))
def test_windows_cover_and_the_right_one_counts(residues: int, window: int) -> None:
    starts = window_starts(residues, window)
    assert starts[0] == 0
    if residues <= window:
        assert starts == [0]
        assert count_pairs_apart(residues, window) == 0
        return
    assert starts[-1] + window == residues
    steps = np.diff(starts)
    assert (steps > 0).all()
    assert (steps <= max(window // 2, 1)).all()
    together = pairs_together(residues, window)
    expected = {
        (i, j): best_window(i, j, starts, window) for i in range(residues) for j in range(residues)
    }
    assert count_pairs_apart(residues, window) == sum(one is None for one in expected.values())
    assert all(together[pair] == (one is not None) for pair, one in expected.items())
    pairs = torch.tensor([pair for pair, one in expected.items() if one is not None])
    found = counting_window(pairs[:, 0], pairs[:, 1], starts, window)
    assert found.tolist() == [one for one in expected.values() if one is not None]


@pytest.mark.parametrize("model", ["prot_bert", "zymctrl", "prot_t5_xl"])
def test_a_run_in_windows_counts_what_a_loop_counts(model: str, tmp_path: Path) -> None:
    folder = make_checkpoint(tmp_path / "weights", model, heads=2, width=16, sharpness=20)
    records = records_of("proteinnet")[:3]
    data = write_lmdb(tmp_path / "data.lmdb", records)
    out = tmp_path / "out"
    arguments = ["run", "--model", model, "--weights", str(folder), "--quiet", "--windows"]
    arguments += ["--dataset", "proteinnet", "--data", str(data), "--out", str(out)]
    assert main([*arguments, "--max-length", str(WINDOW + 2)]) == 0
    run = list_runs(out).iloc[0]
    lengths = [len(record["primary"]) for record in records]
    assert run["residues"] == sum(lengths) > 3 * WINDOW
    apart = sum(count_pairs_apart(length, WINDOW) for length in lengths)
    skipped = json.loads(run["skipped"])
    assert skipped[PAIRS_APART] == apart > 0
    assert skipped["proteins cut to the longest input"] == 0
    assert f"windows of {WINDOW}" in json.loads(run["notes"])[WINDOWS]

    adapter = loaded(model, folder)
    causal = MODELS[model].causal
    arcs, eligible, hits = (Counter[Any]() for _ in range(3))
    pairs, positives, special = Counter[str](), Counter[str](), 0.0
    for record in records:
        sequence = record["primary"]
        attention, given = whole_attention(adapter, sequence, WINDOW)
        special += given
        parts = naive.count(attention, record, THRESHOLDS)
        for whole, part in zip((arcs, eligible, hits), parts, strict=True):
            whole.update(part)
        starts = window_starts(len(sequence), WINDOW)
        for i in range(len(sequence)):
            for j in range(i + 1 if causal else len(sequence)):
                if best_window(i, j, starts, WINDOW) is not None:
                    has, may = naive.properties(record, i, j)
                    pairs.update(group for group in may if group in ("contact", "offset"))
                    positives.update(has)
    assert sum(arcs.values()) > 1000
    for row in read_table(out, HEAD_COUNTS, run=run["run"]).itertuples():
        where = (row.threshold, row.layer, row.head)
        ahead = causal and row.feature.startswith("offset:+")
        assert row.arcs == arcs["", *where]
        assert row.hits == hits[row.feature, *where]
        assert row.eligible == (0 if ahead else eligible[row.feature.partition(":")[0], *where])
    background = read_table(out, BACKGROUND, run=run["run"])
    corrected = background[background["definition"] == "corrected"].set_index("feature")
    for name in ("contact", "offset:-4", "offset:far"):
        assert corrected.loc[name, "positives"] == positives[name] > 0
        assert corrected.loc[name, "eligible"] == pairs[name.partition(":")[0]]
    table = read_table(out, SPECIAL_ATTENTION, run=run["run"])
    assert table["weight"].sum() == pytest.approx(special, abs=1e-3)


def test_windows_change_nothing_where_chains_are_short(tmp_path: Path) -> None:
    """The run is the same one, by its name and its counts."""
    folder = make_checkpoint(tmp_path / "weights", "prot_bert", sharpness=40)
    data = write_lmdb(tmp_path / "data.lmdb", records_of("proteinnet"))
    names = []
    for more in ([], ["--windows"]):
        out = tmp_path / f"out{len(more)}"
        arguments = ["run", "--model", "prot_bert", "--weights", str(folder), "--quiet", *more]
        arguments += ["--dataset", "proteinnet", "--data", str(data), "--out", str(out)]
        assert main(arguments) == 0
        names.append(list_runs(out)["run"].item())
    assert names[0] == names[1]


@pytest.mark.parametrize("together", [0, 1100, 3000])
def test_a_chain_of_2000_residues(together: int, tmp_path: Path) -> None:
    """Every arc of it, whatever number of windows goes through the model at once."""
    random = np.random.default_rng(5)
    sequence = "".join(random.choice(list("ACDEFGHIKLMNPQRSTVWY"), 2000))
    walk = random.normal(size=(2000, 3)) * 2.4
    chain = Chain("long", sequence, np.cumsum(walk, 0), np.ones(2000, dtype=bool))
    adapter = loaded("esm2_t6_8m", make_checkpoint(tmp_path, "esm2_t6_8m", sharpness=40))
    adapter.to(CPU, torch.float64)
    window = 510
    starts = window_starts(2000, window)
    assert len(starts) == 7
    best = np.full((2000, 2000), -1)
    margin = np.full((2000, 2000), -1)
    place = np.arange(2000)
    attention = np.zeros((adapter.layers, adapter.heads, 2000, 2000), dtype=np.float32)
    for number, start in enumerate(starts):
        own = np.minimum(place - start, start + window - 1 - place)
        both = np.minimum(own[:, None], own)
        better = both > margin
        best[better], margin[better] = number, both[better]
    for number, start in enumerate(starts):
        shown = shown_attention(adapter, sequence[start : start + window])[:, :, 1:-1, 1:-1]
        inside = slice(start, start + window)
        mine = best[inside, inside] == number
        attention[:, :, inside, inside] = np.where(
            mine, shown.float().numpy(), attention[:, :, inside, inside]
        )
    features = FeatureSet(DATASETS["proteinnet"].features, window=window)
    items = collect_items([[chain]], window)
    nothing = lambda *_: None  # noqa: E731
    (tally,), _ = measure_items(adapter, items, [features], CPU, together, nothing, nothing)
    contact = chain.contact_states()
    assert contact is not None
    at = features.names.index("contact")
    for level, threshold in enumerate(THRESHOLDS):
        over = attention >= np.float32(threshold)
        assert tally.arcs[..., level].numpy().tolist() == over.sum((2, 3)).tolist()
        for counted, state in ((tally.hits, 1), (tally.eligible, 0)):
            expected = (over & (contact >= state)).sum((2, 3))
            assert counted[:, :, at, level].numpy().tolist() == expected.tolist()
    assert tally.arcs[..., 0].min() > 1000
    assert (tally.proteins <= 1).all()
    positives, eligible = background_counts([chain], features)
    there = (best >= 0) & (contact >= 0)
    assert eligible[at] == there.sum()
    assert positives[at] == (there & (contact == 1)).sum()
    assert count_pairs_apart(2000, window) == (best < 0).sum()


@pytest.mark.parametrize(
    ("model", "more", "sentence"),
    [
        ("esm_msa1b", [], "--windows cuts sequences, and MSA Transformer reads whole alignments"),
        ("demo", [], "--windows cuts sequences, and Demo: 8 families, trained here reads whole"),
        ("demo", ["--max-length", "20"], "--windows cuts sequences"),
        ("prot_bert", ["--max-length", "20"], "give --max-length 32 or more with --windows"),
    ],
)
def test_what_has_no_windows_is_refused(
    model: str, more: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    dataset = "alignments" if model == "esm_msa1b" else "proteinnet"
    arguments = ["run", "--model", model, "--dataset", dataset, "--out", "nowhere", "--windows"]
    assert main([*arguments, *more]) == 1
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1


def test_a_dry_run_says_how_many_windows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_checkpoint(tmp_path / "weights", "prot_bert")
    data = write_lmdb(tmp_path / "data.lmdb", records_of("proteinnet"))
    arguments = ["run", "--model", "prot_bert", "--weights", str(folder), "--windows"]
    arguments += ["--dataset", "proteinnet", "--data", str(data), "--out", str(tmp_path / "out")]
    assert main([*arguments, "--dry-run", "--quiet", "--max-length", str(WINDOW + 2)]) == 0
    assert f"windows of {WINDOW} in" in capsys.readouterr().out
