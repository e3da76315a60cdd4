"""The Home page."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.page.parameters import read_address
from dashboard.pages.heads.controls import heads_parameters
from dashboard.results.head import parse_head
from dashboard.results.loaded import RESULTS_VARIABLE, load
from precompute.live.getting.inputs import open_source
from tests import measured
from tests.dashboard.test_frames import BEST

ENTRY = Path(__file__).parents[2] / "streamlit_app.py"


def home() -> AppTest:
    app = AppTest.from_file(str(ENTRY), default_timeout=60)
    app.run()
    assert not app.exception
    return app


def html(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def test_each_best_head_is_a_link_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, "")
    links = [e.proto for e in home().get("page_link") if e.proto.query_string]
    shapes = load().shapes
    table, maps = {}, {}
    for link in (link for link in links if link.page == "Heads"):
        chosen, notes = read_address(heads_parameters(shapes), parse_qs(link.query_string))
        assert notes == []
        head = parse_head(chosen["head"], shapes)
        assert head is not None
        assert chosen["models"] == (head.model,)
        percent = f"{BEST[head.model, chosen['feature']][1]:.2f}"
        if link.label.startswith("![Map of "):
            assert chosen["feature"] == "contact"
            assert link.label.endswith(f"{head.label}, {percent}\u00a0%")
            maps[head.model, chosen["feature"]] = head.label
        else:
            assert f"**{percent} %**" in link.label
            assert link.label.endswith(head.label)
            table[head.model, chosen["feature"]] = head.label
    expected = {key: label for key, (label, _) in BEST.items()}
    assert table == expected
    assert maps == {key: label for key, label in expected.items() if key[1] == "contact"}


def test_the_example_leads_to_live(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, "")
    link, *drawn_in_the_paper = (
        e.proto
        for e in home().get("page_link")
        if e.proto.page == "Live" and e.proto.label != "Live"
    )
    address = parse_qs(link.query_string)
    protein = open_source(address.pop("protein")[0], address.pop("chain")[0])
    assert address == {"model": ["demo"], "layer": ["1"], "head": ["10"]}
    assert (protein.identifier, protein.chain_name) == ("1MVO", "A")
    tape = {"model": ["tape_bert"]}
    assert [parse_qs(one.query_string) for one in drawn_in_the_paper] == [
        tape | {"layer": ["7"], "head": ["1"], "protein": ["pdb:7HVP"], "threshold": ["0.10"]},
        tape | {"layer": ["12"], "head": ["4"], "protein": ["pdb:2KC7"], "threshold": ["0.20"]},
    ]


def test_backgrounds_and_what_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, "")
    app = home()
    texts = " ".join(element.value for element in app.markdown)
    for background in ("1.266\u00a0%", "4.828\u00a0%", "0.843\u00a0%"):
        assert background in texts
    assert "no measured runs" in html(app)


def test_measured_runs_are_listed(monkeypatch: pytest.MonkeyPatch, results_folder: Path) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, str(results_folder))
    said = html(home())
    assert "2 measured runs" in said
    for text in (measured.TAPE_RUN, measured.OWN_RUN, "3 × 4", "binding_sites", "40"):
        assert text in said


def test_a_folder_that_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, f"{tmp_path}/<b>none</b>")
    said = html(home())
    assert said.count('role="alert"') == 1
    assert "does not exist" in said
    assert "<b>none" not in said
