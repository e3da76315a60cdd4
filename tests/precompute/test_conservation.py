"""Arcs by the conservation of the column they end on: plain loops are the judges."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

from precompute.alignment import Alignment
from precompute.conservation import column_entropy, residue_quartiles
from precompute.datasets import DATASETS
from precompute.tables import CONSERVATION_COUNTS, HEAD_COUNTS, list_runs, read_table
from tests.measured_alignments import measured_alignments
from tests.msa_checkpoints import LETTERS, load, random_alignment


def naive_entropy(column: str) -> float:
    share = dict.fromkeys(LETTERS, 0.0)
    for sign in column:
        for letter in [sign] if sign in LETTERS else LETTERS:
            share[letter] += (1 if sign in LETTERS else 1 / 20) / len(column)
    return -sum(p * math.log2(p) for p in share.values() if p > 0)


def naive_quartiles(texts: list[str]) -> list[int]:
    columns = ["".join(column) for column in zip(*texts, strict=True)]
    entropy = [round(naive_entropy(one), 9) for one in columns if one[0] != "-"]
    return [4 * sum(other < own for other in entropy) // len(entropy) for own in entropy]


def test_entropy_is_that_of_a_plain_loop() -> None:
    texts = [*random_alignment(12, 40, seed=3), "-" * 40, "X" * 20 + "B" * 20]
    found = column_entropy(Alignment.of(texts).rows)
    for place, column in enumerate(zip(*texts, strict=True)):
        assert found[place] == pytest.approx(naive_entropy("".join(column)), abs=1e-12)


def test_a_kept_column_has_none_and_one_of_gaps_all() -> None:
    entropy = column_entropy(Alignment.of(["AA", "A-", "A-"]).rows)
    assert entropy[0] == 0
    assert 3 < entropy[1] < math.log2(20)
    assert column_entropy(Alignment.of(["-", "-"]).rows)[0] == pytest.approx(math.log2(20))


def test_quarters_are_those_of_a_plain_loop_and_equal_columns_share_one() -> None:
    texts = random_alignment(9, 61, seed=5)
    texts[0] = f"--{texts[0][2:30]}---{texts[0][33:]}"
    found = residue_quartiles(Alignment.of(texts))
    assert found.tolist() == naive_quartiles(texts)
    assert len(found) == 56
    assert residue_quartiles(Alignment.of(["ACDEFGH"] * 3)).tolist() == [0] * 7
    # Which amino acid it is, and in which row, is nothing to it.
    assert len(set(residue_quartiles(Alignment.of(["AAC", "AEC", "DEG"])))) == 1


def test_counts_of_a_run_are_those_of_a_plain_loop(tmp_path: Path) -> None:
    results, run = measured_alignments(tmp_path)
    adapter = load(tmp_path / "weights")
    arcs: list[Counter[tuple[float, int, int]]] = []
    hits: list[Counter[tuple[float, int, int, int]]] = []
    size: Counter[int] = Counter()
    names = list_runs(results)["protein_ids"].iloc[0].tolist()
    with DATASETS["alignments"].open(tmp_path / "alignments") as chains:
        read = {chains[number].identifier: chains[number] for number in range(len(chains))}
    for name in names:
        alignment = read[name].alignment
        assert alignment is not None
        quarters = naive_quartiles(alignment.texts())
        size.update(quarters)
        own_arcs: Counter[tuple[float, int, int]] = Counter()
        own_hits: Counter[tuple[float, int, int, int]] = Counter()
        maps: list[torch.Tensor] = []
        adapter.attend(
            [adapter.encode_alignment(alignment)], lambda _, m, seen=maps: seen.append(m[0].clone())
        )
        for layer, heads in enumerate(torch.stack(maps).numpy(), 1):
            for head, attention in enumerate(heads, 1):
                for i, j in np.argwhere(attention[1:, 1:] >= np.float32(0.1)):
                    for threshold in (0.1, 0.3, 0.9):
                        if attention[i + 1, j + 1] >= np.float32(threshold):
                            own_arcs[threshold, layer, head] += 1
                            own_hits[threshold, layer, head, quarters[j] + 1] += 1
        arcs.append(own_arcs)
        hits.append(own_hits)
    table = read_table(results, CONSERVATION_COUNTS, run=run)
    assert len(table) == 17 * 4 * 3 * 4
    table = table[table["threshold"].round(2).isin([0.1, 0.3, 0.9])]
    assert table["hits"].sum() > 500
    for row in table.itertuples():
        place = (round(row.threshold, 2), row.layer, row.head)
        each = [
            (own[*place, row.quartile], all_[place]) for own, all_ in zip(hits, arcs, strict=True)
        ]
        assert row.hits == sum(h for h, _ in each)
        assert row.arcs == sum(a for _, a in each)
        assert row.alignments == sum(a > 0 for _, a in each)
        assert row.hits_squared == sum(h * h for h, _ in each)
        assert row.hits_arcs == sum(h * a for h, a in each)
        assert row.arcs_squared == sum(a * a for _, a in each)
        assert row.positives == size[row.quartile - 1]
        assert row.residues == sum(size.values())
    counts = read_table(results, HEAD_COUNTS, run=run)
    one = counts[counts["feature"] == "amino_acid:A"]
    key = ["threshold", "layer", "head"]
    whole = read_table(results, CONSERVATION_COUNTS, run=run).groupby(key)["hits"].sum()
    assert whole.to_dict() == one.set_index(key)["arcs"].to_dict(), "quarters leave no arc out"
