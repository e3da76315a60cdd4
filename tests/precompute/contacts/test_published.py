"""`precompute contacts --published`: the checkpoint's own regression, however few the proteins."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from precompute.command_line import main
from precompute.contacts.learning import PROTEINS
from precompute.contacts.pairs import find_pairs
from precompute.contacts.scoring import protein_scores
from precompute.datasets import DATASETS
from precompute.models.msa_network import Shape
from precompute.tables import CONTACT_PRECISION, CONTACT_RUNS, read_table
from tests.checkpoints import change_state, make_checkpoint
from tests.measured_alignments import write_aligned_examples
from tests.measured_contacts import HEADS, LAYERS, write_data
from tests.msa_checkpoints import load, write_published

SHAPE = Shape(layers=2, heads=3, width=24, inner=32, positions=512)


def test_its_mean_is_that_of_a_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    weights = make_checkpoint(tmp_path / "weights", "esm2_t6_8m", layers=LAYERS, heads=HEADS)
    data = write_data(tmp_path / "data.lmdb", PROTEINS + 8)
    command = ["contacts", "--model", "esm2_t6_8m", "--weights", str(weights), "--quiet"]
    command += ["--dataset", "proteinnet", "--data", str(data), "--out", str(tmp_path / "out")]
    assert main(command) == 0
    capsys.readouterr()
    assert main([*command, "--published"]) == 0
    frame = pd.read_csv(tmp_path / "out" / "esm2_t6_8m-proteinnet-published-contacts.csv")
    (row,) = read_table(tmp_path / "out", CONTACT_RUNS).to_dict("records")
    scored = frame[frame["protein"].isin(row["protein_ids"])]
    mean = scored.groupby(["atoms", "separation", "measure"])["precision"].mean()
    table = read_table(tmp_path / "out", CONTACT_PRECISION, run=row["run"])
    own = table[table["method"] == "published_regression"].dropna(subset="precision")
    expected = own.set_index(["atoms", "separation", "measure"])["precision"]
    assert len(expected) > 4
    pd.testing.assert_series_equal(mean.sort_index(), expected.sort_index())
    printed = capsys.readouterr().out
    assert len(re.findall(r"C-alpha, long range: P@L 0\.\d{3}, P@L/2", printed)) == len(
        frame[(frame["separation"] == "long") & (frame["measure"] == "L")]
    )


@pytest.mark.parametrize("names", [["one"], ["one", "two"], ["one", "two", "three"]])
def test_chains_of_one_name_are_printed_and_written_each(
    names: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = make_checkpoint(tmp_path / "weights", "esm2_t6_8m", layers=LAYERS, heads=HEADS)
    command = ["contacts", "--model", "esm2_t6_8m", "--weights", str(weights), "--quiet"]
    command += ["--dataset", "proteinnet"]
    tables = []
    for place, called in enumerate((names, ())):
        data = write_data(tmp_path / f"{place}.lmdb", 5, called=called)
        out = tmp_path / f"out{place}"
        assert main([*command, "--data", str(data), "--out", str(out), "--published"]) == 0
        printed = capsys.readouterr().out.splitlines()
        file = out / "esm2_t6_8m-proteinnet-published-contacts.csv"
        tables.append((pd.read_csv(file), [line.partition(",")[2] for line in printed]))
    (frame, lines), (other, others) = tables
    assert list(frame)[:3] == ["protein", "residues", "atoms"]
    assert set(frame["protein"]) == set(names[:5])
    pd.testing.assert_frame_equal(frame.drop(columns="protein"), other.drop(columns="protein"))
    assert lines == others
    assert len(lines) == 5


def test_one_alignment_is_scored_as_the_models_own_head_does(tmp_path: Path) -> None:
    weights = write_published(tmp_path / "weights", SHAPE)
    data = write_aligned_examples(tmp_path / "data") / "1MVO.a3m"
    command = ["contacts", "--model", "esm_msa1b", "--weights", str(weights), "--quiet"]
    command += ["--dataset", "alignments", "--data", str(data), "--out", str(tmp_path / "out")]
    assert main([*command, "--published"]) == 0
    frame = pd.read_csv(tmp_path / "out" / "esm_msa1b-alignments-published-contacts.csv")
    assert set(frame["protein"]) == {"1MVO"}
    with DATASETS["alignments"].open(data) as chains:
        chain = chains[0]
    adapter = load(weights)
    assert adapter.contacts is not None
    head, parts = adapter.contacts, list[torch.Tensor]()
    with torch.inference_mode():
        adapter.attend(
            [adapter.encode_chain(chain)],
            lambda layer, rows: parts.append(head.of_layer(layer, rows)),
        )
    logits = torch.stack(parts).sum(0).numpy()
    pairs = find_pairs(chain)
    expected = protein_scores(logits[pairs.first, pairs.second][None], pairs)["beta"][0]
    own = frame[frame["atoms"] == "beta"].pivot(
        index="separation", columns="measure", values="precision"
    )
    for place, separation in enumerate(("all", "short", "medium", "long")):
        for number, measure in enumerate(("L", "L/2", "L/5", "average")):
            if np.isfinite(expected[place, number]):
                assert own.loc[separation, measure] == pytest.approx(expected[place, number])


def test_what_has_no_regression_and_other_ways_are_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = write_published(tmp_path / "weights", SHAPE, contacts=False)
    data = write_aligned_examples(tmp_path / "data") / "1MVO.a3m"
    command = ["contacts", "--model", "esm_msa1b", "--weights", str(weights), "--quiet"]
    command += ["--dataset", "alignments", "--data", str(data), "--out", str(tmp_path / "out")]
    for more, said in (
        ([], "has no regression of contacts: put the file of its authors there"),
        (["--jacobian"], "give it without other ways"),
    ):
        assert main([*command, "--published", *more]) == 1
        (line,) = capsys.readouterr().err.splitlines()
        assert said in line


@pytest.mark.parametrize(
    ("like", "architecture", "said"),
    [
        ("prot_bert", "bert", "take a model that carries one"),
        ("esm2_t6_8m", "esm", "give the checkpoint that it was made from"),
    ],
)
def test_where_no_file_of_authors_would_help(
    like: str, architecture: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = make_checkpoint(tmp_path / "weights", like)
    change_state(
        weights, lambda state: {name: t for name, t in state.items() if "contact_head" not in name}
    )
    command = ["contacts", "--published", "--model", "mine", "--architecture", architecture]
    command += ["--weights", str(weights), "--quiet", "--dataset", "cameo", "--max-length", "60"]
    assert main([*command, "--out", str(tmp_path / "out")]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert f"has no regression of contacts: {said}" in line
