"""The command: what it writes, takes up again and refuses."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from precompute.command_line import main
from precompute.datasets.thinning import ROWS_READ, brief
from precompute.families_split import find_families
from precompute.models.encoder import EncoderAdapter
from precompute.models.msa_network import Shape
from precompute.probes import corrected
from precompute.tables import PROBE_RUNS, PROBE_SCORES, known_runs, read_table
from tests.chains import records_of, write_lmdb
from tests.checkpoints import make_checkpoint
from tests.measured_alignments import write_aligned_examples
from tests.msa_checkpoints import write_published

LAYERS = 2
PROTEINS = 18
"""Chains of the twelve structures with a sequence of their own."""


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint(tmp_path_factory.mktemp("weights"), "prot_bert", layers=LAYERS)


def command(weights: Path, data: Path, out: Path, *more: str) -> list[str]:
    arguments = ["probe", "--model", "own", "--architecture", "bert", "--weights", str(weights)]
    arguments += ["--dataset", "structures", "--data", str(data), "--out", str(out), "--quiet"]
    return [*arguments, *more]


def scores(out: Path) -> pd.DataFrame:
    run = known_runs(out, PROBE_RUNS)["run"].item()
    return read_table(out, PROBE_SCORES, run=run)


@pytest.fixture(scope="module")
def measured(weights: Path, structures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("results")
    assert main(command(weights, structures, out)) == 0
    return out


def test_every_task_source_layer_protocol_and_control_has_a_score(measured: Path) -> None:
    frame = scores(measured)
    paper = {"secondary_structure:helix", "secondary_structure:strand", "binding_site", "contact"}
    paper |= {"secondary_structure:turn_bend"}
    every = paper | {"secondary_structure_3", "secondary_structure_8"}
    for source in ("embeddings", "attention"):
        for layer in range(1, LAYERS + 1):
            own = frame[(frame["source"] == source) & (frame["layer"] == layer)]
            found = own.groupby(["protocol", "control"])["task"].agg(set).to_dict()
            assert found == {
                ("corrected", "none"): every,
                ("corrected", "shuffled"): every,
                ("paper", "none"): paper,
            }
    there = frame.dropna(subset=["lower"])
    assert ((there["lower"] <= there["value"]) & (there["value"] <= there["upper"])).all()
    assert set(there["protocol"]) == {"corrected"}
    assert frame.loc[frame["protocol"] == "corrected", "value"].notna().mean() > 0.9


def test_eight_classes_are_read_from_alignments_with_structures(tmp_path: Path) -> None:
    """`NAME.a3m` beside `NAME.pdb`; features are of the query, at the depth that is said."""
    shape = Shape(layers=LAYERS, heads=3, width=24, inner=32, positions=512)
    weights = write_published(tmp_path / "weights", shape)
    families = write_aligned_examples(tmp_path / "families")
    arguments = ["probe", "--model", "esm_msa1b", "--weights", str(weights), "--quiet"]
    arguments += ["--dataset", "alignments", "--data", str(families), "--depth", "4"]
    arguments += ["--task", "secondary_structure_8", "--out", str(tmp_path / "out")]
    assert main(arguments) == 0
    row = known_runs(tmp_path / "out", PROBE_RUNS).iloc[0]
    assert row["proteins"] == 12
    assert brief(json.loads(row["notes"])[ROWS_READ]) == "≤ 4 rows, diverse"
    frame = scores(tmp_path / "out")
    assert len(frame) == 2 * LAYERS * 2
    assert set(frame["source"]) == {"embeddings", "attention"}
    assert frame["value"].between(0.05, 1).all()


def test_no_family_is_on_both_sides_and_the_row_says_how(measured: Path) -> None:
    row = known_runs(measured, PROBE_RUNS).iloc[0]
    assert len(row["protein_ids"]) == row["proteins"] == len(row["test"]) == PROTEINS
    assert 0 < row["test"].sum() <= 8
    assert row["validation"].sum() == round(PROTEINS / 5)
    notes = json.loads(row["notes"])
    assert "families: " in notes["families"]
    assert "logistic regression" in notes["corrected protocol"]
    assert "DSSP" in notes["secondary structure"]


def test_the_same_command_does_nothing_more_and_another_folder_holds_the_same(
    measured: Path, weights: Path, structures: Path, tmp_path: Path
) -> None:
    before = {path: path.stat().st_mtime_ns for path in measured.rglob("*.parquet")}
    assert main(command(weights, structures, measured)) == 0
    assert {path: path.stat().st_mtime_ns for path in measured.rglob("*.parquet")} == before
    assert main(command(weights, structures, tmp_path)) == 0
    pd.testing.assert_frame_equal(scores(tmp_path), scores(measured))


def test_a_stopped_probing_is_taken_up_where_it_stopped(
    measured: Path,
    weights: Path,
    structures: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Once while the model runs, once while probes are fitted; the tables are the same."""
    ran: list[int] = []
    represent = EncoderAdapter.represent
    score_layer = corrected.score_layer

    def stop_running(self: EncoderAdapter, *given: Any) -> None:
        if len(ran) == 5:
            raise KeyboardInterrupt
        ran.append(1)
        represent(self, *given)

    monkeypatch.setattr("precompute.probes.features._FLUSHED", 2)
    monkeypatch.setattr(EncoderAdapter, "represent", stop_running)
    assert main(command(weights, structures, tmp_path)) == 130
    assert len(known_runs(tmp_path, PROBE_RUNS)) == 0

    fitted: list[int] = []

    def count(self: EncoderAdapter, *given: Any) -> None:
        ran.append(1)
        represent(self, *given)

    def stop_fitting(*given: Any) -> Any:
        if len(fitted) == 1:
            raise KeyboardInterrupt
        fitted.append(1)
        return score_layer(*given)

    monkeypatch.setattr(EncoderAdapter, "represent", count)
    monkeypatch.setattr(corrected, "score_layer", stop_fitting)
    assert main(command(weights, structures, tmp_path)) == 130
    assert len(ran) == 5 + PROTEINS - 4, "two pairs of chains were noted, the fifth was not"

    monkeypatch.setattr(corrected, "score_layer", score_layer)
    assert main(command(weights, structures, tmp_path)) == 0
    assert len(ran) == 1 + PROTEINS, "the model did not run again"
    pd.testing.assert_frame_equal(scores(tmp_path), scores(measured))
    assert not list(tmp_path.rglob("*.f16")), "features are gone once scores are written"


