"""Row attention counted over alignments: by the command line, against a plain loop."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from precompute import resumed
from precompute.command_line import main
from precompute.datasets import DATASETS
from precompute.datasets.thinning import Thinning
from precompute.engines import measurer
from precompute.tables import HEAD_COUNTS, RUN_TABLES, SPECIAL_ATTENTION, list_runs, read_table
from tests import naive
from tests.checkpoints import make_checkpoint
from tests.msa_checkpoints import SMALL, load, random_alignment, write_published
from tests.precompute.engines.here import workers_here
from tests.precompute.strange import example

RUN = ["run", "--dataset", "alignments", "--max-length", "96", "--quiet", "--model"]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_published(tmp_path_factory.mktemp("msa") / "weights")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three alignments: of a structure, with gaps in the query, and of one row."""
    folder = tmp_path_factory.mktemp("alignments")
    (folder / "1t8k.pdb").write_text(example("1T8K"))
    with DATASETS["structures"].open(folder) as chains:
        sequence = chains[0].sequence
    rows = random_alignment(30, len(sequence), seed=1)
    rows[0] = sequence
    write(folder / "1t8k.a3m", rows)
    gapped = random_alignment(12, 40, seed=2)
    gapped[0] = f"--{gapped[0][2:20]}---{gapped[0][23:]}"
    write(folder / "gapped.fasta", gapped)
    write(folder / "single.a3m", random_alignment(1, 35, seed=3))
    return folder


def write(path: Path, rows: list[str]) -> None:
    path.write_text("".join(f">{number}\n{row}\n" for number, row in enumerate(rows)))


def command(weights: Path, data: Path, out: Path, *more: str) -> list[str]:
    arguments = [*RUN, "esm_msa1b", "--weights", str(weights)]
    return [*arguments, "--data", str(data), "--out", str(out), *more]


def run_row(out: Path) -> pd.Series:
    (row,) = (row for _, row in list_runs(out).iterrows())
    return row


def test_counts_are_those_of_a_plain_loop_over_row_attention(
    weights: Path, data: Path, tmp_path: Path
) -> None:
    assert main(command(weights, data, tmp_path, "--depth", "8", "--no-shuffle")) == 0
    row = run_row(tmp_path)
    assert row["protein_ids"].tolist() == ["1t8k", "gapped", "single"]

    adapter = load(weights)
    counted = [Counter(), Counter(), Counter()]
    special: Counter[tuple[int, int]] = Counter()
    with DATASETS["alignments"].open(data) as chains:
        for number in range(len(chains)):
            chain = chains[number]
            assert chain.alignment is not None
            read = Thinning(8).apply(chain.alignment)
            assert len(read) == min(8, len(chain.alignment))
            encoding = adapter.encode_alignment(read)
            maps: list[torch.Tensor] = []
            adapter.attend([encoding], lambda _, m, seen=maps: seen.append(m[0].clone()))
            attention = torch.stack(maps).numpy()
            own = np.flatnonzero(encoding.residues >= 0)
            others = np.flatnonzero(encoding.residues < 0)
            labelled = chain.labelled
            assert labelled is not None
            record = {
                "primary": chain.sequence,
                "tertiary": chain.alpha_carbons,
                "valid_mask": chain.resolved,
                "positions": list(range(len(chain))),
            }
            if labelled.all():
                record |= {
                    "sites": set(np.flatnonzero(chain.binding_site)),
                    "ss8": np.array([1, 4, 6, 7])[chain.secondary_structure],
                }
            for total, part in zip(
                counted,
                naive.count(attention[:, :, own[:, None], own], record, (0.1, 0.3)),
                strict=True,
            ):
                total.update(part)
            given = attention[:, :, own][..., others].sum((2, 3))
            for place in np.ndindex(given.shape):
                special[place] += given[place]
    arcs, eligible, hits = counted
    assert sum(arcs.values()) > 500
    assert sum(n for key, n in hits.items() if key[0] == "contact") > 0

    counts = read_table(tmp_path, HEAD_COUNTS, run=row["run"])
    assert set(counts["attention"]) == {"row"}
    shown = counts[counts["threshold"].round(2).isin([0.1, 0.3])]
    checked = {"contact", "binding_site", "secondary_structure:helix", "amino_acid:A", "offset:+1"}
    for one in shown[shown["feature"].isin(checked)].itertuples():
        where = (round(one.threshold, 2), one.layer, one.head)
        assert one.arcs == arcs["", *where]
        assert one.hits == hits[one.feature, *where]
        assert one.eligible == eligible[one.feature.split(":")[0], *where]
    table = read_table(tmp_path, SPECIAL_ATTENTION, run=row["run"])
    for one in table.itertuples():
        assert one.weight == pytest.approx(special[one.layer - 1, one.head - 1], abs=1e-3)


def test_the_run_says_what_was_counted(weights: Path, data: Path, tmp_path: Path) -> None:
    assert main(command(weights, data, tmp_path, "--depth", "8", "--thin", "random")) == 0
    row = run_row(tmp_path)
    notes = json.loads(row["notes"])
    assert notes["attention"] == "row: one map for all rows of an alignment"
    assert notes["rows of alignments that are read"].startswith("at most 8, random (seed 123)")
    assert notes["of one row, from which the MSA Transformer gives no contacts"] == "single"
    assert row["residues"] == 77 + 35 + 35
    for table in RUN_TABLES:
        frame = read_table(tmp_path, table, run=row["run"])
        assert "attention" not in frame or set(frame["attention"]) == {"row"}


