"""The figures of column attention from the shell."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest

from dashboard.__main__ import main
from precompute.published import read_published
from precompute.tables import (
    COLUMN_DISTANCE,
    CONSERVATION_COUNTS,
    PUBLISHED_COLUMN_DISTANCE,
    read_table,
)
from tests.measured_alignments import measured_alignments


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    return measured_alignments(tmp_path_factory.mktemp("measured"))


def figure(*arguments: str | Path) -> int:
    return main(["figure", "alignments", *map(str, arguments)])


def test_the_published_map(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = (tmp_path / name for name in ("map.pdf", "map.csv", "map.bib"))
    pdf, table, bib = files
    asked = ("--control", "rows", "--address", "https://atlas.example")
    assert figure(*asked, "--out", pdf, "--table", table, "--bib", bib, "--caption") == 0
    assert pdf.read_bytes().startswith(b"%PDF")
    drawn, paper = pd.read_csv(table), read_published(PUBLISHED_COLUMN_DISTANCE)
    own = paper[(paper["tree"] == "ml") & (paper["control"] == "rows")]
    both = drawn.merge(own, on=["layer", "head"], validate="1:1")
    assert len(both) == 144
    assert (both["correlation"] - both["spearman"]).abs().max() < 1e-9
    said = capsys.readouterr().out
    assert "both triangles and the diagonal" in said
    assert "Published values of MsaPhylo" in said
    assert "n = 20 Pfam families" in said
    assert "https://atlas.example/Alignments?control=rows" in said
    assert "chen2026" in bib.read_text()
    assert "lupo2022" in bib.read_text()


def test_a_runs_map_and_a_head(
    results: tuple[Path, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, run = results
    table = tmp_path / "t.csv"
    assert figure("--results", folder, "--table", table, "--caption") == 0
    own = read_table(folder, COLUMN_DISTANCE, run=run)
    own = own[(own["definition"] == "corrected") & (own["control"] == "none")]
    both = pd.read_csv(table).merge(own, on=["layer", "head"], validate="1:1")
    assert len(both) == 12
    assert (both["correlation"] - both["spearman"]).abs().max() < 1e-9
    said = capsys.readouterr().out
    assert f"run {run}" in said
    assert "n = 3 of 4 alignments, ≤ 128 rows, diverse" in said  # of two rows there is one pair
    head = ("--run", run, "--results", folder, "--head", "2-3", "--family", "PF00003")
    assert figure(*head, "--table", table, "--out", tmp_path / "x.svg", "--caption") == 0
    assert len(pd.read_csv(table)) == 9 * 8 / 2
    link = capsys.readouterr().out.split(", /Alignments?")[1].rstrip(".\n")
    assert parse_qs(urlsplit(f"?{link}").query) == {
        "run": [run],
        "family": ["PF00003"],
        "head": ["2.3"],
    }
    assert figure(*head, "--columns", "--table", table) == 0
    assert len(pd.read_csv(table)) == 21


def test_row_attention_by_conservation(
    results: tuple[Path, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, run = results
    files = ("--table", str(tmp_path / "t.csv"), "--out", str(tmp_path / "x.pdf"), "--caption")
    asked = ("--results", str(folder), "--quarter", "4", "--threshold", "0.15")
    assert main(["figure", "conservation", *asked, *files]) == 0
    table = read_table(folder, CONSERVATION_COUNTS, run=run)
    own = table[(table["threshold"].round(2) == 0.15) & (table["quartile"] == 4)]
    key = ["layer", "head"]
    both = pd.read_csv(tmp_path / "t.csv").merge(own, on=key, validate="1:1", suffixes=("", "_2"))
    assert len(both) == 12
    shown = both[both["percent"].notna()]
    assert len(shown) > 0
    assert (shown["percent"] - 100 * shown["hits_2"] / shown["arcs_2"]).abs().max() < 1e-9
    said = capsys.readouterr().out
    assert "Most variable columns" in said
    assert "attention of at least 0.15" in said
    assert f"run={run}&quarter=4&threshold=0.15" in said
    assert main(["figure", "conservation", "--results", str(folder), "--threshold", "2"]) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--head", "1-1"), "are a run’s"),
        (("--family", "PF00001"), "are a run’s"),
        (("--results", "{folder}", "--family", "x"), "has no alignment x; it has PF00001"),
        (("--results", "{folder}", "--head", "9-9"), "3 × 4 heads, none of them 9-9"),
        (("--results", "{folder}", "--head", "x"), "write layer-head"),
        (("--results", "{folder}", "--control", "rows"), "--nulls rows"),
        (("--run", "nobody"), "There is no run nobody"),
        (("--results", "{folder}", "--columns"), "Columns are of one head"),
        (("--control", "rows", "--tree", "nj"), "without a control only"),
        (("--results", "{folder}", "--tree", "nj"), "without a control only"),
        (("--statistic", "pearson"), "--statistic is of a run"),
        (("--definition", "published_cls"), "--definition is of a run"),
    ],
)
def test_what_is_wrong_is_one_sentence(
    arguments: tuple[str, ...],
    said: str,
    results: tuple[Path, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = [one.format(folder=results[0]) for one in arguments]
    assert figure(*asked, "--out", tmp_path / "x.pdf") == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert not (tmp_path / "x.pdf").exists()
