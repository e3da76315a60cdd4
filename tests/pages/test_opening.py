"""Every page says its name and what it answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.page.opening import HOME_PAGE, PAGES, PRODUCT
from dashboard.results.contacts import find_contact_runs
from dashboard.results.loaded import RESULTS_VARIABLE, load
from dashboard.results.other_runs import find_other_runs
from tests.probed import write_probes

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_begins_with_its_title_and_what_it_answers(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, "")
    app = AppTest.from_file(str(ROOT / path), default_timeout=60).run()
    assert not app.exception
    label, answers = PAGES[path]
    first = app.main.get("html")[0].proto.body
    assert f"<h1>{PRODUCT if path == HOME_PAGE else label}</h1>" in first
    assert f"<p>{answers}</p>" in first


def test_the_registry_has_every_page_in_the_order_of_the_menu() -> None:
    files = sorted(ROOT.glob("pages/*.py"), key=lambda path: int(path.stem.partition("_")[0]))
    assert list(PAGES) == [path.relative_to(ROOT).as_posix() for path in files]
    assert files[0] == ROOT / HOME_PAGE
    assert all(answers.endswith(".") and answers.count(". ") == 0 for _, answers in PAGES.values())
    assert len({answers for _, answers in PAGES.values()}) == len(PAGES)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_lists_runs_of_contacts_and_probes(
    path: str, contacts_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (contacts,) = find_contact_runs([str(contacts_folder)])[0]
    write_probes(tmp_path, "m-structures-probes-1", "esm2_t6_8m")
    monkeypatch.setenv(RESULTS_VARIABLE, f"{contacts_folder},{tmp_path}")
    probes = [one for one in find_other_runs(load()) if one.kind == "Probes"]
    assert probes
    app = AppTest.from_file(str(ROOT / path), default_timeout=60).run()
    assert not app.exception
    (listed,) = [e.proto.body for e in app.sidebar.get("html") if "Loaded results" in e.proto.body]
    assert "Contacts: ESM-2 8M, proteinnet, n = 6 proteins <span" in listed
    assert f"(run {contacts})" in listed
    assert all(f"(run {one.name})" in listed for one in probes)
    assert "No measured runs" not in listed
    if path == HOME_PAGE:
        body = " ".join(e.proto.body for e in app.main.get("html"))
        assert contacts in body
