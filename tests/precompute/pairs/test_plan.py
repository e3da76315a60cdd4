"""A dry run over pairs: what it says is what a run does, and it writes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from precompute.command_line import main
from precompute.tables import PAIR_RUNS, PAIR_SCORES, known_runs, read_table
from tests import plus_checkpoints


@pytest.mark.parametrize("model", ["plus_tfm", "plus_rnn_base"])
def test_a_dry_run_says_what_a_run_does_and_writes_nothing(
    model: str,
    weights: Path,
    families: Path,
    pairs: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "out"
    if model == "plus_rnn_base":
        weights = plus_checkpoints.write_rnn(tmp_path / "rnn")
    arguments = ["run", "--quiet", "--model", model, "--weights", str(weights)]
    arguments += ["--dataset", "families", "--data", str(families), "--max-length", "50"]
    arguments += ["--pairs", str(pairs), "--out", str(out)]
    assert main([*arguments, "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert not list(out.rglob("*.parquet"))
    assert main(arguments) == 0
    (run,) = known_runs(str(out), PAIR_RUNS)["run"]
    scores = read_table(str(out), PAIR_SCORES, run=run)
    relations = scores["relation"].value_counts()
    for relation, count in relations.items():
        assert f"{count} of {relation}" in said
    cut = int(((scores["first_cut"] > 0) | (scores["second_cut"] > 0)).sum())
    assert (cut > 0) == (model == "plus_tfm")
    assert f"cut        {cut} to 50 tokens" in said
    lengths = (scores["first_residues"] + scores["second_residues"]).sum()
    assert f"residues   {lengths:,}" in said
    heads = "3 layers × 4 heads" if model == "plus_tfm" else "3 layers × 0 heads"
    assert heads in said
    assert said.count("measured") == 3
    assert "time       about" in said
