"""Documents that hold what was measured: their marks, and what stands between them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks import planning, publish
from benchmarks.__main__ import GROUPS
from benchmarks.document import marks, replace_part
from benchmarks.options import ROOT
from benchmarks.table import COLUMNS, Absolute, Limit, Report, Row, absent, compare

DOCUMENTS = (
    (ROOT / "docs/planning.md", planning.PART),
    *((publish.DOCUMENT, group) for group in GROUPS),
)


@pytest.mark.parametrize(("path", "part"), DOCUMENTS, ids=lambda value: str(value)[-12:])
def test_a_part_is_written_anew_and_nothing_else(path: Path, part: str) -> None:
    text = path.read_text(encoding="utf-8")
    first, last = marks(part)
    changed = replace_part(text, part, "new")
    assert changed.partition(first)[0] == text.partition(first)[0]
    assert changed.partition(last)[2] == text.partition(last)[2]
    assert "\n\nnew\n\n" in changed
    assert replace_part(changed, part, "new\n") == changed


def test_a_document_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="has no"):
        replace_part("no marks", "plan", "new")


@pytest.mark.parametrize("group", [name for name in GROUPS if name != publish.WIDE])
def test_every_group_has_a_published_table(group: str) -> None:
    first, last = marks(group)
    text = publish.DOCUMENT.read_text(encoding="utf-8").partition(first)[2].partition(last)[0]
    assert text.strip().startswith("date: ")
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("|")]
    assert tuple(lines[0]) == COLUMNS
    assert {line[0] for line in lines[2:]} == {group}


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["publish", *arguments])
    publish.main()


def test_the_table_of_a_run_comes_into_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    row = compare("pages", "x", Absolute("a", (2.0,)), Absolute("b", (1.0,)), limit=Limit(3.0))
    document, table = tmp_path / "page.md", tmp_path / "benchmarks.json"
    document.write_text("above\n{}\nold\n{}\nbelow\n".format(*marks("pages")))
    table.write_text(Report((row,), {"cores": "2"}, {"pages": "long words"}, quick=True).to_json())
    with pytest.raises(SystemExit):
        run(monkeypatch, str(table), "--write", str(document))
    assert "a quick run" in capsys.readouterr().err
    assert "old" in document.read_text()
    table.write_text(Report((row,), {"cores": "2"}, {"pages": "long words"}).to_json())
    run(monkeypatch, str(table), "--write", str(document))
    written = document.read_text()
    assert written.startswith("above\n")
    assert written.endswith("below\n")
    assert "| pages | x | a | b | 2.00 × |" in written
    assert "cores: 2" in written
    assert "old" not in written
    assert "long words" not in written


def test_a_group_leaves_the_parts_of_others(tmp_path: Path) -> None:
    document = tmp_path / "page.md"
    parts = (*marks("pages"), *marks(publish.WIDE))
    document.write_text("{}\nold table\n{}\n{}\nold crowd\n{}\n".format(*parts))
    rows = (
        Row("visitors", "Home", "CPU", absolutes=(Absolute("CPU", (30.0, 50.0), "ms"),)),
        Row(
            "visitors",
            "50 visitors",
            "rerun",
            absolutes=(Absolute("p95", (2.5,)), Absolute("errors", (0.0,), "number")),
            limit=Limit(2.0, "s"),
        ),
        absent("visitors", "two processes", "no nginx here"),
    )
    publish.publish(Report(rows, {"cores": "2"}), document)
    written = document.read_text()
    assert "old table" in written
    assert "old crowd" not in written
    assert "| what | CPU, ms | limit |" in written
    assert "| Home | 40.0 |  |" in written
    assert "| what | p95, s | errors, number | limit |" in written
    assert "| 50 visitors | 2.50 | 0.00 | ≤ 2 s: missed |" in written
    assert "| two processes | no nginx here |" in written
