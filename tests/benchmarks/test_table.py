"""The table: ratios within a repeat, spreads, limits, Markdown and JSON."""

from __future__ import annotations

import json

import pytest

from benchmarks.table import (
    COLUMNS,
    EXPONENT,
    Absolute,
    Limit,
    Report,
    Row,
    Spread,
    absent,
    compare,
    number,
    read_report,
)


def row(limit: Limit | None = None) -> Row:
    measured = Absolute("whole", (2.0, 3.0, 8.0, 5.0))
    return compare("counting", "a | model", measured, Absolute("bare", (1.0, 2.0, 2.0, 4.0)), limit)


def cells(report: Report, line: int) -> list[str]:
    table = [one for one in report.to_markdown().splitlines() if one.startswith("|")]
    return [cell.strip() for cell in table[2 + line].strip("|").replace("\\|", "/").split("|")]


def report(*rows: Row, quick: bool = False) -> Report:
    return Report(rows, {"processor": "a slide rule", "cores": "2"}, {"counting": "what"}, quick)


def test_ratios_are_taken_within_a_repeat() -> None:
    assert row().figures == (2.0, 1.5, 4.0, 1.25)
    with pytest.raises(ValueError, match="longer"):
        compare("a", "b", Absolute("c", (1.0,)), Absolute("d", (1.0, 2.0)))


def test_a_spread() -> None:
    assert Spread.of((4.0, 1.0, 2.0, 3.0, 10.0)) == Spread(3.0, 1.0, 10.0, 2.0, 4.0, 5)
    assert Spread.of((7.0,)) == Spread(7.0, 7.0, 7.0, 7.0, 7.0, 1)


@pytest.mark.parametrize(
    ("limit", "met"),
    [
        (None, None),
        (Limit(1.75), True),
        (Limit(1.7), False),
        (Limit(1.7, at_least=True), True),
        (Limit(1.8, at_least=True), False),
        (Limit(4.0, "s"), True),  # the median of what was measured, not of what it is beside
        (Limit(3.9, "s"), False),
    ],
)
def test_a_limit_is_of_the_median(limit: Limit | None, met: bool | None) -> None:
    assert row(limit).met is met


def test_a_line_of_the_table() -> None:
    found = dict(zip(COLUMNS, cells(report(row(Limit(1.3))), 0), strict=True))
    assert found == {
        "group": "counting",
        "what": "a / model",
        "measured": "whole",
        "beside": "bare",
        "median": "1.75 ×",
        "min–max (quartiles)": "1.25–4.00 (1.44–2.50)",
        "n": "4",
        "limit": "≤ 1.3 ×: missed",
        "medians": "4.00 s; 2.00 s",
    }


def test_more_than_two_quantities_are_named() -> None:
    longer = row().with_absolutes(Absolute("kept", (1.0, 2.0), "MB"))
    assert cells(report(longer), 0)[-1] == "whole 4.00 s; bare 2.00 s; kept 1.50 MB"
    assert row().absolutes == longer.absolutes[:2]


def test_one_value_has_no_spread_and_an_exponent_no_sign() -> None:
    fitted = Row("cost", "time", "whole", "residues", (1.5,), figure=EXPONENT)
    assert cells(report(fitted), 0)[4:7] == ["1.50", "", "1"]


def test_a_row_without_figures_says_why() -> None:
    missing = absent("device", "every model", "no CUDA device here")
    assert missing.met is None
    assert cells(report(missing), 0) == [
        *("device", "every model", "", "", "no CUDA device here", "", "", "", "")
    ]


def test_equal_notes_stand_below_the_table_once() -> None:
    noted = [Row("a", name, "m", note=note) for name, note in (("x", "N"), ("y", "M"), ("z", "N"))]
    text = report(*noted).to_markdown()
    assert [cells(report(*noted), line)[1] for line in range(3)] == ["x [1]", "y [2]", "z [1]"]
    assert text.count("[1] N") == text.count("[2] M") == 1


def test_json_holds_every_value_and_reads_back() -> None:
    whole = report(row(Limit(1.3)), absent("device", "b", "c"), quick=True)
    content = json.loads(whole.to_json())
    assert content["rows"][0]["figures"] == [2.0, 1.5, 4.0, 1.25]
    assert content["rows"][0]["absolutes"][1]["values"] == [1.0, 2.0, 2.0, 4.0]
    assert content["rows"][0]["absolutes"][1]["spread"]["median"] == 2.0
    assert content["rows"][0]["met"] is False
    assert content["rows"][1]["spread"] is None
    assert read_report(whole.to_json()) == whole


def test_definitions_machine_and_haste_are_said() -> None:
    text = report(row(), quick=True).to_markdown()
    assert text.startswith("processor: a slide rule, cores: 2\n")
    assert "- **counting**: what\n" in text
    assert "A quick run" in text
    assert "A quick run" not in report(row()).to_markdown()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.00"),
        (0.0123, "0.012"),
        (0.5, "0.50"),
        (1.234, "1.23"),
        (12.34, "12.3"),
        (1e6, "1,000,000"),
        (-0.3, "-0.30"),
    ],
)
def test_numbers_have_about_three_digits(value: float, text: str) -> None:
    assert number(value) == text
