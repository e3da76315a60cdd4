"""`precompute contacts` from end to end: planted, resumed, on workers, and refused."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from precompute import resumed
from precompute.command_line import main
from precompute.contacts import run as contacts_run
from precompute.contacts.causal import CAUSAL
from precompute.contacts.learning import PROTEINS, Features, fit_regression, rank_heads
from precompute.contacts.pairs import RANGES, find_pairs
from precompute.contacts.scoring import MEASURES
from precompute.errors import AtlasError
from precompute.models import MODELS
from precompute.tables import (
    CONTACT_RUN_TABLES,
    CONTACT_RUNS,
    read_table,
)
from tests.checkpoints import make_checkpoint
from tests.measured_contacts import HEADS, LAYERS, write_data
from tests.precompute.contacts.test_scoring import folded
from tests.precompute.engines.here import workers_here


@pytest.fixture(scope="module")
def arguments(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("contacts")
    weights = make_checkpoint(folder / "weights", "esm2_t6_8m", layers=LAYERS, heads=HEADS)
    data = write_data(folder / "data.lmdb", PROTEINS + 8)
    command = ["contacts", "--model", "esm2_t6_8m", "--weights", str(weights)]
    return [*command, "--dataset", "proteinnet", "--data", str(data), "--quiet"]


@pytest.fixture(scope="module")
def results(arguments: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("results")
    assert main([*arguments, "--out", str(out)]) == 0
    return out


def read(folder: Path) -> tuple[pd.Series, dict[str, pd.DataFrame]]:
    (row,) = read_table(folder, CONTACT_RUNS).to_dict("records")
    tables = {table.name: read_table(folder, table, run=row["run"]) for table in CONTACT_RUN_TABLES}
    return pd.Series(row), tables


def assert_same(folder: Path, other: Path) -> None:
    (_, one), (_, two) = read(folder), read(other)
    for name, frame in one.items():
        pd.testing.assert_frame_equal(frame, two[name])


def test_tables_hold_every_method_range_and_measure(results: Path) -> None:
    row, tables = read(results)
    assert row["proteins"] == 8
    assert len(row["learnt_ids"]) == PROTEINS
    assert not set(row["learnt_ids"]) & set(row["protein_ids"])
    assert row["layers"], row["heads"] == (LAYERS, HEADS)
    assert row["atoms"] == "alpha"
    assert "identity" in row["split"]
    table = tables["contact_precision"]
    methods = set(zip(table["method"], table["heads"], strict=True))
    means = {("mean", count) for count in range(1, LAYERS * HEADS + 1)}
    others = {("regression", 0), ("published_regression", 0), ("chance", 0)}
    assert methods == means | others
    assert set(table["separation"]) == set(RANGES)
    assert set(table["measure"]) == set(MEASURES)
    assert len(table) == len(methods) * len(RANGES) * len(MEASURES)
    inside = table.dropna()
    assert (inside["lower"] <= inside["precision"] + 1e-9).all()
    assert (inside["precision"] <= inside["upper"] + 1e-9).all()
    heads = tables["contact_heads"]
    assert sorted(heads["rank"]) == list(range(1, LAYERS * HEADS + 1))
    best_first = heads.sort_values("rank")["precision"]
    assert best_first.is_monotonic_decreasing
    assert row["kept"] == np.count_nonzero(heads["weight"])


def test_kept_maps_are_of_scored_proteins_and_give_their_own_precision(results: Path) -> None:
    row, tables = read(results)
    proteins, maps = tables["contact_proteins"], tables["contact_maps"]
    assert set(proteins["protein"]) <= set(row["protein_ids"])
    assert set(maps["protein"]) == set(proteins["protein"])
    for protein in proteins.itertuples():
        size = len(protein.sequence)
        pairs = len(np.triu_indices(size, 6)[0])
        assert len(protein.alpha) == 3 * size
        own = maps[maps["protein"] == protein.protein]
        assert {len(scores) for scores in own["scores"]} == {pairs}
        assert set(zip(own["method"], own["heads"], strict=True)) == {
            ("mean", 1),
            ("mean", LAYERS * HEADS),
            ("regression", 0),
            ("published_regression", 0),
        }


def test_the_best_head_is_the_best_of_the_learnt_and_scored_on_others(results: Path) -> None:
    _, tables = read(results)
    heads = tables["contact_heads"]
    best = heads[heads["rank"] == 1].iloc[0]
    assert best["precision"] == heads["precision"].max()


@pytest.mark.parametrize("names", [["one"], ["one", "two"], ["one", *map(str, range(40))]])
def test_chains_of_one_name_are_scored_all_and_one_is_kept(
    names: list[str], arguments: list[str], tmp_path: Path
) -> None:
    data = write_data(tmp_path / "data.lmdb", PROTEINS + 8, called=names)
    given = [str(data) if one.endswith("data.lmdb") else one for one in arguments]
    assert main([*given, "--out", str(tmp_path / "out")]) == 0
    row, tables = read(tmp_path / "out")
    assert len(row["protein_ids"]) == row["proteins"] == 8
    kept = tables["contact_proteins"]["protein"]
    assert kept.is_unique
    assert len(kept) == min(contacts_run.KEPT, len(set(row["protein_ids"])))


def test_an_unfinished_run_is_taken_up(
    arguments: list[str], results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resumed, "SHARD_WEIGHTS", {"cpu": 1})  # a shard a protein
    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(
            contacts_run, "contact_frames", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
        )
        assert main([*arguments, "--out", str(out)]) == 130
    assert len(list(out.rglob("*.shard"))) == PROTEINS + 8
    victim = sorted(out.rglob("*.shard"))[3]
    victim.write_bytes(victim.read_bytes()[:-9])
    assert main([*arguments, "--out", str(out)]) == 0
    assert_same(results, out)
    assert not list(out.rglob("*.shard"))


def test_two_workers_measure_what_one_process_does(
    arguments: list[str], results: Path, tmp_path: Path
) -> None:
    out = tmp_path / "two"
    with workers_here() as address:
        assert main([*arguments, "--out", str(out), "--scheduler", address]) == 0
    row, _ = read(out)
    assert "Dask worker" in row["device"]
    assert_same(results, out)


def test_a_finished_run_is_not_measured_again(
    arguments: list[str], results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments[:-1], "--out", str(results)]) == 0
    assert "Already there, with the same settings and data" in capsys.readouterr().err


def test_the_jacobian_is_one_more_method(arguments: list[str], tmp_path: Path) -> None:
    assert main([*arguments, "--out", str(tmp_path), "--jacobian", "--max-length", "50"]) == 0
    _, tables = read(tmp_path)
    own = tables["contact_precision"]
    own = own[(own["method"] == "jacobian") & (own["separation"] == "all")]
    assert own["precision"].notna().all()
    assert "jacobian" in set(tables["contact_maps"]["method"])


def _refused(arguments: Sequence[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert main([*arguments]) == 1
    said = capsys.readouterr().err
    assert "Traceback" not in said
    return said.splitlines()[-1]


def test_what_cannot_be_scored_is_refused_in_a_sentence(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ["--out", str(tmp_path / "out")]
    few = write_data(tmp_path / "few.lmdb", 9)
    given = arguments[: arguments.index("--data")]
    said = _refused([*given, "--data", str(few), *out], capsys)
    assert "9 proteins are of 9 families" in said
    assert f"{PROTEINS} are learnt from" in said
    short = write_data(tmp_path / "short.lmdb", PROTEINS + 5, residues=10)
    said = _refused([*given, "--data", str(short), "--max-length", "18", *out], capsys)
    assert "contacts" in said
    other = [*given[: given.index("--dataset")], "--dataset", "families", "--data", str(few)]
    said = _refused([*other, *out], capsys)
    assert "has no coordinates, and contacts are measured on structures" in said
    assert not list(tmp_path.rglob("contact_*.parquet"))


@pytest.mark.parametrize("model", [one.name for one in MODELS.values() if one.causal])
def test_a_causal_model_is_refused_before_anything_is_read(
    model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """There are neither weights nor data, and nobody is told so."""
    given = ["contacts", "--model", model, "--weights", str(tmp_path / "nowhere")]
    given += ["--dataset", "proteinnet", "--data", str(tmp_path / "none")]
    said = _refused([*given, "--out", str(tmp_path / "out")], capsys)
    assert said == f"precompute: {MODELS[model].label}: {CAUSAL}"
    assert not list(tmp_path.iterdir())


def test_a_checkpoint_without_a_language_model_has_no_jacobian(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.checkpoints import change_state

    weights = make_checkpoint(tmp_path / "weights", "esm2_t6_8m", layers=LAYERS, heads=HEADS)
    change_state(
        weights, lambda state: {k: t for k, t in state.items() if not k.startswith("lm_head")}
    )
    changed = [str(weights) if one == arguments[4] else one for one in arguments]
    said = _refused([*changed, "--out", str(tmp_path / "out"), "--jacobian"], capsys)
    assert "has no head of a masked language model (lm_head.*)" in said


def test_planted_heads_are_found_and_weighed() -> None:
    """Of thirty maps two follow contacts: they come first and carry the regression."""
    generator = np.random.default_rng(0)
    proteins = []
    for number in range(PROTEINS):
        chain = folded(80, number)
        pairs = find_pairs(chain)
        chosen = pairs.eligible["beta"]
        contact = pairs.contact["beta"][chosen]
        values = generator.normal(size=(chosen.sum(), 30)).astype(np.float32)
        values[:, 7] += 3 * contact
        values[:, 21] += 2 * contact
        precision = values.mean(axis=0) + np.isin(np.arange(30), (7, 21))
        weight = np.ones(len(contact), dtype=np.float32)
        proteins.append(Features(values, contact, weight, precision))
    order, _ = rank_heads(proteins)
    assert set(order[:2].tolist()) == {7, 21}
    weights, bias = fit_regression(proteins)
    assert set(np.argsort(-np.abs(weights))[:2].tolist()) == {7, 21}
    assert bias < 0
    nothing = [
        Features(one.values, one.contact & False, one.weight, one.precision) for one in proteins
    ]
    with pytest.raises(AtlasError, match="have no contacts"):
        fit_regression(nothing)
    blind = [Features(one.values, one.contact, one.weight, np.full(30, np.nan)) for one in proteins]
    with pytest.raises(AtlasError, match="24 or more residues apart"):
        rank_heads(blind)
