"""The Heads page: what the address asks for is what is drawn."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.results.loaded import RESULTS_VARIABLE
from precompute.published import read_published
from precompute.tables import PUBLISHED_HEADS
from tests import charts, measured

ENTRY = Path(__file__).parents[2] / "streamlit_app.py"
ALL = ["tape_bert", "prot_albert", "prot_bert", "prot_bert_bfd", "prot_xlnet"]


@pytest.fixture(autouse=True)
def _no_results(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, "")


def heads(**parameters: str | list[str]) -> AppTest:
    app = AppTest.from_file(str(ENTRY), default_timeout=60)
    app.switch_page("pages/1_Heads.py")
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def heatmaps(app: AppTest) -> list[go.Figure]:
    return charts.charts(app, "heatmap")


def cells(figure: go.Figure) -> np.ndarray:
    return np.asarray(figure.data[0].z)


def titles(app: AppTest) -> list[str]:
    return [" | ".join(charts.titles(figure)) for figure in heatmaps(app)]


def html(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def notes(app: AppTest, role: str = "status") -> list[str]:
    return [e.proto.body for e in app.get("html") if f'role="{role}"' in e.proto.body]


def address(app: AppTest) -> dict[str, list[str]]:
    written = dict(app.query_params)
    return {name: [v] if isinstance(v, str) else list(v) for name, v in written.items()}


def test_the_default() -> None:
    app = heads()
    assert titles(app) == ["Contact · ProtBert-BFD | published, n = 5,000 proteins"]
    assert notes(app) == []
    assert notes(app, "alert") == []
    assert address(app) == {}


@pytest.mark.parametrize("model", ALL)
def test_the_heatmap_is_the_table(model: str) -> None:
    app = heads(models=model, feature="amino_acid:W")
    table = read_published(PUBLISHED_HEADS).query("model == @model and feature == 'amino_acid:W'")
    expected = table.pivot(index="layer", columns="head", values="percent").to_numpy()
    figure = heatmaps(app)[0]
    np.testing.assert_allclose(cells(figure), expected, rtol=1e-6)
    np.testing.assert_allclose(figure.data[1].x, np.nanmax(expected, axis=1), atol=0.3)


def test_five_models_on_one_scale_and_on_their_own() -> None:
    own = [f.data[0].zmax for f in heatmaps(heads(models=ALL))]
    shared = [f.data[0].zmax for f in heatmaps(heads(models=ALL, scale="shared"))]
    assert len(own) == len(shared) == 5
    assert len(set(own)) == 5
    assert set(shared) == {max(own)}
    assert max(own) == pytest.approx(63.25, abs=0.01)


def test_enrichment_is_centred_on_the_background() -> None:
    figure = heatmaps(heads(models="tape_bert", feature="binding_site", measure="enrichment"))[0]
    assert figure.data[0].zmin == -figure.data[0].zmax
    assert figure.data[0].colorbar.ticktext == ("1/16×", "1/4×", "1×", "4×", "16×")
    table = read_published(PUBLISHED_HEADS).query(
        "model == 'tape_bert' and feature == 'binding_site' and layer == 11 and head == 6"
    )
    expected = np.log2(table["percent"].iloc[0] / 4.828144)
    assert cells(figure)[10, 5] == pytest.approx(expected, abs=1e-4)


def test_no_enrichment_without_a_background() -> None:
    app = heads(models="tape_bert", feature="secondary_structure:helix", measure="enrichment")
    assert heatmaps(app)[0].data[0].zmin == 0
    said = [text.value for text in app.text if "no background" in text.value]
    assert len(said) == 1
    assert "Helix" in said[0]


def test_an_opened_head() -> None:
    app = heads(head="prot_bert_bfd.30.9")
    assert [s.value for s in app.subheader] == ["Head 30-9"]
    said = html(app)
    assert said.count("<tr data-row=") == 27
    assert "63.25" in said
    assert "869 / 1,374" in said
    assert "1 of 465" in said
    live = [e.proto for e in app.get("page_link") if e.proto.query_string]
    assert [link.page for link in live] == ["Live"]
    assert live[0].query_string == "model=prot_bert_bfd&layer=30&head=9"
    app.button(key="heads_close").click().run()
    assert not app.exception
    assert len(app.subheader) == 0
    assert address(app) == {}


def test_a_choice_is_written_to_the_address() -> None:
    app = heads(head="prot_bert_bfd.30.9")
    app.selectbox(key="heads_feature").select("amino_acid:P").run()
    assert address(app) == {"feature": ["amino_acid:P"], "head": ["prot_bert_bfd.30.9"]}
    app.button_group(key="heads_models").set_value(["tape_bert", "prot_xlnet"]).run()
    assert not app.exception
    assert address(app) == {
        "feature": ["amino_acid:P"],
        "models": ["tape_bert", "prot_xlnet"],
    }
    assert len(heatmaps(app)) == 2
    assert len(app.subheader) == 0  # the head's model is not shown any more
    app.query_params.clear()  # as Back does
    app.run()
    assert titles(app)[0].startswith("Contact · ProtBert-BFD |")


def test_no_model() -> None:
    app = heads(models="")
    assert heatmaps(app) == []
    assert "Choose a model" in html(app)


@pytest.mark.parametrize(
    "parameters",
    [
        {"feature": "<script>alert(1)</script>"},
        {"models": ["<img src=x onerror=alert(1)>", "gpt"]},
        {"measure": "[x](javascript:alert(1))", "scale": "**", "results": "$x$"},
        {"head": "prot_bert_bfd.31.9"},
        {"head": "prot_bert_bfd.1.1.1.1"},
        {"head": "tape_bert.1.1"},
        {"run": "../../etc/passwd"},
        {"threshold": "0.33"},
        {"denominator": "none"},
        {"table": "<b>"},
        {"treshold": "0.30"},
        {"feature": "x" * 5000},
    ],
)
def test_wrong_values_are_ignored_with_a_note(parameters: dict[str, str | list[str]]) -> None:
    app = heads(**parameters)
    assert titles(app)[0].startswith("Contact · ProtBert-BFD |")
    assert len(notes(app)) == 1
    assert notes(app)[0].count("Ignored") == sum(
        len(v) if isinstance(v, list) else 1 for v in parameters.values()
    )
    assert "<script" not in html(app)
    assert "<img" not in html(app)
    for element in [*app.markdown, *app.caption]:
        assert "alert(1)" not in element.value


def test_published_and_measured(monkeypatch: pytest.MonkeyPatch, results_folder: Path) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, str(results_folder))
    address = {"models": "tape_bert", "feature": "binding_site", "head": "tape_bert.11.6"}
    app = heads(**address)
    assert [title.split(" | ")[1] for title in titles(app)] == [
        "published, n = 5,000 proteins",
        "measured, binding_sites, n = 40 proteins",
    ]
    said = html(app)
    assert "within interval" in said
    assert "heads with both values" in said
    assert len(heatmaps(heads(**address, results="published"))) == 1
    only = heads(**address, results="measured")
    assert titles(only) == ["Binding site · TapeBert | measured, binding_sites, n = 40 proteins"]
    assert "within interval" not in html(only)


def test_a_run_of_a_model_of_its_own(monkeypatch: pytest.MonkeyPatch, results_folder: Path) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, str(results_folder))
    app = heads(
        models=measured.OWN_MODEL,
        feature="amino_acid:G",
        measure="enrichment",
        head="own_model.3.4",
    )
    assert cells(heatmaps(app)[0]).shape == (3, 4)
    assert notes(app) == []
    assert "grey" in html(app)
    missing = heads(models=measured.OWN_MODEL)
    assert heatmaps(missing) == []
    assert "no values of own_model for the property Contact" in html(missing)


def test_chosen_runs(monkeypatch: pytest.MonkeyPatch, results_folder: Path) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, str(results_folder))
    app = heads(models="tape_bert", run=measured.TAPE_RUN)
    assert len(heatmaps(app)) == 1
    assert f"run {measured.TAPE_RUN} over binding_sites has no values" in html(app)
    shown = heads(models="tape_bert", feature="binding_site", run=measured.TAPE_RUN)
    assert len(heatmaps(shown)) == 2


@pytest.mark.parametrize("harm", ["missing", "foreign", "truncated", "list truncated"])
def test_bad_results_leave_the_published_part(
    harm: str, monkeypatch: pytest.MonkeyPatch, results_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "results"
    if harm == "foreign":
        folder.mkdir()
        (folder / "notes.txt").write_text("x")
    elif harm != "missing":
        shutil.copytree(results_folder, folder)
        name = "runs.parquet" if "list" in harm else f"head_counts/{measured.TAPE_RUN}.parquet"
        (folder / name).write_bytes((folder / name).read_bytes()[:500])
    monkeypatch.setenv(RESULTS_VARIABLE, str(folder))
    app = heads(models="tape_bert", feature="binding_site", head="tape_bert.11.6")
    assert len(heatmaps(app)) == 1
    assert len(notes(app, "alert")) == 1
    assert notes(app, "alert")[0].count("<p ") == 1
    assert "Traceback" not in html(app)
    assert [s.value for s in app.subheader] == ["Head 11-6"]


def test_a_measured_model_of_another_shape_is_not_compared(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from precompute.tables import BACKGROUND, HEAD_COUNTS, add_run

    counts = measured.head_counts(measured.count_arcs(measured.own_shares(), 3), "r", "prot_bert")
    row = measured.run_row("r", "prot_bert", 3, 4, "2026-11-21T00:00:00Z")
    add_run(tmp_path, row, {HEAD_COUNTS: counts, BACKGROUND: measured.background("r")})
    monkeypatch.setenv(RESULTS_VARIABLE, str(tmp_path))
    app = heads(models="prot_bert", feature="binding_site", head="prot_bert.2.1")
    assert len(heatmaps(app)) == 2
    assert "not the same model" in html(app)
    assert "within interval" not in html(app)
    beyond = heads(models="prot_bert", feature="binding_site", head="prot_bert.24.7")
    assert "50.66" in html(beyond)
