"""A sequence that Live folds: it stays what it is called, and an alignment's query its query."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from precompute.live.getting.aligned import read_aligned
from precompute.live.getting.protein import Protein, bare_protein
from tests.precompute.live.snippets import helix, numbered, pdb
from tests.precompute.live.test_fetching import FOLDED, NAMES, Server, fixed

RECORDS = {
    "first": bare_protein("first", FOLDED, "the first one"),
    "other": bare_protein("other", FOLDED, "another of its sequence"),
    "unlike": bare_protein("unlike", "AGSTWDKLVW"),
    "query": read_aligned(f">q\n{FOLDED}\n>h\nAGSTWDK-VI\n", "query.fasta"),
}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    server = Server()
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    server.answers["/fold"] = fixed(pdb(helix(numbered(NAMES))))
    monkeypatch.setenv("ATLAS_ESMFOLD_URL", f"{server.url}/fold")
    yield server
    server.shutdown()
    server.server_close()


def page() -> None:
    import streamlit as st

    from dashboard.pages.live.asking import show_protein

    st.session_state.shown = show_protein(st.session_state.given)


def show(app: AppTest, name: str) -> Protein:
    app.session_state.given = RECORDS[name]
    app.run()
    assert not app.exception
    shown: Protein = app.session_state.shown
    assert (shown.identifier, shown.title) == (RECORDS[name].identifier, RECORDS[name].title)
    assert shown.family is RECORDS[name].family
    return shown


@pytest.mark.parametrize("folded", ["first", "other", "query"])
def test_one_fold_serves_all_of_its_sequence_and_each_keeps_its_name(
    server: Server, folded: str
) -> None:
    app = AppTest.from_function(page, default_timeout=60)
    assert show(app, folded).structure is None
    app.button("live_fold").click()
    own = show(app, folded)
    assert own.structure is not None
    assert show(app, folded) is own  # what is worked out of a protein is kept by the object
    for name in ("first", "other", "query"):
        assert show(app, name).structure == own.structure
    assert show(app, "unlike").structure is None
    assert len(server.asked) == 1
