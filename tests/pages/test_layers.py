"""The Layers page: what the address asks for is what is drawn."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.results.loaded import RESULTS_VARIABLE
from precompute.published import read_published
from precompute.tables import PUBLISHED_LAYER_MEANS
from tests import measured
from tests.charts import given

ENTRY = Path(__file__).parents[2] / "streamlit_app.py"
MODELS = ("tape_bert", "prot_albert", "prot_bert", "prot_bert_bfd", "prot_xlnet")
TAPE = f"tape_bert:{measured.TAPE_RUN}"
PAPER_CENTRES = {
    "Helix": "6.59",
    "Turn/bend": "6.91",
    "Strand": "7.05",
    "Binding site": "7.46",
    "Contact": "8.22",
}


@pytest.fixture(autouse=True)
def _no_results(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, "")
    monkeypatch.setenv("ATLAS_DEMO", "0")


def layers(**parameters: str | list[str]) -> AppTest:
    app = AppTest.from_file(str(ENTRY), default_timeout=60)
    app.switch_page("pages/5_Layers.py")
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def charts(app: AppTest) -> dict[str, dict[str, str]]:
    """Give what each chart was given, by the name of its file."""
    every = map(given, app.get("bidi_component"))
    return {data["file"]: data for data in every if "figure" in data}


def panels(app: AppTest) -> list[str]:
    chart = charts(app).get("atlas_layers")
    return chart["alt"].split("\n") if chart else []


def notes(app: AppTest, role: str = "status") -> list[str]:
    return [e.proto.body for e in app.get("html") if f'role="{role}"' in e.proto.body]


def table(app: AppTest) -> list[list[str]]:
    body = next(e.proto.body for e in app.get("html") if "atlas-table" in e.proto.body)
    rows = re.findall(r"<tr>(.*?)</tr>", body.split("<tbody>")[1])
    return [re.findall(r">([^<]*)</t[hd]>", row) for row in rows]


def address(app: AppTest) -> dict[str, list[str]]:
    written = dict(app.query_params)
    return {name: [v] if isinstance(v, str) else list(v) for name, v in written.items()}


def test_the_default_is_the_papers_figure() -> None:
    app = layers()
    assert [name.split(" · ")[0] for name in panels(app)] == list(PAPER_CENTRES)  # in its order
    for name, (label, centre) in zip(panels(app), PAPER_CENTRES.items(), strict=True):
        assert f"{label} · TapeBert" in name
        assert f"centre {centre} (" in name
    assert {row[0]: row[1] for row in table(app)} == PAPER_CENTRES
    assert charts(app)["atlas_centres-of-gravity"]["alt"].startswith("Centres of gravity: Helix")
    probes = charts(app)["atlas_probes_tape_bert"]["alt"].split("\n")
    assert ["probe at most" in said for said in probes] == [True] * 5
    assert notes(app) == []
    assert address(app) == {}
    assert set(read_published(PUBLISHED_LAYER_MEANS)["feature"]) <= set(
        app.multiselect(key="layers_feature").value
    )


def test_one_property_of_five_models_by_depth() -> None:
    app = layers(source=[f"{model}:published" for model in MODELS], feature="contact", axis="depth")
    assert len(panels(app)) == 5
    assert [row[0] for row in table(app)] == [
        "TapeBert",
        "ProtAlbert",
        "ProtBert",
        "ProtBert-BFD",
        "ProtXLNet",
    ]
    relative = [float(row[4]) for row in table(app)]
    assert all(0 < value <= 1 for value in relative)
    figure = charts(app)["atlas_layers"]["figure"]
    assert figure.count('"relative depth"') == 5


def test_choices_are_written_to_the_address() -> None:
    app = layers()
    app.multiselect(key="layers_feature").set_value(["contact", "amino_acid:P"]).run()
    assert address(app) == {"feature": ["contact", "amino_acid:P"]}
    app.button_group(key="layers_axis").set_value("depth").run()
    assert not app.exception
    assert address(app) == {"feature": ["contact", "amino_acid:P"], "axis": ["depth"]}
    assert len(panels(app)) == 2
    restored = layers(**address(app))
    assert panels(restored) == panels(app)
    app.multiselect(key="layers_feature").set_value([]).run()
    assert not app.exception
    assert panels(app) == []
    assert "Choose a property and a model" in "".join(notes(app))


@pytest.mark.parametrize(
    "parameters",
    [
        {"source": "gpt:published"},
        {"source": ["<script>alert(1)</script>", "tape_bert:nothing"]},
        {"feature": "<img src=x>"},
        {"axis": "x", "scale": "y"},
        {"threshold": "0.50"},
        {"layer": "13"},
    ],
)
def test_wrong_values_are_ignored_with_a_note(parameters: dict[str, str | list[str]]) -> None:
    app = layers(**parameters)
    assert len(panels(app)) == 5
    asked = sum(len(v) if isinstance(v, list) else 1 for v in parameters.values())
    assert notes(app)[0].count("Ignored") == asked
    assert "<script" not in "".join(notes(app))
    assert "<img" not in "".join(notes(app))


def test_no_probe_of_the_property() -> None:
    app = layers(feature="amino_acid:W")
    assert len(panels(app)) == 1
    assert "of none of the properties chosen" in "".join(notes(app))


def test_published_beside_measured(monkeypatch: pytest.MonkeyPatch, results_folder: Path) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, str(results_folder))
    app = layers(source=["tape_bert:published", TAPE], feature="binding_site")
    assert ["published, n = 5,000" in name for name in panels(app)] == [True, False]
    assert f"n = {measured.PROTEINS} proteins" in panels(app)[1]
    published, own = table(app)
    assert published[0] == "published"
    assert abs(float(published[1]) - float(own[1])) < 0.3  # arcs drawn with the paper's shares
    assert own[3] == ""  # counted: no drawing to allow anything


def test_a_threshold_of_runs_only(monkeypatch: pytest.MonkeyPatch, results_folder: Path) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, str(results_folder))
    address = {"source": ["tape_bert:published", TAPE], "feature": "binding_site"}
    low, high = layers(**address), layers(**address, threshold="0.60")
    assert notes(high) == []
    assert panels(low)[0] == panels(high)[0]
    assert panels(low)[1] != panels(high)[1]
    assert any("published values at 0.30" in c.value for c in high.caption)


def test_a_run_without_the_property(monkeypatch: pytest.MonkeyPatch, results_folder: Path) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, str(results_folder))
    app = layers(source=[TAPE], feature=["contact", "binding_site"])
    assert len(panels(app)) == 1
    assert "there are no values for Contact" in notes(app, "alert")[0]
    nothing = layers(source=[TAPE], feature="contact")
    assert panels(nothing) == []
    assert len(notes(nothing, "alert")) == 1


def test_a_run_that_goes_away(monkeypatch: pytest.MonkeyPatch, results_folder: Path) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, str(results_folder))
    app = layers(source=["tape_bert:published", TAPE], feature="binding_site")
    assert len(panels(app)) == 2
    monkeypatch.setenv(RESULTS_VARIABLE, "")
    app.run()
    assert not app.exception
    assert len(panels(app)) == 1
