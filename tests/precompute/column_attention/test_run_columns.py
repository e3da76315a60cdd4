"""Column attention measured by the command line: every number against a plain one."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from precompute import resumed
from precompute.alignment import Alignment
from precompute.column_attention.choice import NULLS
from precompute.column_attention.frames import mean_interval
from precompute.column_attention.kept import read_matrices
from precompute.column_attention.nulls import shuffle
from precompute.command_line import main
from precompute.datasets import DATASETS
from precompute.engines import measurer
from precompute.errors import AtlasError
from precompute.tables import (
    COLUMN_DISTANCE,
    COLUMN_FAMILIES,
    COLUMN_REGRESSION,
    COLUMN_TABLES,
    list_runs,
    read_table,
)
from tests.checkpoints import make_checkpoint
from tests.measured_alignments import ALIGNMENTS, measured_alignments, write_alignment
from tests.msa_checkpoints import (
    SMALL,
    change_published,
    load,
    random_state,
    write_published,
)
from tests.precompute.column_attention.test_distance import naive_correlations
from tests.precompute.engines.here import workers_here

ALL_NULLS = ("--nulls", "rows,columns,covariance")
KEY = ["definition", "control", "layer", "head"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("measured")


@pytest.fixture(scope="module")
def measured(folder: Path) -> tuple[Path, str]:
    return measured_alignments(folder, *ALL_NULLS)


@pytest.fixture(scope="module")
def alignments(folder: Path, measured: tuple[Path, str]) -> list[tuple[str, Alignment]]:
    """Names and alignments in the order of the sample."""
    results, _ = measured
    with DATASETS["alignments"].open(folder / "alignments") as chains:
        read = {chains[number].identifier: chains[number] for number in range(len(chains))}
    names = list_runs(results)["protein_ids"].iloc[0].tolist()
    return [(name, read[name].alignment) for name in names]


def command(folder: Path, out: Path, *more: str) -> list[str]:
    arguments = ["run", "--model", "esm_msa1b", "--weights", str(folder / "weights"), "--quiet"]
    arguments += ["--dataset", "alignments", "--data", str(folder / "alignments")]
    return [*arguments, "--max-length", "96", "--no-shuffle", "--out", str(out), *more]


def tables(out: Path) -> dict[str, pd.DataFrame]:
    (run,) = list_runs(out)["run"]
    return {table.name: read_table(out, table, run=run) for table in COLUMN_TABLES}


def maps_of(folder: Path, alignment: Alignment) -> tuple[np.ndarray, np.ndarray]:
    """Mean over columns, and that of ``<cls>``, (layers, heads, rows, rows)."""
    adapter = load(folder / "weights")
    found: list[tuple[torch.Tensor, torch.Tensor]] = []
    adapter.attend([adapter.encode_alignment(alignment)], None, lambda _, *maps: found.append(maps))
    mean, special = (torch.stack(maps).double().numpy() for maps in zip(*found, strict=True))
    return mean, special


def test_every_correlation_is_scipys_over_plainly_built_pairs(
    folder: Path, measured: tuple[Path, str], alignments: list[tuple[str, Alignment]]
) -> None:
    results, run = measured
    table = read_table(results, COLUMN_FAMILIES, run=run)
    assert len(table) == 4 * 3 * 4 * SMALL.layers * SMALL.heads
    for number, (name, alignment) in enumerate(alignments, 1):
        own = table[table["number"] == number]
        assert set(own["alignment"]) == {name}
        assert set(zip(own["rows"], own["columns"], strict=True)) == {ALIGNMENTS[name]}
        by_head = own.set_index(KEY)
        for control in ("none", *NULLS):
            read = alignment if control == "none" else shuffle(alignment, control, 123)
            mean, special = maps_of(folder, read)
            for layer, head in np.ndindex(SMALL.layers, SMALL.heads):
                expected = (
                    naive_correlations(mean[layer, head], special[layer, head], alignment.texts())
                    if len(alignment) > 2
                    else {}
                )
                for definition in ("corrected", "published", "published_cls"):
                    row = by_head.loc[definition, control, layer + 1, head + 1]
                    for statistic in ("spearman", "pearson"):
                        value = expected.get((definition, statistic), np.nan)
                        assert row[statistic] == pytest.approx(value, abs=1e-9, nan_ok=True)


def test_the_run_says_what_was_measured_and_what_could_not_be(
    measured: tuple[Path, str],
) -> None:
    results, run = measured
    notes = json.loads(list_runs(results)["notes"].iloc[0])
    assert notes["column attention"] == (
        "with distance; nulls: columns, covariance, rows; seed 123; "
        "matrices of the first alignments, 256 MB"
    )
    undefined = notes["without a correlation of column attention with distance"]
    assert undefined == "two_rows (fewer than 3 rows)"
    table = read_table(results, COLUMN_FAMILIES, run=run)
    assert (
        table.loc[table["alignment"] == "two_rows", ["spearman", "pearson"]].isna().all(axis=None)
    )
    assert (
        table.loc[table["alignment"] != "two_rows", ["spearman", "pearson"]].notna().all(axis=None)
    )


def test_the_table_is_the_mean_over_alignments(measured: tuple[Path, str]) -> None:
    results, run = measured
    families = read_table(results, COLUMN_FAMILIES, run=run)
    table = read_table(results, COLUMN_DISTANCE, run=run).set_index(KEY)
    assert len(table) == 3 * 4 * SMALL.layers * SMALL.heads
    assert set(table["alignments"]) == {3}
    random = np.random.default_rng(7)
    for key, part in families.groupby(KEY):
        row = table.loc[key]
        for statistic in ("spearman", "pearson"):
            values = part[statistic].dropna().to_numpy()
            assert row[statistic] == pytest.approx(values.mean(), abs=1e-12)
            assert row[f"{statistic}_lower"] <= row[statistic] <= row[f"{statistic}_upper"]
            assert values.min() - 1e-12 <= row[f"{statistic}_lower"]
            assert row[f"{statistic}_upper"] <= values.max() + 1e-12
    values = random.normal(size=(40, 5))
    mean, lower, upper = mean_interval(values)
    drawn = values[random.integers(40, size=(20_000, 40))].mean(1)
    np.testing.assert_allclose(lower, np.quantile(drawn, 0.025, axis=0), atol=0.03)
    np.testing.assert_allclose(upper, np.quantile(drawn, 0.975, axis=0), atol=0.03)
    np.testing.assert_allclose(mean, values.mean(0))


def test_alignments_without_a_value_count_for_nothing() -> None:
    values = np.array([[0.5, np.nan, np.nan], [0.1, 0.3, np.nan], [np.nan, np.nan, np.nan]])
    mean, lower, upper = mean_interval(values)
    np.testing.assert_allclose(mean, [0.3, 0.3, np.nan])
    np.testing.assert_allclose(lower, [0.1, np.nan, np.nan])
    np.testing.assert_allclose(upper, [0.5, np.nan, np.nan])


def test_one_alignment_has_no_interval(folder: Path, tmp_path: Path, measured: object) -> None:
    assert main(command(folder, tmp_path, "--proteins", "1")) == 0
    table = tables(tmp_path)["column_distance"]
    assert set(table["alignments"]) == {1}
    assert table["spearman"].notna().all()
    ends = [f"{one}_{end}" for one in ("spearman", "pearson") for end in ("lower", "upper")]
    assert table[ends].isna().all(axis=None)
    assert set(table["control"]) == {"none"}


def test_kept_matrices_are_the_maps(
    folder: Path, measured: tuple[Path, str], alignments: list[tuple[str, Alignment]]
) -> None:
    results, run = measured
    for number, (name, alignment) in enumerate(alignments, 1):
        kept = read_matrices(results, run, number)
        mean, _ = maps_of(folder, alignment)
        assert kept.name == name
        assert kept.alignment.texts() == alignment.texts()
        assert kept.alignment.names == alignment.names
        np.testing.assert_allclose(kept.attention, mean, rtol=1e-3, atol=1e-6)
        assert kept.selectivity.shape == (SMALL.layers, SMALL.heads, alignment.columns)
        assert (kept.selectivity.max() > 0.1) is np.bool_(len(alignment) > 2)
    assert read_table(results, COLUMN_FAMILIES, run=run)["kept"].all()


def test_matrices_are_kept_within_the_budget(
    folder: Path, tmp_path: Path, measured: object
) -> None:
    assert main(command(folder, tmp_path, "--keep-matrices", "0")) == 0
    (run,) = list_runs(tmp_path)["run"]
    assert not read_table(tmp_path, COLUMN_FAMILIES, run=run)["kept"].any()
    assert not (tmp_path / "column_matrices").exists()
    with pytest.raises(AtlasError, match="does not exist"):
        read_matrices(tmp_path, run, 1)


def test_an_interrupted_run_ends_as_one_that_was_not(
    folder: Path, measured: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results, run = measured
    monkeypatch.setattr(resumed, "SHARD_WEIGHTS", {"cpu": 1})
    plain, count = measurer.measure_items, []

    def stops_after_two(*arguments):
        if len(count) == 2:
            raise KeyboardInterrupt
        count.append(1)
        return plain(*arguments)

    monkeypatch.setattr(measurer, "measure_items", stops_after_two)
    assert main(command(folder, tmp_path, *ALL_NULLS)) == 130
    assert len(list(tmp_path.glob(".unfinished/*/*.shard"))) == 2
    monkeypatch.setattr(measurer, "measure_items", plain)
    assert main(command(folder, tmp_path, *ALL_NULLS)) == 0
    same(results, tmp_path, run)


def test_workers_measure_the_same(folder: Path, measured: tuple[Path, str], tmp_path: Path) -> None:
    results, run = measured
    with workers_here() as address:
        assert main(command(folder, tmp_path, *ALL_NULLS, "--scheduler", address)) == 0
    same(results, tmp_path, run)


def same(results: Path, other: Path, run: str) -> None:
    """Compare tables and matrices of two folders."""
    assert list_runs(other)["run"].tolist() == [run]
    expected = tables(results)
    for name, frame in tables(other).items():
        pd.testing.assert_frame_equal(frame, expected[name])
    files = sorted(path.relative_to(results) for path in results.glob("column_matrices/*/*"))
    assert len(files) == len(ALIGNMENTS)
    for path in files:
        assert (results / path).read_bytes() == (other / path).read_bytes()


def test_another_choice_is_another_run(
    folder: Path, measured: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    results, run = measured
    assert main(command(folder, results, "--nulls", "columns,rows,covariance,columns")) == 0
    assert list_runs(results)["run"].tolist() == [run], "the same nulls in another order"
    for more in (["--nulls", "rows"], [], [*ALL_NULLS, "--keep-matrices", "1"]):
        assert main(command(folder, results, *more)) == 1
        assert "with other settings (notes" in capsys.readouterr().err


def test_a_file_that_is_gone_is_measured_again(
    folder: Path, tmp_path: Path, measured: object
) -> None:
    assert main(command(folder, tmp_path)) == 0
    before = tables(tmp_path)
    (path,) = tmp_path.glob("column_families/*")
    path.unlink()
    assert main(command(folder, tmp_path)) == 0
    for name, frame in tables(tmp_path).items():
        pd.testing.assert_frame_equal(frame, before[name])


def test_tables_are_exported_where_there_are_any(
    measured: tuple[Path, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results, run = measured
    assert main(["export", str(results), "--csv", str(tmp_path)]) == 0
    for table in COLUMN_TABLES:
        rows = pd.read_csv(tmp_path / f"{table.name}.csv")
        assert len(rows) == len(read_table(results, table, run=run))
    assert "column_families.csv" in capsys.readouterr().out


def test_a_regression_is_fitted_where_it_can_be(tmp_path: Path) -> None:
    """To the maps themselves: that of three layers of four heads needs few rows."""
    results, run = measured_alignments(tmp_path, "--regression")
    table = read_table(results, COLUMN_REGRESSION, run=run)
    assert table["definition"].tolist() == ["corrected", "published"] * 4
    deep = table[table["alignment"] == "PF00001"].set_index("definition")
    assert deep["problem"].isna().all()
    assert deep["fitted"].tolist() == [17, 17]
    assert deep["judged"].tolist() == [7, 7]
    assert deep[["rmse", "mae"]].gt(0).all(axis=None)
    assert deep["pearson"].between(-1, 1).all()
    few = table[table["alignment"] == "two_rows"]
    assert few["problem"].str.contains("cannot give 13 coefficients").all()
    assert few[["rmse", "mae", "r_squared", "pearson"]].isna().all(axis=None)
    notes = json.loads(list_runs(results)["notes"].iloc[0])
    assert "regression on all heads; seed 123" in notes["column attention"]


def plant(folder: Path) -> Path:
    """Make every head of the first layer's column attention look for the same letter."""
    state = random_state(SMALL)
    random = np.random.default_rng(0)
    letters = torch.from_numpy(random.normal(size=(SMALL.tokens, SMALL.width))).float()
    nothing = {
        name.replace(".", "__"): torch.zeros_like(state[name])
        for name in state
        if name.startswith("embed_positions")
        or name == "msa_position_embedding"
        or name.startswith("layers.0.row_self_attention.layer.out_proj")
        or (
            name.startswith("layers.0.column_self_attention.layer.")
            and "v_proj" not in name
            and name.endswith("bias")
        )
    }
    # Names of rows and columns are exchanged in the published file.
    exchanged = {
        name.replace("row_self", "COLUMN")
        .replace("column_self", "row_self")
        .replace("COLUMN", "column_self"): tensor
        for name, tensor in nothing.items()
    }
    exchanged["embed_tokens__weight"] = letters
    for one in ("q_proj", "k_proj"):
        exchanged[f"layers__0__row_self_attention__layer__{one}__weight"] = 2 * torch.eye(
            SMALL.width
        )
    return change_published(write_published(folder), **exchanged)


