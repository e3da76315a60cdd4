"""Pairs by the command line, against plain loops over the attention of each."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from dashboard.results.reader import find_runs
from precompute import resumed
from precompute.command_line import main
from precompute.datasets import DATASETS
from precompute.models.adapter import Adapter
from precompute.protein_pairs import measurer as pair_measurer
from precompute.protein_pairs.chosen import Numbers, read_pairs
from precompute.protein_pairs.tally import MEASURES
from precompute.tables import (
    PAIR_ATTENTION,
    PAIR_RUNS,
    PAIR_SCORES,
    known_runs,
    list_runs,
    read_table,
)
from tests.checkpoints import eager_attention, make_checkpoint, own_checkpoint
from tests.plus_checkpoints import SMALL, load
from tests.precompute.engines.here import workers_here
from tests.precompute.pairs.conftest import NAMES

RUN = ["run", "--quiet", "--max-length", "60", "--model", "plus_tfm", "--weights"]


def measure(weights: Path, dataset: str, data: Path, pairs: Path | str, out: Path) -> str:
    arguments = [*RUN, str(weights), "--dataset", dataset, "--data", str(data)]
    assert main([*arguments, "--pairs", str(pairs), "--out", str(out)]) == 0
    (run,) = known_runs(out, PAIR_RUNS)["run"]
    return str(run)


def tables(out: Path, run: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    return read_table(out, PAIR_ATTENTION, run=run), read_table(out, PAIR_SCORES, run=run)


def attention(adapter: Adapter, first: str, second: str) -> np.ndarray:
    """Maps of a pair, (layers, heads, tokens, tokens): [CLS] a [SEP] b [SEP]."""
    maps: list[np.ndarray] = []
    encoding = adapter.encode_pair(first, second)
    adapter.attend_pairs([encoding], lambda _, own: maps.append(own[0].double().numpy().copy()))
    return np.stack(maps)


def plain(
    maps: np.ndarray,
    lengths: tuple[int, int],
    aligned: Iterable[Any] = (),
    contacts: Iterable[Any] = (),
    known: tuple[list[int], list[int]] = ([], []),
) -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Part, whole and expected part of each measure, residue by residue."""
    one, other = lengths
    a = [1 + i for i in range(one)]
    b = [2 + one + j for j in range(other)]
    special = [0, one + 1, one + other + 2]

    def total(rows: Iterable[int], columns: list[int]) -> np.ndarray:
        found: np.ndarray = sum(maps[:, :, row, columns].sum(-1) for row in rows)  # type: ignore[assignment]
        return found

    found = {}
    for mine, others, names in (
        (a, b, ("within_first", "first_to_second")),
        (b, a, ("within_second", "second_to_first")),
    ):
        whole = (total(mine, mine) + total(mine, others)) / len(mine)
        for name, own in zip(names, (mine, others), strict=True):
            part = total(mine, own) / len(mine)
            found[name] = (part, whole, whole * len(own) / (one + other))
    part = total([*a, *b], special) / (one + other)
    found["special"] = (part, np.ones_like(part), np.full_like(part, 3 / (one + other + 3)))
    for name, places, rows, columns in (
        ("aligned", list(aligned), range(one), range(other)),
        ("contact", list(contacts), *known),
    ):
        if len(places):
            mine, others = [a[i] for i in rows], [b[j] for j in columns]
            whole = (total(mine, others) + total(others, mine)) / (one + other)
            both = sum(maps[:, :, a[i], b[j]] + maps[:, :, b[j], a[i]] for i, j in places)
            even = whole * len(places) / (len(mine) * len(others))
            found[name] = (both / (one + other), whole, even)
    return found


def hold(frame: pd.DataFrame, expected: dict[str, dict[str, list[Any]]]) -> None:
    """Hold a table against what plain loops give of each relation's pairs."""
    seen = set()
    for (relation, measure_), rows in frame.groupby(["relation", "measure"]):
        found = expected[str(relation)][str(measure_)]
        seen.add((relation, measure_))
        part, whole, even = (np.stack([pair[i] for pair in found]) for i in range(3))
        for name, value in (
            ("part", part.sum(0)),
            ("whole", whole.sum(0)),
            ("expected", even.sum(0)),
            ("part_squared", (part**2).sum(0)),
            ("part_whole", (part * whole).sum(0)),
            ("whole_squared", (whole**2).sum(0)),
        ):
            own = rows[name].to_numpy().reshape(SMALL.layers, SMALL.heads)
            np.testing.assert_allclose(own, value, atol=2e-5, err_msg=f"{relation} {measure_}")
        assert set(rows["pairs"]) == {len(found)}
    there = {(r, m) for r, own in expected.items() for m in own}
    assert seen == there
    assert list(frame["layer"].unique()) == list(range(1, SMALL.layers + 1))


