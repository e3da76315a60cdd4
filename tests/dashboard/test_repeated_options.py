"""What is named twice in the shell is drawn once."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from dashboard.__main__ import main

PAPER = ("--source", "tape_bert:published")


@pytest.mark.parametrize(
    ("name", "option", "more"),
    [
        ("layers", ("--feature", "contact"), ()),
        ("layers", PAPER, ("--feature", "contact")),
        ("layers", PAPER, ("--feature", "contact", "--centres")),
        ("probes", ("--feature", "contact"), ()),
        ("similarity", PAPER, ()),
    ],
)
def test_twice_is_once(
    name: str, option: tuple[str, str], more: tuple[str, ...], tmp_path: Path
) -> None:
    tables = []
    for times in (1, 2):
        path = tmp_path / f"{times}.csv"
        given = ["figure", name, *option * times, *more, "--table", str(path)]
        assert main([*given, "--out", str(tmp_path / "a.pdf")]) == 0
        tables.append(pd.read_csv(path))
    pd.testing.assert_frame_equal(*tables)


def test_a_run_of_contacts_named_twice(contacts_folder: Path, tmp_path: Path) -> None:
    runs = pd.read_parquet(contacts_folder / "contact_runs.parquet")["run"]
    path = tmp_path / "t.csv"
    given = ["figure", "contacts", "--results", str(contacts_folder), "--separation", "all"]
    given += ["--run", runs[0]] * 2
    assert main([*given, "--table", str(path)]) == 0
    assert not pd.read_csv(path).duplicated().any()
