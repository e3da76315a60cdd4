"""Residues of the visitor's own on the Live page: marked everywhere, heads ranked by them."""

from __future__ import annotations

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.pages.live.scene import OWN
from precompute.live.getting.inputs import open_source
from precompute.live.own_sites import rank_by_sites
from precompute.live.residue_list import parse_residues
from precompute.live.running.attention import SparseAttention
from tests.captions import captions
from tests.pages.test_live import (
    _no_results,  # noqa: F401
    address,
    attention,  # noqa: F401
    control,
    drawn_arcs,
    live,
    notes,
    scene,
    sent,
)

LIST = "A:8-12, A:51, 53, A:97"
LABEL = "Residues of your own"


def ranked(app: AppTest) -> pd.DataFrame:
    (table,) = app.dataframe
    return table.value


def test_all_heads_are_ranked_by_a_list_and_a_link_shows_the_same(
    attention: SparseAttention,  # noqa: F811
) -> None:
    app = live()
    assert not app.dataframe
    control(app.text_input, LABEL).set_value(LIST).run()
    assert not app.exception
    protein = open_source("example:1MVO")
    places = tuple(parse_residues(LIST, protein).tolist())
    assert len(places) == 8
    expected = rank_by_sites(attention, places, 0.3).frame.sort_values("rank")
    shown = ranked(app)
    heads = expected["layer"].astype(str) + "-" + expected["head"].astype(str)
    assert shown["name"].tolist() == heads.tolist()
    for name in ("percent", "p_value", "false_discovery", "arcs"):
        assert shown[name].tolist() == pytest.approx(expected[name].tolist(), nan_ok=True), name
    balls = [ball for ball in scene(app)["balls"] if ball["colour"] == OWN]
    assert [ball["residue"] for ball in balls] == list(places)
    drawings = "".join(data["markup"] for data in sent(app) if "markup" in data)
    assert ">your list<" in drawings
    said = f"8 of {attention.read.sum()} residues read"
    assert any(said in one for one in captions(app))
    assert address(app) == {"selection": [LIST]}
    again = live(**address(app))
    assert ranked(again).equals(shown)
    assert notes(again, "alert") == []
    control(again.text_input, LABEL).set_value("").run()
    assert address(again) == {}
    assert not again.dataframe
    assert {ball["colour"] for ball in scene(again)["balls"]} <= {ball["colour"] for ball in balls}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A:9999", "There is no residue 9999 in this chain"),
        ("Q:51", "The chain Q is not in this structure"),
        (" , ;", "This list names no residue"),
        ("<script>alert(1)</script>", "is no residue"),
        ("8,51" * 2500, "The list of residues has 10,000 characters"),
        ("20-90", ""),
        ("51", ""),
    ],
)
def test_a_list_that_cannot_be_ranked_is_one_sentence(text: str, said: str) -> None:
    app = live()
    control(app.text_input, LABEL).set_value(text).run()
    assert not app.exception
    app.run()
    assert control(app.text_input, LABEL).value == text
    alerts = notes(app, "alert")
    assert bool(app.dataframe) == (not said)
    assert len(alerts) == bool(said)
    assert all(said in alert and "<script" not in alert for alert in alerts)
    assert drawn_arcs(app)
    assert len("".join(address(app).get("selection", []))) < 100
    assert bool(address(app)) == (not said or text.startswith(("A:", "Q:", " ,")))


def test_the_whole_chain_is_nothing_to_compare() -> None:
    numbers = open_source("example:1MVO").numbers
    app = live(selection=f"{numbers[0]}-{numbers[-1]}")
    (alert,) = notes(app, "alert")
    assert "all residues that the model read" in alert
    assert not app.dataframe


def test_one_residue_has_as_many_sets_as_the_model_read_residues(
    attention: SparseAttention,  # noqa: F811
) -> None:
    app = live(selection="A:51")
    said = f"No more than {attention.read.sum()} different sets"
    assert any(said in one for one in captions(app))