def test_families_are_counted_as_plain_loops_count_them(
    weights: Path, families: Path, pairs: Path, tmp_path: Path
) -> None:
    run = measure(weights, "families", families, pairs, tmp_path)
    frame, scores = tables(tmp_path, run)
    adapter = load(weights)
    expected: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    with DATASETS["families"].open(families) as chains:
        place = {name: number for number, name in enumerate(chains.identifiers())}
        for number, (one, other) in enumerate(NAMES):
            first, second = chains[place[one]].sequence, chains[place[other]].sequence
            aligned = chains.aligned(place[one], place[other])
            same = one[:7] == other[:7]
            relation = "same family" if same else "different families"
            assert (aligned is not None) == same
            maps = attention(adapter, first, second)
            lengths = len(first), len(second)
            for name, values in plain(maps, lengths, () if aligned is None else aligned).items():
                expected[relation][name].append(values)
            row = scores.iloc[number]
            assert (row["first"], row["second"], row["relation"]) == (one, other, relation)
            assert (row["first_residues"], row["second_residues"]) == lengths
            encoding = adapter.encode_pair(first, second)
            told = adapter.attend_pairs([encoding], None).same_family
            assert told is not None
            assert row["same_family"] == pytest.approx(told[0], abs=1e-5)
            if aligned is None:
                assert pd.isna(row["aligned"])
                assert pd.isna(row["identity"])
            else:
                equal = np.mean([first[i] == second[j] for i, j in aligned])
                assert row["aligned"] == len(aligned)
                assert row["identity"] == pytest.approx(equal)
    hold(frame, expected)
    assert set(frame["measure"]) == set(MEASURES) - {"contact"}
    assert not list_runs_there(tmp_path), "a run over pairs is none of single proteins"


def list_runs_there(out: Path) -> bool:
    return (out / "runs.parquet").exists()


def test_residues_of_one_column_are_aligned(families: Path) -> None:
    """Column by column of the alignment's text, gaps counted by hand."""
    from tests.families import make_family

    family = make_family("PF00001", 8, 26, seed=1)
    gap = 2
    with DATASETS["families"].open(families) as chains:
        found = chains.aligned(1, 4)
        assert found is not None
        counts, expected = [0, 0], []
        for one, other in zip(family.rows[1], family.rows[4], strict=True):
            if one != gap and other != gap:
                expected.append(tuple(counts))
            counts[0] += one != gap
            counts[1] += other != gap
        assert found.tolist() == [list(pair) for pair in expected]
        assert len(expected) < 26, "no row has a gap: the test proves little"
        assert chains.aligned(1, 9) is None


def test_contacts_between_chains_are_counted(
    weights: Path, complexes: Path, tmp_path: Path
) -> None:
    """Both chains of a structure, and one of another; cut to 60 tokens."""
    pairs = tmp_path / "pairs.txt"
    pairs.write_text("twins A B\nsingle.A, twins.A\n")
    out = tmp_path / "out"
    run = measure(weights, "structures", complexes, pairs, out)
    frame, scores = tables(out, run)
    adapter = load(weights)
    with DATASETS["structures"].open(complexes) as chains:
        place = {name: number for number, name in enumerate(chains.identifiers())}
        a, b = chains[place["twins.A"]], chains[place["twins.B"]]
    assert (len(a), len(b)) == (77, 40)
    # The longer one loses its end until both have as much, then both lose.
    lengths = (29, 28)
    assert a.alpha_carbons is not None
    assert b.alpha_carbons is not None
    contacts = [
        (i, j)
        for i in range(lengths[0])
        for j in range(lengths[1])
        if np.linalg.norm(a.alpha_carbons[i] - b.alpha_carbons[j]) < 8
    ]
    assert len(contacts) > 20
    expected: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    both = a.sequence[: lengths[0]], b.sequence[: lengths[1]]
    known = list(range(lengths[0])), list(range(lengths[1]))
    maps = attention(adapter, *both)
    for name, values in plain(maps, lengths, (), contacts, known).items():
        expected["one structure"][name].append(values)
    both = a.sequence[:29], a.sequence[:28]
    for name, values in plain(attention(adapter, *both), (29, 28)).items():
        expected["two structures"][name].append(values)
    hold(frame, expected)
    assert scores["contacts"].tolist()[0] == len(contacts)
    assert pd.isna(scores["contacts"].iloc[1])
    assert scores[["first_cut", "second_cut"]].to_numpy().tolist() == [[48, 12], [48, 49]]
    row = known_runs(out, PAIR_RUNS).iloc[0]
    assert json.loads(row["skipped"])["pairs cut to the longest input"] == 2


