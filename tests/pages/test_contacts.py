"""The Contacts page: with and without a run, what breaks while it is drawn, and strange names."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dashboard.results.contacts import METHODS, find_contact_runs, opened_methods, opened_names
from dashboard.results.loaded import RESULTS_VARIABLE
from precompute.tables import CONTACT_RUN_TABLES, CONTACT_RUNS, Table, add_run, read_table
from tests import charts
from tests.pages.test_any_address import draw
from tests.pages.test_changes import said, visit
from tests.pages.test_drawn_once import Given, given  # noqa: F401
from tests.pages.test_hostile_names import MODELS, check
from tests.pages.test_recovery import cut, flip, grow
from tests.pages.test_take_along import Taken, check_figures, taken  # noqa: F401

PAGE = "8_Contacts"
KEYS = {f"contacts_{name}" for name in ("comparison", "means", "weights", "protein")}
PARAMETERS = ("runs", "separation", "measure", "atoms", "run", "shown", "protein", "method")


@pytest.fixture
def folder(tmp_path: Path, contacts_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the results that a test may change."""
    own = tmp_path / "results"
    shutil.copytree(contacts_folder, own)
    monkeypatch.setenv(RESULTS_VARIABLE, str(own))
    return own


def test_a_run_is_drawn_whole(folder: Path) -> None:
    app = visit(PAGE, {"separation": "all"})
    assert said(app, "alert") == said(app, "status") == ""
    assert len(charts.sent(app)) == 4


def test_proteins_and_methods_are_offered_in_the_runs_order(folder: Path) -> None:
    app = visit(PAGE, {})
    (run,) = find_contact_runs([str(folder)])[0].values()
    for name, there in (("protein", opened_names(run)), ("method", opened_methods(run))):
        assert app.selectbox(key=f"contacts_{name}").options == list(there.values())


@pytest.mark.parametrize("seed", range(12))
def test_any_address_is_a_page(seed: int, folder: Path) -> None:
    address = draw(random.Random(seed), PARAMETERS)
    if seed % 2:
        address["method"] = [f"{random.Random(seed).choice(list(METHODS))}.8"]
    visit(PAGE, dict(address))


def test_a_run_that_is_gone_is_a_page_without_it(folder: Path) -> None:
    app = visit(PAGE, {})
    shutil.rmtree(folder)
    folder.mkdir()
    app.run()
    assert not app.exception
    assert "No run of contacts is loaded" in said(app, "status")


def double(path: Path) -> None:
    """A lawful file of its own, in which a row comes twice, as joined files have it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    whole = pq.read_table(path)
    pq.write_table(pa.concat_tables([whole, whole.slice(0, 1)]), path)


@pytest.mark.parametrize("harm", [grow, cut, flip, double, Path.unlink])
@pytest.mark.parametrize("table", [CONTACT_RUNS, *CONTACT_RUN_TABLES], ids=lambda one: one.name)
def test_a_damaged_table_is_a_sentence_until_it_is_put_back(
    table: Table, harm: Callable[[Path], None], folder: Path
) -> None:
    single = folder / f"{table.name}.parquet"
    path = single if single.exists() else next((folder / table.name).iterdir())
    whole = path.read_bytes()
    harm(path)
    app = visit(PAGE, {})
    assert path.relative_to(folder.parent).as_posix() in said(app, "alert") or (
        path == single and harm == Path.unlink  # a folder of other runs has none
    )
    path.write_bytes(whole)
    app = visit(PAGE, {})
    assert said(app, "alert") == ""
    assert len(charts.sent(app)) == 4


def test_every_figure_can_be_taken_along(folder: Path, taken: dict[str, Taken]) -> None:  # noqa: F811
    check_figures(visit(PAGE, {"separation": "all"}), taken, KEYS)


def test_nothing_is_worked_out_again(folder: Path, given: Given) -> None:  # noqa: F811
    app = visit(PAGE, {"separation": "all"})
    given.anew.clear()
    app.run()
    assert not app.exception
    assert given.anew == []


@pytest.mark.parametrize("place", range(0, len(MODELS), 4))
def test_no_name_leaves_its_place(
    place: int, contacts_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Strange names of models, data sets, families' programs and proteins."""
    monkeypatch.setenv(RESULTS_VARIABLE, str(tmp_path / "out"))
    (row,) = read_table(contacts_folder, CONTACT_RUNS)["run"]
    own = {one: read_table(contacts_folder, one, run=row) for one in CONTACT_RUN_TABLES}
    runs = read_table(contacts_folder, CONTACT_RUNS)
    for number, name in enumerate(MODELS[place : place + 4]):
        named = {"model": name, "dataset": MODELS[-place - number - 1], "split": name}
        run = f"run{number}"
        tables = {}
        for table, frame in own.items():
            more = {key: value for key, value in named.items() if key in frame and key != "split"}
            if "protein" in frame:
                more["protein"] = [f"{one} {name}"[:1000] for one in frame["protein"]]
            tables[table] = frame.assign(run=run, **more)
        add_run(tmp_path / "out", runs.assign(run=run, **named), tables, CONTACT_RUNS)
    app = visit(PAGE, {"separation": "all"})
    check(app)
    assert said(app, "alert") == ""
    assert len(charts.sent(app)) == 4


def test_what_another_run_keeps_is_not_replaced_without_a_word(folder: Path) -> None:
    (name,) = read_table(folder, CONTACT_RUNS)["run"]
    own = {one: read_table(folder, one, run=name) for one in CONTACT_RUN_TABLES}
    for table, frame in own.items():
        if "protein" in frame:
            own[table] = frame.assign(protein=[f"other {one}" for one in frame["protein"]])
        own[table] = own[table].assign(run="other")
    add_run(folder, read_table(folder, CONTACT_RUNS).assign(run="other"), own, CONTACT_RUNS)
    (other,) = (run for run in find_contact_runs([str(folder)])[0].values() if run.name == "other")
    protein = next(iter(opened_names(other)))
    app = visit(PAGE, {"run": name, "protein": protein})
    assert f"keeps no map of the protein {protein}" in said(app, "status")
    assert said(visit(PAGE, {"run": "other", "protein": protein}), "status") == ""
    assert said(visit(PAGE, {"run": name}), "status") == ""
