"""Small tables: what strangers named stays text, and every number keeps its column's name."""

from __future__ import annotations

import re

from dashboard.page.tables import html_table

EVIL = "<img src=x onerror=alert(1)>\"'&"


def test_a_table_escapes_every_text() -> None:
    table = html_table(
        (EVIL, EVIL), [[EVIL, (EVIL, EVIL)]], groups=[("", 1), (EVIL, 1)], names=[EVIL], picks=True
    )
    assert "<img" not in table
    assert "\"'" not in table  # no attribute ends early


def test_every_number_has_its_columns_name_beside_it() -> None:
    columns = ("pair", "score", "r", "expected", "residual")
    table = html_table(columns, [["A", "1", "2", "3", "4"]], groups=[("", 1), ("run", 4)])
    body = table.split("<tbody>")[1]
    labels = re.findall(r'data-label="([^"]*)"[^>]*>([^<]*)<', body)
    assert labels == [(f"run {name}", f"{n}") for n, name in enumerate(columns[1:], 1)]
    assert '<th scope="row" class="text">A</th>' in body


def test_the_chosen_row_and_the_names_of_rows() -> None:
    table = html_table(("head", "n"), [["1-1", "1"], ["1-2", "2"]], chosen=1, names=["a", "b"])
    rows = re.findall(r"<tr([^>]*)>", table.split("<tbody>")[1])
    assert rows == [' data-row="a"', ' class="chosen" aria-current="true" data-row="b"']
    picked = html_table(("head", "n"), [["1-1", "1"]], names=["a"], picks=True)
    assert ' data-pick="a" tabindex="0"' in picked