def test_unresolved_residues_are_in_no_whole(weights: Path, complexes: Path) -> None:
    """Of contacts: what has no coordinates can be in none."""
    from precompute.protein_pairs.item import make_pair

    with DATASETS["structures"].open(complexes) as chains:
        place = {name: number for number, name in enumerate(chains.identifiers())}
        pair = make_pair(chains, 0, Numbers(place["twins.A"], place["twins.B"]), 60)
    assert pair.resolved is not None
    assert pair.contacts is not None
    first, second = (own.copy() for own in pair.resolved)
    first[3:9] = False
    contacts = np.array([own for own in pair.contacts if first[own[0]] and second[own[1]]])
    changed = pair.__class__(**{**vars(pair), "resolved": (first, second), "contacts": contacts})
    adapter = load(weights)
    tally = pair_measurer.measure_pairs(adapter, [changed], 1, torch.device("cpu"))
    lengths = len(pair.first), len(pair.second)
    known = np.flatnonzero(first).tolist(), np.flatnonzero(second).tolist()
    found = plain(attention(adapter, pair.first, pair.second), lengths, (), contacts, known)
    contact, structure = list(MEASURES).index("contact"), 2
    for name, value in zip(("part", "whole", "expected"), found["contact"], strict=True):
        own = getattr(tally, name)[structure, contact].numpy() / 1e6
        np.testing.assert_allclose(own, value, atol=2e-6)


