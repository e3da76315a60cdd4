"""No text of a stranger is a formula in a table that we write."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dashboard.page.table_files import to_csv
from precompute.command_line import main
from precompute.spreadsheet import as_cells, as_text
from precompute.tables import BACKGROUND, HEAD_COUNTS, add_run
from tests import hostile, measured

UNSEEN = "\\s\\x00-\\x1f\\xad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
FORMULA = re.compile(f"[{UNSEEN}]*[=+\\-@＝＋－＠﹦﹢﹣﹫]")
NUMBER = re.compile(r"[+-]?[0-9.]+(e[+-]?[0-9]+)?", re.I)


def cells(text: str, parted_by: str) -> list[str]:
    """Read what a spreadsheet would that takes some sign to part cells."""
    return [cell for row in csv.reader(io.StringIO(text), delimiter=parted_by) for cell in row]


def assert_harmless(text: str) -> None:
    for parted_by in ",;\t":
        for cell in cells(text, parted_by):
            for line in re.split(r"[\r\n]", cell):
                assert not FORMULA.match(line) or NUMBER.fullmatch(line.strip()), (parted_by, cell)


@pytest.mark.parametrize("name", hostile.TEXTS)
def test_a_name_is_no_formula_wherever_cells_are_parted(name: str) -> None:
    frame = pd.DataFrame({"run": [name, "fine"], "percent": [-1.5, 2.0], name: [1, 2]})
    for kind in ("str", "object", "category"):
        text = to_csv(frame.astype({"run": kind})).decode()
        assert_harmless(text)
        assert "-1.5" in text
        read = pd.read_csv(io.StringIO(text, newline=""), keep_default_na=False)
        assert read["percent"].tolist() == [-1.5, 2.0]


@pytest.mark.parametrize("sign", [*"=+-@＝＋－＠﹦﹢﹣﹫"])
@pytest.mark.parametrize(
    "before",
    [
        "",
        " ",
        "\t",
        "\r",
        "\n",
        "\v",
        "\xa0",
        "\u3000",
        "\u200b",
        "\u202e",
        "\x01",
        ";",
        "a\n",
        "'",
    ],
)
def test_a_sign_of_any_width_is_none_after_anything_unseen(before: str, sign: str) -> None:
    assert_harmless(to_csv(pd.DataFrame({"a": [f"{before}{sign}SUM(1)"]})).decode())


@given(st.text(st.sampled_from("=+-@'\t\r\n;, \ufeff\u200ba1＝﹫"), max_size=8))
@example("'=")
def test_the_text_comes_back(text: str) -> None:
    """As docs/formats.md says: one apostrophe goes from before the signs."""
    parts = re.split(r"([;\t\n])", as_text(text))
    read = "".join(re.sub(rf"^'(?='*{FORMULA.pattern})", "", part) for part in parts)
    assert read == text.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize("text", ["", "-2", "+1", "1e-5", "-0.5", "a-b", "ProtBert", "a=b", "x@y"])
def test_numbers_and_usual_names_stay(text: str) -> None:
    assert as_text(text) == text


def test_missing_values_and_numbers_stay() -> None:
    frame = pd.DataFrame({"a": ["=1", None], "b": pd.array([True, None], dtype="boolean")})
    frame["c"] = pd.Categorical(["=1", "'=1"])
    written = as_cells(frame)
    assert written["a"].tolist()[0] == "'=1"
    assert pd.isna(written["a"].tolist()[1])
    assert written["c"].tolist() == ["'=1", "''=1"]
    assert written["b"].equals(frame["b"])
    assert frame["a"].tolist()[0] == "=1"


def test_an_exported_folder_has_no_formula(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dataset = "=cmd|' /C calc'!A0\x1b[31m"
    counted = measured.count_arcs(measured.own_shares(), 0, arcs_a_protein=10)
    row = measured.run_row("r", "@model", 3, 4, "2026-11-22T00:00:00Z").assign(dataset=dataset)
    tables = {
        HEAD_COUNTS: measured.head_counts(counted, "r", "@model").assign(dataset=dataset),
        BACKGROUND: measured.background("r").assign(dataset=dataset),
    }
    add_run(tmp_path, row, tables)
    main(["export", str(tmp_path), "--csv", str(tmp_path / "csv")])
    capsys.readouterr()  # the folder has no other tables, which is said
    written = sorted((tmp_path / "csv").glob("*.csv"))
    assert written
    for path in written:
        assert_harmless(path.read_text())
    assert "'=cmd" in (tmp_path / "csv" / "runs.csv").read_text()
    assert "'@model" in (tmp_path / "csv" / "head_counts.csv").read_text()
