"""Write the suite's tables into ``docs/benchmarks.md``, from ``benchmarks.json``."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from benchmarks.document import replace_part
from benchmarks.options import ROOT
from benchmarks.table import Report, Row, line, number, read_report

DOCUMENT = ROOT / "docs/benchmarks.md"
WIDE = "visitors"
"""The group whose rows are of several quantities; its module wants what the dashboard wants."""


def bare_table(report: Report) -> str:
    """Write the table without its definitions, which the page has in words of its own."""
    return dataclasses.replace(report, definitions={}).to_markdown()


def wide_tables(report: Report) -> str:
    """Write a column for each quantity; rows that have the same ones stand in one table."""
    blocks = [", ".join(f"{name}: {value}" for name, value in report.machine.items())]
    for names, rows in groupby(report.rows, key=_columns):
        lines = [line(["what", *names, "limit"]), line(["---"] * (len(names) + 2))]
        blocks.append("\n".join([*lines, *(_wide_line(row, names) for row in rows)]))
    return "\n\n".join(blocks)


def publish(report: Report, document: Path = DOCUMENT) -> None:
    """Write a report into the document, where every group has a part of its own.

    The part of a group of which the report has no rows stays as it is.
    """
    text = document.read_text(encoding="utf-8")
    for group, rows in groupby(report.rows, key=lambda row: row.group):
        own = dataclasses.replace(report, rows=tuple(rows))
        text = replace_part(text, group, (wide_tables if group == WIDE else bare_table)(own))
    document.write_text(text, encoding="utf-8")


def main() -> None:
    """Write the tables of a whole run; a quick one is refused, since its figures mean little."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("json", type=Path, help="benchmarks.json of `python -m benchmarks`")
    parser.add_argument("--write", type=Path, default=DOCUMENT, help="document to change")
    asked = parser.parse_args()
    report = read_report(asked.json.read_text(encoding="utf-8"))
    if report.quick:
        parser.error(f"{asked.json} is of a quick run, whose figures mean little")
    publish(report, asked.write)


def _columns(row: Row) -> tuple[str, ...]:
    return tuple(f"{one.name}, {one.unit}" for one in row.absolutes)


def _wide_line(row: Row, names: Sequence[str]) -> str:
    limit = "" if row.limit is None else f"{row.limit}: {'kept' if row.met else 'missed'}"
    cells = [number(one.median) for one in row.absolutes] if names else []
    return line([row.what, *cells, row.missing or limit])


if __name__ == "__main__":
    main()
