"""What heads are like, against loops over the attention that transformers itself gives."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from precompute import head_shape
from precompute.command_line import main
from precompute.head_shape import SHAPE_SUMS, BatchPlaces, shape_sums
from precompute.models import MODELS
from precompute.models.adapter import Adapter
from precompute.models.loading import Checkpoint
from precompute.models.weights import Weights
from precompute.tables import HEAD_SHAPE, SPECIAL_ATTENTION, list_runs, read_table
from precompute.windows import window_starts
from tests.chains import records_of, write_lmdb
from tests.checkpoints import eager_attention, make_checkpoint, shown_attention
from tests.precompute.test_windows import best_window

KINDS = {
    "prot_bert": "BertModel",
    "esm2_t6_8m": "EsmModel",
    "zymctrl": "GPT2Model",
}
MEASURES = (*SHAPE_SUMS, "special")
Row = tuple[int, np.ndarray, np.ndarray]
"""A residue, its attention to all tokens and the residue of each token, −1 for none."""


def loaded(model: str, folder: Path) -> Adapter:
    return Checkpoint(MODELS[model], Weights(folder, "test")).load()


def sums_of(rows: Iterator[Row], layers: int, heads: int) -> np.ndarray:
    """Sum what heads are like in plain loops; shape (layers, heads, measures)."""
    sums = np.zeros((layers, heads, len(MEASURES)))
    for i, row, residues in rows:
        for layer in range(layers):
            for head in range(heads):
                into = sums[layer, head]
                for weight, j in zip(row[layer, head].tolist(), residues.tolist(), strict=True):
                    if weight > 0:
                        into[0] -= weight * math.log2(weight)
                    if j < 0:
                        into[4] += weight
                        continue
                    into[1] += weight * abs(i - j)
                    into[2] += weight
                    into[3] += weight if i == j else 0.0
    return sums


def rows_of(attention: np.ndarray, residues: np.ndarray) -> Iterator[Row]:
    for token, i in enumerate(residues.tolist()):
        if i >= 0:
            yield i, attention[:, :, token], residues


def measured(model: str, folder: Path, tmp_path: Path, records: Any, *more: str) -> Path:
    data = tmp_path / "data.lmdb"
    if not data.exists():
        write_lmdb(data, records)
    arguments = ["run", "--model", model, "--weights", str(folder), "--quiet", *more]
    arguments += ["--dataset", "proteinnet", "--data", str(data), "--out", str(tmp_path / "out")]
    assert main(arguments) == 0
    return tmp_path / "out"


def table_of(out: Path) -> pd.DataFrame:
    return read_table(out, HEAD_SHAPE, run=list_runs(out)["run"].item())


def assert_sums(table: pd.DataFrame, expected: np.ndarray, residues: int) -> None:
    layers, heads, _ = expected.shape
    assert len(table) == layers * heads
    assert set(table["residues"]) == {residues}
    for row in table.itertuples():
        for name, value in zip(MEASURES, expected[row.layer - 1, row.head - 1], strict=True):
            assert getattr(row, name) == pytest.approx(value, rel=1e-5, abs=1e-3), (row, name)


@pytest.mark.parametrize("model", KINDS)
def test_sums_equal_a_loop_over_a_plain_eager_pass(model: str, tmp_path: Path) -> None:
    folder = make_checkpoint(tmp_path / "weights", model, heads=4, width=32, sharpness=15)
    records = records_of("proteinnet")[:3]
    out = measured(model, folder, tmp_path, records)
    adapter = loaded(model, folder)
    expected = np.zeros((adapter.layers, adapter.heads, len(MEASURES)))
    for record in records:
        encoding = adapter.encode(record["primary"])
        attention = eager_attention(folder, KINDS[model], encoding.tokens.tolist()).numpy()
        rows = rows_of(attention, encoding.residues)
        expected += sums_of(rows, adapter.layers, adapter.heads)
    residues = sum(len(record["primary"]) for record in records)
    table = table_of(out)
    assert_sums(table, expected, residues)
    whole = (table["to_residues"] + table["special"]).to_numpy()
    np.testing.assert_allclose(whole, residues, rtol=1e-5)
    run = list_runs(out)["run"].item()
    given = read_table(out, SPECIAL_ATTENTION, run=run)["weight"]
    pd.testing.assert_series_equal(table["special"], given, check_names=False)


@pytest.mark.parametrize("model", ["prot_bert", "zymctrl"])
def test_in_windows_a_residue_has_the_row_of_the_window_that_counts(
    model: str, tmp_path: Path
) -> None:
    window = 40
    folder = make_checkpoint(tmp_path / "weights", model, heads=2, width=16, sharpness=15)
    records = records_of("proteinnet")[:2]
    more = ("--windows", "--max-length", str(window + 2))
    out = measured(model, folder, tmp_path, records, *more)
    adapter = loaded(model, folder)

    def rows(sequence: str) -> Iterator[Row]:
        starts = window_starts(len(sequence), window)
        parts = [sequence[start : start + window] for start in starts]
        attention = [shown_attention(adapter, part).numpy() for part in parts]
        for i in range(len(sequence)):
            number = best_window(i, i, starts, window)
            assert number is not None
            residues = adapter.encode(parts[number]).residues
            there = np.where(residues >= 0, residues + starts[number], -1)
            (token,) = np.flatnonzero(there == i)
            yield i, attention[number][:, :, token], there

    sequences = [record["primary"] for record in records]
    assert max(map(len, sequences)) > window
    sums = [sums_of(rows(one), adapter.layers, adapter.heads) for one in sequences]
    assert_sums(table_of(out), sum(sums), sum(map(len, sequences)))


def test_planted_heads_are_what_they_were_planted_as() -> None:
    """One that attends evenly, one to itself, one to the last token, one three residues back."""
    tokens, residues = 64, torch.tensor([[-1, *range(62), -1]])
    place = torch.arange(tokens)
    heads = torch.zeros(1, 4, tokens, tokens)
    heads[0, 0] = 1 / tokens
    heads[0, 1, place, place] = 1
    heads[0, 2, :, -1] = 1
    heads[0, 3, place, (place - 3).clamp(min=1)] = 1
    found = shape_sums(heads, BatchPlaces.of(residues)).double().numpy()[0] / 1e6
    far = sum(abs(i - j) for i in range(62) for j in range(62))
    expected = [
        [62 * 6, far / tokens, 62 * 62 / tokens, 62 / tokens],
        [0, 0, 62, 62],
        [0, 0, 0, 0],
        [0, 0 + 1 + 2 + 59 * 3, 62, 1],
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("number_type", [torch.bfloat16, torch.float16, torch.float32])
def test_padding_and_half_precision_are_read_as_they_are(number_type: torch.dtype) -> None:
    generator = torch.Generator().manual_seed(3)
    weights = torch.rand(2, 3, 20, 20, generator=generator).softmax(-1).to(number_type)
    residues = torch.tensor([[-1, *range(18), -1], [-1, *range(12), -1, *[-1] * 6]])
    weights[1, :, :, 14:] = 0  # padding
    together = shape_sums(weights, BatchPlaces.of(residues))
    short = shape_sums(weights[1:, :, :14, :14].contiguous(), BatchPlaces.of(residues[1:, :14]))
    assert (together[1] - short[0]).abs().max() <= 12
    exact = shape_sums(weights.double(), BatchPlaces.of(residues))
    torch.testing.assert_close(together, exact, rtol=1e-5, atol=20)


def test_how_much_is_read_at_once_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    weights = torch.rand(2, 5, 30, 30, generator=torch.Generator().manual_seed(4)).softmax(-1)
    places = BatchPlaces.of(torch.tensor([[-1, *range(28), -1]] * 2))
    sums = []
    for at_once in (1, 4000, 1 << 26):
        monkeypatch.setattr(head_shape, "_AT_ONCE", {"cpu": at_once})
        sums.append(shape_sums(weights, places))
    assert sums[0].min() > 0
    assert torch.equal(sums[0], sums[1])
    assert torch.equal(sums[0], sums[2])


def test_a_run_from_before_the_table_stands_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_checkpoint(tmp_path / "weights", "prot_bert")
    records = records_of("proteinnet")[:2]
    out = measured("prot_bert", folder, tmp_path, records)
    csv = tmp_path / "csv"
    assert main(["export", str(out), "--csv", str(csv)]) == 0
    exported = pd.read_csv(csv / "head_shape.csv")
    pd.testing.assert_frame_equal(exported, table_of(out), check_dtype=False)

    (file,) = (out / "head_shape").iterdir()
    file.unlink()
    before = list_runs(out)
    measured("prot_bert", folder, tmp_path, records)
    pd.testing.assert_frame_equal(list_runs(out), before)
    assert not file.exists(), "a finished run was measured anew"
    capsys.readouterr()
    assert main(["export", str(out), "--csv", str(tmp_path / "old")]) == 0
    written = {path.stem for path in (tmp_path / "old").iterdir()}
    assert written == {path.stem for path in csv.iterdir()} - {"head_shape"}
