"""Results that vanish or break at any moment while a page is drawn: a sentence, and the rest."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.results import loaded as results
from precompute.errors import AtlasError
from precompute.tables import files as table_files
from tests import measured
from tests.pages.test_changes import OWN, said, visit

TAPE = f"tape_bert:{measured.TAPE_RUN}"
VISITS: list[tuple[str, dict[str, str]]] = [
    ("", {}),
    (
        "1_Heads",
        {
            "models": measured.OWN_MODEL,
            "feature": "binding_site",
            "results": "measured",
            "head": f"{measured.OWN_MODEL}.1.1",
            "table": "all",
            "threshold": "0.60",
        },
    ),
    ("3_Amino_acids", {"source": OWN, "head": "1.1", "order": "clustering"}),
    ("4_Substitution", {"source": OWN}),
    ("5_Layers", {"source": OWN, "feature": "binding_site"}),
    ("6_Compare", {"first": OWN, "second": TAPE, "feature": "binding_site"}),
    ("6_Compare", {"clustered": OWN}),
    ("9_Methods", {}),
    ("7_Alignments", {}),
]


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def vanish(folder: Path) -> None:
    shutil.rmtree(folder)


def empty(folder: Path) -> None:
    for path in files(folder):
        path.write_bytes(b"")


def truncate(folder: Path) -> None:
    for path in files(folder):
        path.write_bytes(path.read_bytes()[:-9])


def become_folders(folder: Path) -> None:
    for path in files(folder):
        path.unlink()
        path.mkdir()


def change_places(folder: Path) -> None:
    """Put each run's tables under the other's name, as a careless copy does."""
    for table in ("head_counts", "background"):
        own, tape = (
            folder / table / f"{run}.parquet" for run in (measured.OWN_RUN, measured.TAPE_RUN)
        )
        kept = own.read_bytes()
        own.write_bytes(tape.read_bytes())
        tape.write_bytes(kept)


HARMS = (vanish, truncate, become_folders, change_places, empty)


class Moment:
    """Does something to a folder when it is looked at for the n-th time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.looks = 0
        self.at = -1
        self.act: Callable[[], None] = lambda: None
        for module, name in ((results, "stamp_file"), (table_files, "open_folder")):
            monkeypatch.setattr(module, name, self.looking(getattr(module, name)))

    def looking(self, function: Callable[..., object]) -> Callable[..., object]:
        def looked(*args: object, **named: object) -> object:
            if self.looks == self.at:
                self.act()
            self.looks += 1
            return function(*args, **named)

        return looked


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> Moment:
    return Moment(monkeypatch)


@pytest.fixture
def copies(tmp_path: Path, results_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Copies of the results, each of which becomes the pages' own."""

    def make() -> Iterator[Path]:
        for number in itertools.count():
            folder = tmp_path / f"results-{number}"
            shutil.copytree(results_folder, folder)
            monkeypatch.setenv(results.RESULTS_VARIABLE, str(folder))
            yield folder

    return make()


@pytest.mark.parametrize(("page", "parameters"), VISITS)
def test_results_may_break_before_any_look_at_them(
    page: str, parameters: dict[str, str], moment: Moment, copies: Iterator[Path]
) -> None:
    next(copies)
    whole = visit(page, parameters)
    looks, moment.looks = moment.looks, 0
    assert looks > 2
    for at in range(1, looks, 1 + looks // 12):
        folder, harm = next(copies), HARMS[at % len(HARMS)]
        moment.looks, moment.at, moment.act = 0, at, lambda folder=folder, harm=harm: harm(folder)
        app = visit(page, parameters)
        assert len(app.get("page_link")) >= 8  # the menu is there
    assert not said(whole, "alert")
    moment.at = -1
    shutil.rmtree(folder, ignore_errors=True)
    app.run()
    assert not app.exception
    assert "does not exist" in said(app, "alert")


def test_a_run_under_another_name_is_not_shown(copies: Iterator[Path]) -> None:
    folder = next(copies)
    change_places(folder)
    for page, parameters in VISITS[1:6]:
        app = visit(page, parameters)
        assert "holds the run" in said(app, "alert"), page


def test_all_heads_are_listed_while_the_counts_vanish(copies: Iterator[Path]) -> None:
    folder = next(copies)
    app = visit(*VISITS[1])
    (folder / "head_counts" / f"{measured.OWN_RUN}.parquet").unlink()
    app.button_group(key="heads_table").set_value("marked").run()
    assert not app.exception
    assert "does not exist" in said(app, "alert")


def test_a_figure_that_cannot_be_made_is_a_sentence(
    copies: Iterator[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is behind a button is made in a fragment, outside the page's own run."""
    next(copies)

    def fail(*_: object, **__: object) -> None:
        raise AtlasError("The figure cannot be made.")

    monkeypatch.setattr("dashboard.pages.heads.view.heads_figure", fail)
    app = AppTest.from_string(
        "import dashboard.page.takeaway as t\n"
        "from dashboard.pages.heads.view import heads_figure\n"
        "import streamlit as st\n"
        "st.session_state.setdefault('figure_take', True)\n"
        "t.take_along(lambda: heads_figure(), 'figure')\n"
        "st.text('the rest')\n"
    ).run()
    assert not app.exception
    assert [text.value for text in app.text] == ["the rest"]
    assert "The figure cannot be made." in said(app, "alert")


@pytest.mark.parametrize("error", [PermissionError, NotADirectoryError, FileNotFoundError])
def test_a_folder_that_cannot_be_listed_is_a_sentence(
    error: type[OSError], copies: Iterator[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as one of another user, or a network's that has gone."""
    folder = next(copies)

    def refuse(path: Path, *_: object, **__: object) -> object:
        raise error(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "iterdir", refuse)
    monkeypatch.setattr(Path, "stat", refuse)
    monkeypatch.setattr("builtins.open", refuse)
    shutil.rmtree(folder)
    loaded = results.load()
    assert loaded.runs == ()
    assert len(loaded.problems) == 1