def test_damaged_scores_of_a_stopped_probing_are_made_again(
    measured: Path, weights: Path, structures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("precompute.probes.run.add_run", stop)
        assert main(command(weights, structures, tmp_path)) == 130
    kept = sorted(tmp_path.rglob("*.json"))
    assert len(kept) == 2 * LAYERS + 4
    for path, text in zip(
        kept, ("", "[[1, 2]]", "{}", "[null]", "\x00", '[["a", {}]]', "[]"), strict=False
    ):
        path.write_text(text)
    assert main(command(weights, structures, tmp_path)) == 0
    pd.testing.assert_frame_equal(scores(tmp_path), scores(measured))


def refused(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> str:
    assert main(arguments) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith("precompute: ")
    return said


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        (["--budget", "0.0001"], r"in half precision, and --budget is 0.0001 GB: take about"),
        (["--task", "charge"], r"no task charge for Structures; there are secondary_structure:hel"),
        (["--source", "logits"], r"--source has no logits; there are embeddings, attention"),
        (["--protocol", "ours"], r"--protocol has no ours; there are corrected, paper"),
        (["--task", "secondary_structure_8", "--protocol", "paper"], r"leave --protocol out"),
        (["--proteins", "7"], r"are 7 proteins with labels .* give at least 8"),
        (["--max-length", "2"], r"counts two special tokens"),
        (["--depth", "3"], r"--depth and --thin choose rows of alignments"),
        (["--labels", "no.csv", "--task", "contact"], r"--labels is probed alone"),
        (["--labels", "no.csv"], r"no.csv cannot be read"),
        (["--dataset", "structures,families"], r"Name one --dataset"),
    ],
)
def test_bad_requests_are_one_sentence(
    more: list[str],
    reason: str,
    weights: Path,
    structures: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = refused(capsys, command(weights, structures, tmp_path, *more))
    assert re.search(reason, said), said
    assert not list(tmp_path.rglob("*.f16"))


def test_data_without_labels_are_one_sentence(
    weights: Path, structures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = command(weights, structures, tmp_path / "out")
    arguments[arguments.index("structures")] = "modifications"
    data = write_lmdb(tmp_path / "data", records_of("modifications"))
    arguments[arguments.index(str(structures))] = str(data)
    assert "has labels of nothing that is probed" in refused(capsys, arguments)


def test_sites_alone_are_probed_from_an_lmdb(
    weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Data of the paper's layout: tasks are those that they have labels of."""
    generator = np.random.default_rng(0)
    records = [
        {**records_of("binding_sites")[number % 6], "id": f"p{number}"} for number in range(15)
    ]
    for record in records:
        length = int(generator.integers(60, 90))
        record["primary"] = "".join(generator.choice(list("ACDEFGHIKLMNPQRSTVWY"), length))
        record["positions"] = list(range(length))
        record["sites"] = np.flatnonzero(generator.random(length) < 0.1).tolist()
    assert find_families([record["primary"] for record in records]).count == 15
    data = write_lmdb(tmp_path / "data", records)
    arguments = command(weights, data, tmp_path / "out", "--source", "embeddings")
    arguments[arguments.index("structures")] = "binding_sites"
    assert main(arguments) == 0
    frame = scores(tmp_path / "out")
    assert set(frame["task"]) == {"binding_site"}
    assert set(frame["source"]) == {"embeddings"}
    assert set(frame["score"]) == {"precision at L/20"}