def test_a_stopped_run_goes_on_and_gives_the_same(
    weights: Path, families: Path, pairs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, part = tmp_path / "whole", tmp_path / "part"
    monkeypatch.setitem(resumed.SHARD_WEIGHTS, "cpu", 1)  # a pair a shard
    run = measure(weights, "families", families, pairs, whole)
    ours = pair_measurer.PairMeasurer.measure
    seen: list[str] = []

    def stop(self: Any, items: Any, done: Any, say: Any) -> Any:
        if len(seen) == 3:
            raise KeyboardInterrupt
        seen.extend(item.title for item in items)
        return ours(self, items, done, say)

    monkeypatch.setattr(pair_measurer.PairMeasurer, "measure", stop)
    arguments = [*RUN, str(weights), "--dataset", "families", "--data", str(families)]
    arguments += ["--pairs", str(pairs), "--out", str(part)]
    assert main(arguments) == 130
    assert len(list((part / ".unfinished").glob("*/*.shard"))) == 3
    later: list[str] = []

    def go_on(self: Any, items: Any, done: Any, say: Any) -> Any:
        later.extend(item.title for item in items)
        return ours(self, items, done, say)

    monkeypatch.setattr(pair_measurer.PairMeasurer, "measure", go_on)
    assert main(arguments) == 0
    assert len(later) == 2
    assert not set(later) & set(seen)
    assert measure(weights, "families", families, pairs, part) == run
    for one, other in zip(tables(whole, run), tables(part, run), strict=True):
        pd.testing.assert_frame_equal(one, other, check_exact=True)
    assert not (part / ".unfinished").exists()


def test_worker_processes_give_the_same(
    weights: Path, families: Path, pairs: Path, tmp_path: Path
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    run = measure(weights, "families", families, pairs, one)
    arguments = [*RUN, str(weights), "--dataset", "families", "--data", str(families)]
    arguments += ["--pairs", str(pairs), "--out", str(two)]
    with workers_here() as address:
        assert main([*arguments, "--scheduler", address]) == 0
    for own, other in zip(tables(one, run), tables(two, run), strict=True):
        pd.testing.assert_frame_equal(own, other, check_exact=True)


def test_batches_give_the_same_but_for_rounding(weights: Path, families: Path, pairs: Path) -> None:
    from precompute.protein_pairs.item import make_pair

    adapter, cpu = load(weights), torch.device("cpu")
    with DATASETS["families"].open(families) as chains:
        asked = [
            make_pair(chains, number, own, 57)
            for number, own in enumerate(read_pairs(pairs, chains))
        ]
    together = pair_measurer.measure_pairs(adapter, asked, len(asked), cpu)
    alone = pair_measurer.PairTally.empty_like(together)
    for pair in asked:
        alone.add(pair_measurer.measure_pairs(adapter, [pair], len(asked), cpu))
    assert torch.equal(together.pairs, alone.pairs)
    for name in ("part", "whole", "expected", "same_family"):
        difference = (getattr(together, name) - getattr(alone, name)).abs().max()
        assert difference <= 30, name  # millionths


@pytest.mark.parametrize("segments", [1, 2])
def test_a_bert_reads_a_pair_as_transformers_would(segments: int, tmp_path: Path) -> None:
    folder = make_checkpoint(tmp_path, "prot_bert", type_vocab_size=segments)
    adapter = own_checkpoint(folder, "bert").load()
    encoding = adapter.encode_pair("ACDEFGH", "KLMN")
    ids = {letter: adapter.encode(letter).tokens[1] for letter in "ACDEFGHKLMN"}
    cls, _, sep = adapter.encode("A").tokens
    tokens = [cls, *(ids[x] for x in "ACDEFGH"), sep, *(ids[x] for x in "KLMN"), sep]
    assert encoding.tokens.tolist() == tokens
    assert encoding.segments is not None
    assert encoding.segments.tolist() == ([0] * 9 + [1] * 5 if segments == 2 else [0] * 14)
    expected = eager_attention(folder, "BertModel", tokens, encoding.segments.tolist())
    found = torch.from_numpy(attention(adapter, "ACDEFGH", "KLMN")).float()
    torch.testing.assert_close(found, expected, atol=0, rtol=0)


@pytest.mark.parametrize("model", ["prot_bert", "tape_bert", "prot_albert"])
def test_models_of_berts_shape_are_measured(
    model: str, families: Path, pairs: Path, tmp_path: Path
) -> None:
    folder = make_checkpoint(tmp_path / "weights", model)
    arguments = ["run", "--quiet", "--model", model, "--weights", str(folder)]
    arguments += ["--dataset", "families", "--data", str(families), "--pairs", str(pairs)]
    assert main([*arguments, "--out", str(tmp_path / "out")]) == 0
    row = known_runs(tmp_path / "out", PAIR_RUNS).iloc[0]
    assert json.loads(row["notes"])["training"] == "not on pairs, as far as is known"
    frame, scores = tables(tmp_path / "out", str(row["run"]))
    assert scores["same_family"].isna().all()
    shares = frame["part"] / frame["whole"]
    for one, other in (("within_first", "first_to_second"), ("within_second", "second_to_first")):
        sums = shares[frame["measure"] == one].to_numpy() + shares[frame["measure"] == other]
        np.testing.assert_allclose(sums, 1, atol=1e-5)


def test_a_run_of_single_proteins_stands_beside(
    weights: Path, families: Path, pairs: Path, tmp_path: Path
) -> None:
    """Pages list the one, and the other is found in its own list."""
    measure(weights, "families", families, pairs, tmp_path)
    arguments = [*RUN, str(weights), "--dataset", "families", "--data", str(families)]
    assert main([*arguments, "--out", str(tmp_path)]) == 0
    assert len(list_runs(tmp_path)) == len(known_runs(tmp_path, PAIR_RUNS)) == 1


def test_pairs_alone_are_results_too(
    weights: Path, families: Path, pairs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A page finds no run of single proteins and no fault; a spreadsheet gets the tables."""
    out = tmp_path / "out"
    arguments = [*RUN, str(weights), "--dataset", "families", "--data", str(families)]
    arguments.remove("--quiet")
    assert main([*arguments, "--pairs", str(pairs), "--out", str(out)]) == 0
    said = capsys.readouterr().err
    assert re.search(
        r"same family: 3 pairs, held for one family with a mean probability of 0\.\d", said
    )
    assert re.search(
        r"different families: 2 pairs, .* \(.* to .*, 95 %, the pair as the unit\)", said
    )
    assert list_runs(out).empty
    assert not find_runs([str(out)]).problems
    assert main(["export", str(out), "--csv", str(tmp_path / "csv")]) == 0
    assert {path.name for path in (tmp_path / "csv").iterdir()} == {
        "pair_runs.csv",
        "pair_attention.csv",
        "pair_scores.csv",
    }
    plain_scores = pd.read_csv(tmp_path / "csv" / "pair_scores.csv")
    _, scores = tables(out, str(plain_scores["run"].iloc[0]))
    pd.testing.assert_frame_equal(plain_scores, scores, check_dtype=False)


@pytest.mark.parametrize(
    "more",
    [
        *(["--depth", "4"], ["--thin", "first"], ["--windows"], ["--sites", "a.csv"]),
        *(["--site-class", "x"], ["--nulls", "rows"], ["--regression"], ["--proteins", "5000"]),
        *(["--keep-matrices", "0"], ["--keep-matrices", "8"], ["--proteins", "3"]),
    ],
)
def test_what_is_of_no_use_with_pairs_is_refused(
    more: list[str], weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [*RUN, str(weights), "--dataset", "families", "--data", str(tmp_path / "none")]
    assert main([*arguments, "--pairs", "4", "--out", str(tmp_path / "out"), *more]) == 1
    assert f"{more[0]} is of no use with --pairs: leave it out." in capsys.readouterr().err
