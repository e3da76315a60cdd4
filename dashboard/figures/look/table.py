"""Small tables of text and numbers, as HTML; every cell is escaped here."""

from __future__ import annotations

import html
from collections.abc import Sequence

_STYLE = """<style>
.atlas-table {border-collapse: collapse; font-size: 0.8rem; line-height: 1.3;
  font-variant-numeric: tabular-nums; margin: 0}
.atlas-table th {font-weight: 600; vertical-align: bottom; padding: 2px 8px;
  border-bottom: 1px solid rgba(128,128,128,0.6)}
.atlas-table td, .atlas-table tbody th {padding: 1px 8px; white-space: nowrap; font-weight: 400;
  border-bottom: 1px solid rgba(128,128,128,0.15)}
.atlas-table tr > :first-child {padding-left: 0}
.atlas-table tr.atlas-chosen > * {font-weight: 700; background: rgba(128,128,128,0.15)}
</style>"""


def html_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    text: int = 1,
    chosen: int | None = None,
) -> str:
    """Write a table.

    Parameters
    ----------
    columns
        Names of the columns.
    rows
        The cells, as texts.
    text
        How many columns at the left hold text; the others hold numbers, set to the right.
    chosen
        The row that is set in bold.
    """

    def cell(place: int, words: str, tag: str, more: str = "") -> str:
        side = "left" if place < text else "right"
        return f'<{tag} {more} style="text-align:{side}">{html.escape(words)}</{tag}>'

    head = "".join(cell(n, name, "th", 'scope="col"') for n, name in enumerate(columns))
    body = []
    for number, row in enumerate(rows):
        cells = "".join(
            cell(n, words, "th" if n == 0 else "td", 'scope="row"' if n == 0 else "")
            for n, words in enumerate(row)
        )
        mark = ' class="atlas-chosen"' if number == chosen else ""
        body.append(f"<tr{mark}>{cells}</tr>")
    return (
        f'{_STYLE}<div style="overflow-x:auto"><table class="atlas-table"><thead><tr>{head}</tr>'
        f"</thead><tbody>{''.join(body)}</tbody></table></div>"
    )
