"""The Home page."""

from __future__ import annotations

import json
import re
from html import unescape
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


def markup(app: AppTest) -> str:
    drawn = [one.proto for one in app.get("bidi_component")]
    return "".join(json.loads(one.json) for one in drawn if one.component_name.endswith("leading"))


def leading(app: AppTest) -> list[tuple[str, dict[str, list[str]], str]]:
    """Give each link of the page's own markup: its page, its parameters, and what is clicked."""
    links = re.findall(r'<a href="(\w+)\?(.*?)">(.*?)</a>', markup(app))
    return [(page, parse_qs(unescape(query)), inner) for page, query, inner in links]


def test_each_best_head_is_a_link_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, "")
    shapes = load().shapes
    table, maps = {}, {}
    for page, address, inner in leading(home()):
        if page != "Heads" or "threshold" in address:  # that of the demo's heads has none
            continue
        chosen, notes = read_address(heads_parameters(shapes), address)
        assert notes == []
        head = parse_head(chosen["head"], shapes)
        assert head is not None
        assert chosen["models"] == (head.model,)
        percent = f"{BEST[head.model, chosen['feature']][1]:.2f}"
        if 'alt="Map of ' in inner:
            assert chosen["feature"] == "contact"
            assert inner.endswith(f"{head.label}, {percent}\u00a0%")
            maps[head.model, chosen["feature"]] = head.label
        else:
            assert f"<b>{percent} %</b>" in inner
            assert inner.endswith(head.label)
            table[head.model, chosen["feature"]] = head.label
    expected = {key: label for key, (label, _) in BEST.items()}
    assert table == expected
    assert maps == {key: label for key, label in expected.items() if key[1] == "contact"}


def test_the_example_leads_to_live(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, "")
    address, *drawn_in_the_paper = (
        address for page, address, _ in leading(home()) if page == "Live"
    )
    protein = open_source(address.pop("protein")[0], address.pop("chain")[0])
    assert address == {"model": ["demo"], "layer": ["1"], "head": ["10"]}
    assert (protein.identifier, protein.chain_name) == ("1MVO", "A")
    tape = {"model": ["tape_bert"]}
    assert drawn_in_the_paper == [
        tape | {"layer": ["7"], "head": ["1"], "protein": ["pdb:7HVP"], "threshold": ["0.10"]},
        tape | {"layer": ["12"], "head": ["4"], "protein": ["pdb:2KC7"], "threshold": ["0.20"]},
    ]


def test_backgrounds_and_what_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, "")
    app = home()
    texts = markup(app)
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
