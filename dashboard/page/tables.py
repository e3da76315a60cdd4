"""Small tables of text and numbers as HTML, in one style; every text is escaped here.

On a phone a row stands alone: below its first cell each number has its column's name beside it,
so that none is lost to the side.
"""

from __future__ import annotations

import html
from collections.abc import Collection, Sequence
from pathlib import Path

Cell = str | tuple[str, str]
"""A cell's text; with a second one, which is shown while the pointer rests on it."""

STYLE = f"<style>{Path(__file__).with_name('tables.css').read_text(encoding='utf-8')}</style>"
"""What every table needs once in its document."""
_FEW = 4
"""Columns that a phone has room for."""


def html_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    *,
    text: int = 1,
    wrapped: Sequence[int] = (),
    groups: Sequence[tuple[str, int]] = (),
    chosen: int | Collection[int] | None = None,
    names: Sequence[str] = (),
    picks: bool = False,
) -> str:
    """Write a table.

    Parameters
    ----------
    columns
        Names of the columns.
    rows
        The cells; the first of a row names it.
    text
        How many columns at the left hold text; the others hold numbers, set to the right.
    wrapped
        Columns, counted from 0, whose texts may be broken into lines.
    groups
        What stands above several columns, and above how many, from the left.
    chosen
        The row or rows that are set in bold.
    names
        A name for each row, its ``data-row``.
    picks
        Rows answer a click with their names, in `dashboard.page.markup.show_markup`.
    """
    bold = {chosen} if isinstance(chosen, int) else set(chosen or ())
    above = [name for name, count in groups for _ in range(count)] or [""] * len(columns)

    def attributes(place: int) -> str:
        classes = [
            name for name, holds in (("text", place < text), ("wrap", place in wrapped)) if holds
        ]
        return f' class="{" ".join(classes)}"' if classes else ""

    looks = [attributes(place) for place in range(len(columns))]
    labels = [
        html.escape(f"{one} {name}".strip()) for one, name in zip(above, columns, strict=True)
    ]

    def cell(place: int, words: Cell) -> str:
        said, hint = (words, "") if isinstance(words, str) else words
        more = looks[place] + (f' title="{html.escape(hint)}"' if hint else "")
        if place == 0:
            return f'<th scope="row"{more}>{html.escape(said)}</th>'
        return f'<td data-label="{labels[place]}"{more}>{html.escape(said)}</td>'

    body = []
    for number, row in enumerate(rows):
        more = ' class="chosen" aria-current="true"' if number in bold else ""
        if names:
            name = html.escape(names[number])
            more += f' data-pick="{name}" tabindex="0"' if picks else f' data-row="{name}"'
        body.append(f"<tr{more}>{''.join(cell(*one) for one in enumerate(row))}</tr>")
    head = "".join(
        f'<th scope="col"{looks[place]}>{html.escape(name)}</th>'
        for place, name in enumerate(columns)
    )
    spans = "".join(
        f'<th colspan="{count}" scope="colgroup" class="group">{html.escape(name)}</th>'
        for name, count in groups
    )
    wide = " wide" if len(columns) > _FEW else ""
    return (
        f'{STYLE}<div style="overflow-x:auto;position:relative">'
        f'<table class="atlas-table{wide}"><thead>'
        f"{f'<tr>{spans}</tr>' if groups else ''}<tr>{head}</tr></thead>"
        f"<tbody>{''.join(body)}</tbody></table></div>"
    )
