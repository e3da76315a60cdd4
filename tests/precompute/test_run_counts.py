"""The whole command against a double loop over residues, count for count."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from precompute.command_line import main
from precompute.datasets import DATASETS
from precompute.drawn import draw_sample
from precompute.progress import Progress
from precompute.settings import Settings
from precompute.tables import BACKGROUND, HEAD_COUNTS, HEAD_EXAMPLES, list_runs, read_table
from precompute.tally import THRESHOLDS
from tests import naive
from tests.chains import records_of, write_lmdb
from tests.checkpoints import make_checkpoint

MODEL_NAMES = ["tape_bert", "prot_bert", "prot_bert_bfd", "prot_albert", "prot_xlnet", "esm2_t6_8m"]
LMDB_DATASETS = ["proteinnet", "secondary_structure", "binding_sites", "modifications"]
MAX_LENGTH = 62
"""Shorter than some of the chains, so that truncation is counted too."""


def truncated(record: dict) -> dict:
    residues = MAX_LENGTH - 2
    per_residue = ("primary", "tertiary", "valid_mask", "ss3", "ss8", "positions")
    return {
        name: value[:residues] if name in per_residue else value for name, value in record.items()
    }


@pytest.mark.parametrize("dataset", LMDB_DATASETS)
@pytest.mark.parametrize("model", MODEL_NAMES)
def test_counts_equal_a_double_loop(model: str, dataset: str, tmp_path: Path) -> None:
    checkpoint = make_checkpoint(tmp_path / "weights", model, sharpness=60)
    records = records_of(dataset)
    data = write_lmdb(tmp_path / "data.lmdb", records)
    out = tmp_path / "results"
    arguments = ["run", "--model", model, "--weights", str(checkpoint), "--quiet"]
    arguments += ["--dataset", dataset, "--data", str(data), "--out", str(out)]
    assert main([*arguments, "--max-length", str(MAX_LENGTH)]) == 0

    network = naive.load_network(model, checkpoint)
    per_protein = []
    for record in map(truncated, records):
        attention = naive.attention(network, model, checkpoint, record["primary"])
        per_protein.append(naive.count(attention, record, THRESHOLDS))
    arcs, eligible, hits = (sum((p[i] for p in per_protein), Counter()) for i in range(3))
    assert sum(arcs.values()) > 5000

    run = list_runs(out)["run"].item()
    counts = read_table(out, HEAD_COUNTS, run=run)
    assert set(counts["feature"]) == set(DATASETS[dataset].features)
    assert len(counts) == len(DATASETS[dataset].features) * len(THRESHOLDS) * 2 * 3
    for row in counts.itertuples():
        where = (row.threshold, row.layer, row.head)
        group = row.feature.split(":")[0]
        assert row.arcs == arcs["", *where]
        assert row.eligible == eligible[group, *where], row
        assert row.hits == hits[row.feature, *where], row
        h = [p[2][row.feature, *where] for p in per_protein]
        e = [p[1][group, *where] for p in per_protein]
        a = [p[0]["", *where] for p in per_protein]
        assert row.proteins == np.count_nonzero(a)
        assert row.hits_squared == np.dot(h, h)
        assert row.hits_arcs == np.dot(h, a)
        assert row.arcs_squared == np.dot(a, a)
        assert row.hits_eligible == np.dot(h, e)
        assert row.eligible_squared == np.dot(e, e)

    examples = read_table(out, HEAD_EXAMPLES, run=run)
    names = list(list_runs(out)["protein_ids"].item())
    stored = {str(r["id"], "ascii") if isinstance(r["id"], bytes) else r["id"] for r in records}
    assert set(names) == stored
    by_name = {
        str(r["id"], "ascii") if isinstance(r["id"], bytes) else r["id"]: p
        for r, p in zip(records, per_protein, strict=True)
    }
    for (feature, layer, head), rows in examples.groupby(["feature", "layer", "head"]):
        expected = sorted(
            (
                (-by_name[name][2][feature, 0.3, layer, head], place, name)
                for place, name in enumerate(names)
            ),
        )
        best = [(name, -minus) for minus, _, name in expected if minus][:5]
        assert list(zip(rows["protein"], rows["hits"], strict=True)) == best


@pytest.mark.parametrize("dataset", LMDB_DATASETS)
def test_background_equals_a_double_loop(dataset: str, tmp_path: Path) -> None:
    checkpoint = make_checkpoint(tmp_path / "weights", "prot_bert", layers=1, heads=1)
    records = records_of(dataset)
    data = write_lmdb(tmp_path / "data.lmdb", records)
    out = tmp_path / "results"
    arguments = ["run", "--model", "prot_bert", "--weights", str(checkpoint), "--quiet"]
    arguments += ["--dataset", dataset, "--data", str(data), "--out", str(out)]
    assert main([*arguments, "--max-length", str(MAX_LENGTH), "--proteins", "3"]) == 0

    run = list_runs(out).iloc[0]
    drawn = [truncated(records[number]) for number in run["protein_records"]]
    background = read_table(out, BACKGROUND, run=run["run"])
    corrected = background[background["definition"] == "corrected"].set_index("feature")
    assert set(corrected["proteins"]) == {3}
    positives: Counter[str] = Counter()
    eligible: Counter[str] = Counter()
    for record in drawn:
        length = len(record["primary"])
        for i in range(length):
            for j in range(length):
                has, may = naive.properties(record, i, j)
                # A property of the attended residue is a frequency among residues.
                pair = {"contact", "offset"}
                positives.update(f for f in has if i == 0 or f.split(":")[0] in pair)
                eligible.update(g for g in may if i == 0 or g in pair)
    for feature, row in corrected.iterrows():
        assert row["positives"] == positives[feature], feature
        assert row["eligible"] == eligible[str(feature).split(":")[0]], feature

    published = background[background["definition"] == "published"].set_index("feature")
    if dataset == "secondary_structure":
        assert published.empty
        return
    (feature,) = published.index
    assert published.loc[feature, "proteins"] == len(records)
    # The paper counts one residue more of sites, and two more of contacts, than of heads.
    residues = MAX_LENGTH if dataset == "proteinnet" else MAX_LENGTH - 1
    yes = no = 0
    for record in records:
        length = min(len(record["primary"]), residues)
        for i in range(length if dataset == "proteinnet" else 1):
            for j in range(length):
                has, may = naive.properties(record, i, j)
                yes += feature in has
                no += feature in may and feature not in has
    assert published.loc[feature, "positives"] == yes
    assert published.loc[feature, "eligible"] == yes + no


def test_truncation_x_and_gaps_are_really_in_the_data() -> None:
    """Guards the tests above: without these the comparison would prove less."""
    structures, sites = records_of("proteinnet"), records_of("binding_sites")
    assert any(len(r["primary"]) > MAX_LENGTH for r in structures)
    assert any("X" in r["primary"] for r in structures)
    assert any("X" in r["primary"] for r in sites)
    assert any(not r["valid_mask"].all() for r in structures)
    assert any(len(set(r["positions"])) < len(r["positions"]) for r in sites)


def test_the_runs_row_says_how_to_repeat_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoint = make_checkpoint(tmp_path / "weights", "tape_bert")
    data = write_lmdb(tmp_path / "data.lmdb", records_of("modifications"))
    out = tmp_path / "results"
    arguments = ["run", "--model", "tape_bert", "--weights", str(checkpoint), "--quiet"]
    arguments += ["--dataset", "modifications", "--data", str(data), "--out", str(out)]
    assert main([*arguments, "--proteins", "4", "--seed", "7"]) == 0
    row = list_runs(out).iloc[0]
    assert row["command"] == "python -m precompute " + " ".join(
        [*arguments, "--proteins", "4", "--seed", "7"]
    )
    assert row["seed"] == 7
    assert row["proteins"] == 4 == len(row["protein_ids"]) == len(row["protein_records"])
    records = records_of("modifications")
    assert [records[n]["id"] for n in row["protein_records"]] == list(row["protein_ids"])
    assert list(row["thresholds"]) == list(THRESHOLDS)
    assert {"torch", "transformers", "python"} <= set(json.loads(row["versions"]))
    assert len(row["weights_sha256"]) == len(row["dataset_sha256"]) == 64
    assert row["wall_seconds"] > 0
    first = read_table(out, HEAD_COUNTS, run=row["run"])
    # Again: the same name, the same counts, one run.
    assert main([*arguments, "--proteins", "4", "--seed", "7"]) == 0
    assert list(list_runs(out)["run"]) == [row["run"]]
    assert read_table(out, HEAD_COUNTS, run=row["run"]).equals(first)
    # With other settings it is another run, which is not mixed in unasked.
    assert main([*arguments, "--proteins", "4", "--seed", "8"]) == 1
    assert "seed 7 there, 8 now" in capsys.readouterr().err
    assert main([*arguments, "--proteins", "4", "--no-shuffle"]) == 1
    assert "seed 7 there, none now" in capsys.readouterr().err
    assert len(list_runs(out)) == 1
    assert main([*arguments, "--proteins", "4", "--seed", "8", "--add"]) == 0
    assert len(list_runs(out)) == 2
    # What is there already is no other run, whatever stands beside it.
    assert main([*arguments, "--proteins", "4", "--seed", "7"]) == 0
    assert main([*arguments, "--proteins", "4", "--seed", "8"]) == 0
    assert len(list_runs(out)) == 2
    # Of several the one that is most like it is named, and of notes those that differ, in words.
    capsys.readouterr()
    windows = ["--windows", "--max-length", "100"]
    assert main([*arguments, "--proteins", "4", "--seed", "7", *windows, "--add"]) == 0
    assert main([*arguments, "--proteins", "4", "--seed", "7", "--precision", "bfloat16"]) == 1
    assert "settings (number_type float32 there, bfloat16 now): choose" in capsys.readouterr().err
    assert main([*arguments, "--proteins", "4", "--seed", "7", *windows[1:]]) == 1
    said = capsys.readouterr().err
    assert len(said) < 600
    assert not re.search(r'[{}"]|[0-9a-f]{16}', said.replace(str(out), "")), said


def test_a_property_that_the_paper_lacks_has_no_background_of_the_paper(tmp_path: Path) -> None:
    data = write_lmdb(tmp_path / "data.lmdb", records_of("binding_sites"))
    added = replace(DATASETS["binding_sites"], properties=("binding_site", "offset:+1"))
    settings = Settings(proteins=4)
    with added.open(data) as chains:
        sample = draw_sample(added, chains, settings, Progress(quiet=True))
    assert list(sample.published) == ["binding_site"]