def test_another_depth_or_rule_is_another_run(
    weights: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command(weights, data, tmp_path, "--depth", "8")) == 0
    for more in (["--depth", "7"], ["--depth", "8", "--thin", "first"]):
        assert main(command(weights, data, tmp_path, *more)) == 1
        said = capsys.readouterr().err
        assert "with other settings (notes of rows of alignments that are read: at most " in said
        assert "checkpoint" not in said
        assert main(command(weights, data, tmp_path, *more, "--add")) == 0
    assert len(set(list_runs(tmp_path)["run"])) == 3
    assert main(command(weights, data, tmp_path, "--depth", "8", "--add")) == 0
    assert len(list_runs(tmp_path)) == 3, "what is there already is not counted again"


def tables(out: Path) -> dict[str, pd.DataFrame]:
    run = run_row(out)["run"]
    return {table.name: read_table(out, table, run=run) for table in RUN_TABLES}


def test_an_interrupted_run_ends_as_one_that_was_not(
    weights: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(command(weights, data, tmp_path / "whole", "--depth", "8")) == 0
    monkeypatch.setattr(resumed, "SHARD_WEIGHTS", {"cpu": 1})
    plain, measured = measurer.measure_items, []

    def stops_after_two(*arguments):
        if len(measured) == 2:
            raise KeyboardInterrupt
        measured.append([item.chain.identifier for item in arguments[1]])
        return plain(*arguments)

    monkeypatch.setattr(measurer, "measure_items", stops_after_two)
    assert main(command(weights, data, tmp_path / "parts", "--depth", "8")) == 130
    # The one with most cells first: 8 × 77, 8 × 40, 1 × 35.
    assert measured == [["1t8k"], ["gapped"]]
    monkeypatch.setattr(measurer, "measure_items", plain)
    assert main(command(weights, data, tmp_path / "parts", "--depth", "8")) == 0
    expected = tables(tmp_path / "whole")
    for name, frame in tables(tmp_path / "parts").items():
        pd.testing.assert_frame_equal(frame, expected[name])


def test_batches_are_never_laid_side_by_side(weights: Path, data: Path, tmp_path: Path) -> None:
    """Beside a deeper alignment, the padding of a smaller would count among its rows."""
    assert main(command(weights, data, tmp_path / "a", "--depth", "8")) == 0
    more = ["--depth", "8", "--batch-tokens", "4000"]
    assert main(command(weights, data, tmp_path / "b", *more)) == 0
    expected = tables(tmp_path / "a")
    for name, frame in tables(tmp_path / "b").items():
        pd.testing.assert_frame_equal(frame, expected[name])


def test_workers_count_the_same(weights: Path, data: Path, tmp_path: Path) -> None:
    assert main(command(weights, data, tmp_path / "a", "--depth", "8")) == 0
    with workers_here() as address:
        whole = command(weights, data, tmp_path / "b", "--depth", "8", "--scheduler", address)
        assert main(whole) == 0
    expected = tables(tmp_path / "a")
    for name, frame in tables(tmp_path / "b").items():
        pd.testing.assert_frame_equal(frame, expected[name])


def test_a_dry_run_says_rows_and_writes_nothing(
    weights: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command(weights, data, tmp_path, "--depth", "8", "--dry-run")) == 0
    said = capsys.readouterr().out
    assert "77 residues × 8 rows in" in said
    assert f"{SMALL.layers} layers × {SMALL.heads} heads" in said
    assert not list(tmp_path.glob("*.parquet"))


def test_a_model_of_sequences_reads_the_queries(data: Path, tmp_path: Path) -> None:
    """Its run is the same whatever rows another model of the command reads."""
    esm = make_checkpoint(tmp_path / "esm", "esm2_t6_8m", sharpness=30)
    arguments = [*RUN, "esm2_t6_8m", "--weights", str(esm), "--data", str(data)]
    assert main([*arguments, "--out", str(tmp_path / "out")]) == 0
    row = run_row(tmp_path / "out")
    assert "rows of alignments" not in row["notes"]
    assert set(read_table(tmp_path / "out", HEAD_COUNTS, run=row["run"])["attention"]) == {"self"}
    both = tmp_path / "both"
    both.mkdir()
    write_published(both / "esm_msa1b")
    esm.rename(both / "esm2_t6_8m")
    arguments = [*RUN, "esm2_t6_8m,esm_msa1b", "--weights", str(both), "--data", str(data)]
    assert main([*arguments, "--depth", "8", "--out", str(tmp_path / "two")]) == 0
    runs = list_runs(tmp_path / "two").set_index("model")["run"]
    assert runs["esm2_t6_8m"] == row["run"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["esm2_t6_8m", "--depth", "8"], "ESM-2 8M read one sequence at a time"),
        (["esm2_t6_8m", "--thin", "first"], "ESM-2 8M read one sequence at a time"),
        (["esm_msa1b", "--dataset", "structures"], "give --dataset alignments"),
        (["esm_msa1b", "--depth", "1025"], "reads at most 1,024 rows"),
        (["esm_msa1b", "--max-length", "97"], "reads at most 96 tokens"),
        (["esm_msa1b", "--no-weights"], "is on no hub"),
    ],
)
def test_what_cannot_be_asked_for_is_said_before_data_are_read(
    arguments: list[str],
    sentence: str,
    weights: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = [*RUN, *arguments, "--data", str(tmp_path / "absent"), "--out", str(tmp_path / "out")]
    given = [word for word in given if word != "--no-weights"]
    if "--no-weights" not in arguments:
        given += ["--weights", str(weights)]
    assert main(given) == 1
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1
