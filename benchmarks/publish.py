"""Write the suite's table into ``docs/benchmarks.md``, from ``benchmarks.json``."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

from benchmarks.document import replace_part
from benchmarks.options import ROOT
from benchmarks.table import Report, read_report

PART = "benchmarks"
DOCUMENT = ROOT / "docs/benchmarks.md"


def bare_table(report: Report) -> str:
    """Write the table without its definitions, which the page has in words of its own."""
    return dataclasses.replace(report, definitions={}).to_markdown()


def main() -> None:
    """Write the table of a whole run; a quick one is refused, since its figures mean little."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("json", type=Path, help="benchmarks.json of `python -m benchmarks`")
    parser.add_argument("--write", type=Path, default=DOCUMENT, help="document to change")
    asked = parser.parse_args()
    report = read_report(asked.json.read_text(encoding="utf-8"))
    if report.quick:
        parser.error(f"{asked.json} is of a quick run, whose figures mean little")
    document = asked.write.read_text(encoding="utf-8")
    asked.write.write_text(replace_part(document, PART, bare_table(report)), encoding="utf-8")


if __name__ == "__main__":
    main()