def test_a_network_that_follows_distance_is_found(tmp_path: Path) -> None:
    """Rows that have the same letter attend to one another: by nothing but what a row has."""
    plant(tmp_path / "weights")
    for seed in range(4):
        rows = related_rows(30, 60, seed)
        write_alignment(tmp_path / "alignments" / f"family{seed}.a3m", rows)
    assert main(command(tmp_path, tmp_path / "results", *ALL_NULLS)) == 0
    table = tables(tmp_path / "results")["column_distance"]
    first = table[(table["layer"] == 1) & (table["definition"] == "corrected")]
    by_control = first.groupby("control")["spearman"]
    assert by_control.max()["none"] < -0.9
    assert by_control.max()["columns"] < -0.9, "no position is read"
    np.testing.assert_allclose(
        first.loc[first["control"] == "columns", "spearman"].to_numpy(),
        first.loc[first["control"] == "none", "spearman"].to_numpy(),
        atol=1e-3,
    )
    assert by_control.min()["covariance"] > -0.2, "no row is left as it was"
    assert by_control.min()["rows"] > -0.5


def related_rows(rows: int, columns: int, seed: int) -> list[str]:
    """Draw a family in two branches, so that distances differ."""
    random = np.random.default_rng(seed)
    letters = np.array(list("ACDEFGHIKLMNPQRSTVWY"))
    root = random.choice(letters, columns)
    branches = [
        np.where(random.random(columns) < 0.4, random.choice(letters, columns), root)
        for _ in range(2)
    ]
    found = [root]
    for number in range(rows - 1):
        changed = random.random(columns) < random.uniform(0.05, 0.5)
        found.append(np.where(changed, random.choice(letters, columns), branches[number % 2]))
    return ["".join(row) for row in found]


def test_a_null_that_is_none_is_one_sentence(
    folder: Path, measured: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command(folder, tmp_path, "--nulls", "columns,tree")) == 1
    said = capsys.readouterr().err
    assert "There is no null 'tree': choose among columns, covariance, rows." in said
    assert not list(tmp_path.rglob("*"))


@pytest.mark.parametrize("size", ["-1", "much"])
def test_a_budget_that_is_none_is_refused(
    folder: Path, tmp_path: Path, size: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(command(folder, tmp_path, f"--keep-matrices={size}"))
    assert "is not a whole number from 0 up" in capsys.readouterr().err


@pytest.mark.parametrize("more", [["--nulls", "rows"], ["--regression"], ["--keep-matrices", "3"]])
def test_a_model_of_sequences_has_no_columns(
    folder: Path,
    measured: object,
    tmp_path: Path,
    more: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    esm = make_checkpoint(tmp_path / "esm", "esm2_t6_8m")
    arguments = command(folder, tmp_path / "out", *more)
    arguments[arguments.index("esm_msa1b")] = "esm2_t6_8m"
    arguments[arguments.index("--weights") + 1] = str(esm)
    assert main(arguments) == 1
    assert "ESM-2 8M read one sequence at a time" in capsys.readouterr().err
