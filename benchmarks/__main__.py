"""``python -m benchmarks``: run the groups, print the table, write it as JSON and Markdown."""

from __future__ import annotations

import argparse
import importlib
import sys
import traceback
from pathlib import Path

from benchmarks.machine import describe_machine
from benchmarks.options import Options
from benchmarks.publish import publish
from benchmarks.table import Report, Row, absent
from precompute.errors import AtlasError

GROUPS = (
    "counting",
    "alignments",
    "contacts",
    "cost",
    "memory",
    "merge",
    "demo",
    "live",
    "pages",
    "visitors",
    "scaling",
    "device",
)
"""Modules beside this one, each with a `DEFINITION` and a generator `rows`."""


def build_parser() -> argparse.ArgumentParser:
    """Build what reads the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=GROUPS, default=GROUPS, metavar="NAME")
    parser.add_argument("--quick", action="store_true", help="few repeats: does everything work?")
    parser.add_argument("--out", type=Path, default=Path("build/benchmarks"), metavar="DIR")
    parser.add_argument(
        "--data", type=Path, help="ProteinNet in TAPE's layout, instead of the examples"
    )
    parser.add_argument("--provis", type=Path, help="clone of the paper's code, salesforce/provis")
    parser.add_argument(
        "--publish", action="store_true", help="write the tables into docs/benchmarks.md too"
    )
    usual = Options()
    parser.add_argument("--visitors", nargs="+", type=int, default=usual.visitors, metavar="N")
    parser.add_argument("--processes", nargs="+", type=int, choices=(1, 2), default=usual.processes)
    parser.add_argument("--seconds", type=float, default=usual.seconds, help="of each crowd")
    return parser


def main() -> int:
    """Run what is asked for; the exit status is 1 where a group failed."""
    asked = build_parser().parse_args()
    options = Options(
        quick=asked.quick,
        data=asked.data,
        provis=asked.provis,
        visitors=(3,) if asked.quick else tuple(asked.visitors),
        processes=tuple(asked.processes),
        seconds=min(asked.seconds, 10.0) if asked.quick else asked.seconds,
    )
    asked.out.mkdir(parents=True, exist_ok=True)
    rows: list[Row] = []
    definitions: dict[str, str] = {}
    failed = False
    for name in GROUPS:
        if name not in asked.only:
            continue
        options.say(name)
        try:
            module = importlib.import_module(f"benchmarks.{name}")
            definitions[name] = module.DEFINITION
            for row in module.rows(options):
                rows.append(row)
                _write(asked.out, _report(rows, definitions, options))  # a long group may be ended
        except Exception as error:  # one group's failure leaves the others their table
            failed = True
            if not isinstance(error, AtlasError):
                traceback.print_exc()
            rows.append(absent(name, "the rest of the group", f"failed: {_first_line(error)}"))
        report = _report(rows, definitions, options)
        _write(asked.out, report)
    options.say("done")
    if asked.publish and not asked.quick:
        publish(report)
    print(report.to_markdown(), end="")
    return 1 if failed else 0


def _report(rows: list[Row], definitions: dict[str, str], options: Options) -> Report:
    return Report(_by_group(rows), describe_machine(), definitions, options.quick)


def _write(folder: Path, report: Report) -> None:
    (folder / "benchmarks.json").write_text(report.to_json(), encoding="utf-8")
    (folder / "benchmarks.md").write_text(report.to_markdown(), encoding="utf-8")


def _by_group(rows: list[Row]) -> tuple[Row, ...]:
    """Put rows of one group together, such as the server's memory beside the pass's."""
    return tuple(sorted(rows, key=lambda row: GROUPS.index(row.group)))


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


if __name__ == "__main__":
    sys.exit(main())
