"""One row of the benchmark's table, and the table as Markdown and as JSON."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

RATIO = "×"
EXPONENT = "exponent"
COLUMNS = (
    "group",
    "what",
    "measured",
    "beside",
    "median",
    "min–max (quartiles)",
    "n",
    "limit",
    "medians",
)


@dataclass(frozen=True)
class Absolute:
    """A quantity with a unit, one value a repeat."""

    name: str
    values: tuple[float, ...]
    unit: str = "s"

    @property
    def median(self) -> float:
        """Median over the repeats."""
        return statistics.median(self.values)


@dataclass(frozen=True)
class Limit:
    """What a row's median should not pass.

    Attributes
    ----------
    value
        The limit itself is kept.
    unit
        `RATIO` for the row's figure; else the unit of the row's first absolute quantity.
    at_least
        Whether more is better.
    """

    value: float
    unit: str = RATIO
    at_least: bool = False

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.value:g} {self.unit}"


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes
    ----------
    group, what
        Where it belongs, and what it is of.
    measured, beside
        What was measured, and what it is divided by; the latter is empty where nothing is.
    figures
        The ratio, or the fitted exponent, of each repeat; empty where only absolute
        quantities are known.
    absolutes
        The quantities behind it; the first is what `Limit` may be of.
    figure
        `RATIO` or `EXPONENT`.
    limit
        The aim, where there is one.
    note
        One sentence more; stands below the table.
    missing
        Why the row has no figures.
    """

    group: str
    what: str
    measured: str
    beside: str = ""
    figures: tuple[float, ...] = ()
    absolutes: tuple[Absolute, ...] = ()
    figure: str = RATIO
    limit: Limit | None = None
    note: str = ""
    missing: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the median keeps the limit; None where nothing can be said."""
        if self.limit is None or self.missing:
            return None
        if self.limit.unit != RATIO:
            value = self.absolutes[0].median
        elif self.figures:
            value = statistics.median(self.figures)
        else:
            return None
        return value >= self.limit.value if self.limit.at_least else value <= self.limit.value

    def with_absolutes(self, *more: Absolute) -> Row:
        """Give the same row with further quantities behind those it has."""
        return replace(self, absolutes=(*self.absolutes, *more))


def compare(
    group: str,
    what: str,
    measured: Absolute,
    beside: Absolute,
    limit: Limit | None = None,
    note: str = "",
) -> Row:
    """Make a row of ratios, each taken within one repeat.

    Parameters
    ----------
    group, what
        As in `Row`.
    measured, beside
        As many values each, in the order in which they were taken.
    limit, note
        As in `Row`.
    """
    ratios = tuple(a / b for a, b in zip(measured.values, beside.values, strict=True))
    return Row(
        group, what, measured.name, beside.name, ratios, (measured, beside), RATIO, limit, note
    )


def absent(group: str, what: str, reason: str) -> Row:
    """Make a row that says why it has no figures."""
    return Row(group, what, "", missing=reason)


@dataclass(frozen=True)
class Spread:
    """Median, extremes and quartiles of some values."""

    median: float
    minimum: float
    maximum: float
    lower: float
    upper: float
    n: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Summarise at least one value; of one value every number is that value."""
        lower, upper = values[0], values[0]
        if len(values) > 1:
            lower, _, upper = statistics.quantiles(values, n=4, method="inclusive")
        return cls(statistics.median(values), min(values), max(values), lower, upper, len(values))


@dataclass(frozen=True)
class Report:
    """All rows of one run of the benchmarks.

    Attributes
    ----------
    rows
        The lines of the table.
    machine
        What they were measured on.
    definitions
        What each group measures, by its name.
    quick
        Whether only few repeats were made, to see that everything works.
    """

    rows: tuple[Row, ...]
    machine: Mapping[str, str]
    definitions: Mapping[str, str] = field(default_factory=dict)
    quick: bool = False

    def to_json(self) -> str:
        """Write everything, each value included."""
        rows = []
        for row in self.rows:
            entry: dict[str, Any] = asdict(row)
            entry["spread"] = asdict(Spread.of(row.figures)) if row.figures else None
            entry["met"] = row.met
            for absolute, values in zip(entry["absolutes"], row.absolutes, strict=True):
                absolute["spread"] = asdict(Spread.of(values.values))
            rows.append(entry)
        content = {
            "machine": dict(self.machine),
            "quick": self.quick,
            "definitions": dict(self.definitions),
            "rows": rows,
        }
        return json.dumps(content, indent=1, ensure_ascii=False) + "\n"

    def to_markdown(self) -> str:
        """Write the table, its notes below it, and the definitions."""
        lines = [", ".join(f"{name}: {value}" for name, value in self.machine.items())]
        if self.quick:
            lines += ["", "A quick run, to see that everything works: its figures mean little."]
        lines += ["", line(COLUMNS), line(["---"] * len(COLUMNS))]
        notes: list[str] = []
        for row in self.rows:
            mark = ""
            if row.note:
                if row.note not in notes:
                    notes.append(row.note)
                mark = f" [{notes.index(row.note) + 1}]"
            lines.append(line(_cells(row, mark)))
        lines += ["", *(f"[{number}] {note}  " for number, note in enumerate(notes, 1))]
        if self.definitions:
            lines += ["", *(f"- **{name}**: {text}" for name, text in self.definitions.items())]
        return "\n".join(lines).rstrip() + "\n"


def read_report(text: str) -> Report:
    """Read back what `Report.to_json` wrote."""
    content = json.loads(text)
    rows = []
    for entry in content["rows"]:
        own = {name: entry[name] for name in Row.__dataclass_fields__}
        own["figures"] = tuple(own["figures"])
        own["absolutes"] = tuple(
            Absolute(one["name"], tuple(one["values"]), one["unit"]) for one in own["absolutes"]
        )
        own["limit"] = Limit(**own["limit"]) if own["limit"] else None
        rows.append(Row(**own))
    return Report(tuple(rows), content["machine"], content["definitions"], content["quick"])


def number(value: float) -> str:
    """Write a number with about three digits."""
    size = abs(value)
    if size >= 100:
        return f"{value:,.0f}"
    if size >= 10:
        return f"{value:.1f}"
    if size >= 0.1 or value == 0:
        return f"{value:.2f}"
    return f"{value:.2g}"


def _cells(row: Row, mark: str) -> list[str]:
    start = [row.group, row.what + mark, row.measured, row.beside]
    if row.missing:
        return [*start, row.missing, "", "", str(row.limit or ""), ""]
    median = spread = ""
    count = max((len(one.values) for one in row.absolutes), default=0)
    if row.figures:
        own = Spread.of(row.figures)
        count = own.n
        median = number(own.median) + (f" {RATIO}" if row.figure == RATIO else "")
        if own.n > 1:
            spread = (
                f"{number(own.minimum)}–{number(own.maximum)} "
                f"({number(own.lower)}–{number(own.upper)})"
            )
    limit = ""
    if row.limit is not None:
        limit = f"{row.limit}: {'kept' if row.met else 'missed'}"
    medians = "; ".join(
        f"{one.name} {number(one.median)} {one.unit}"
        if len(row.absolutes) > 2
        else f"{number(one.median)} {one.unit}"
        for one in row.absolutes
    )
    return [*start, median, spread, str(count), limit, medians]


def line(cells: Sequence[str]) -> str:
    """Write one line of a Markdown table."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
