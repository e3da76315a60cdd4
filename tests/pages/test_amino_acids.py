"""The Amino acids page: twenty maps, one large, one head, all models."""

from __future__ import annotations

import base64
import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.pages.amino_acids import view
from dashboard.results.loaded import RESULTS_VARIABLE
from precompute.chemistry import BY_CHEMISTRY, LETTERS
from precompute.published import read_published
from precompute.tables import PUBLISHED_HEADS
from tests import measured
from tests.charts import given

ENTRY = Path(__file__).parents[2] / "streamlit_app.py"
ALL = ("tape_bert", "prot_albert", "prot_bert", "prot_bert_bfd", "prot_xlnet")
TAPE = f"tape_bert:{measured.TAPE_RUN}"
OWN = f"{measured.OWN_MODEL}:{measured.OWN_RUN}"


@pytest.fixture(autouse=True)
def _no_results(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, "")


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch, results_folder: Path) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, str(results_folder))


def visit(**parameters: str | list[str]) -> AppTest:
    app = AppTest.from_file(str(ENTRY), default_timeout=90)
    app.switch_page("pages/3_Amino_acids.py")
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def sent(app: AppTest, key: str) -> dict[str, Any]:
    """Give what a component of the page was given."""
    (found,) = [
        given(element)
        for element in app.get("bidi_component")
        if element.proto.id.endswith(f"-{key}")
    ]
    return found  # type: ignore[no-any-return]


def chart(app: AppTest, key: str) -> dict[str, Any]:
    return json.loads(sent(app, key)["figure"])  # type: ignore[no-any-return]


def maps(app: AppTest) -> list[str]:
    return re.findall(r'data-pick="(\w)"', sent(app, "amino_acids_maps")["markup"])


def large(app: AppTest) -> dict[str, Any]:
    return chart(app, "heatmap_amino_acid")


def title(app: AppTest) -> str:
    return str(large(app)["layout"]["annotations"][0]["text"])


def values(app: AppTest) -> np.ndarray:
    """Give the cells of the large map, layers × heads."""
    written = large(app)["data"][0]["z"]
    shape = [int(size) for size in written["shape"].split(",")]
    return np.frombuffer(base64.b64decode(written["bdata"]), "float32").reshape(shape)


def tops(app: AppTest) -> list[dict[str, Any]]:
    """Give the bars of every model's highest heads."""
    return [trace for trace in chart(app, "amino_acids_tops")["data"] if trace["type"] == "bar"]


def html(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def notes(app: AppTest, role: str = "status") -> list[str]:
    return [e.proto.body for e in app.get("html") if f'role="{role}"' in e.proto.body]


def address(app: AppTest) -> dict[str, list[str]]:
    written = dict(app.query_params)
    return {name: [v] if isinstance(v, str) else list(v) for name, v in written.items()}


def test_the_default() -> None:
    app = visit()
    assert maps(app) == list(BY_CHEMISTRY)
    assert title(app).startswith("<b>Proline (P) · ProtBert-BFD</b>")
    assert notes(app) == notes(app, "alert") == []
    assert address(app) == {}
    assert [s.value for s in app.subheader] == []


@pytest.mark.parametrize("model", ALL)
def test_the_large_map_is_the_table(model: str) -> None:
    app = visit(source=f"{model}:published", amino_acid="W")
    table = read_published(PUBLISHED_HEADS).query("model == @model and feature == 'amino_acid:W'")
    expected = table.pivot(index="layer", columns="head", values="percent").to_numpy()
    np.testing.assert_allclose(values(app), expected, rtol=1e-5)


def test_orders_and_scales() -> None:
    assert maps(visit(order="alphabet")) == list(LETTERS)
    clustered = maps(visit(order="clustering", source="tape_bert:published"))
    assert sorted(clustered) == list(LETTERS)
    place = {letter: position for position, letter in enumerate(clustered)}
    for one, other in ("IV", "FY", "EQ", "ST"):  # the paper's most alike pairs
        assert abs(place[one] - place[other]) <= 2
    highest = read_published(PUBLISHED_HEADS).query(
        "model == 'prot_bert_bfd' and feature.str.startswith('amino_acid')"
    )["percent"]
    assert large(visit(scale="shared"))["data"][0]["zmax"] == pytest.approx(highest.max(), rel=1e-6)


def test_a_head_beside_a_background_that_nobody_knows() -> None:
    app = visit(head="30.9")
    assert [s.value for s in app.subheader] == ["Head 30-9"]
    said = chart(app, "amino_acids_shares")["data"][0]["text"]
    table = read_published(PUBLISHED_HEADS).query(
        "model == 'prot_bert_bfd' and layer == 30 and head == 9 and feature == 'amino_acid:L'"
    )
    assert f"Leucine: {table['percent'].iloc[0]:.2f} %" in " ".join(said)
    assert "background" not in " ".join(said)
    assert any(
        "gives no background of amino acids, and no measured run" in c.value for c in app.caption
    )
    assert sent(app, "heatmap_amino_acid")["chosen"] == [[30, 9]]
    app.button(key="amino_acids_close").click().run()
    assert not app.exception
    assert len(app.subheader) == 0
    assert address(app) == {}


@pytest.mark.usefixtures("runs")
def test_a_runs_background_stands_in_and_is_named() -> None:
    app = visit(head="30.9")
    said = chart(app, "amino_acids_shares")["data"][0]["text"]
    assert " ".join(said).count("background 4.00 %") == 20
    assert any("not the paper’s proteins" in c.value for c in app.caption)


@pytest.mark.usefixtures("runs")
def test_a_run_at_two_thresholds() -> None:
    found = {}
    for threshold in ("0.30", "0.60"):
        app = visit(source=TAPE, threshold=threshold, head="12.4")
        assert notes(app) == []
        found[threshold] = values(app).ravel()
        assert any("Orange: frequency among the residues measured" in c.value for c in app.caption)
    counts = measured.head_counts(
        measured.count_arcs(measured.published_shares("tape_bert"), 0), "r", "tape_bert"
    ).query("feature == 'amino_acid:P'")
    for threshold, shown in found.items():
        own = counts[np.isclose(counts["threshold"], float(threshold))]
        percent = (100 * own["hits"] / own["arcs"]).where(own["arcs"] >= 100)
        expected = percent.to_numpy()[np.lexsort((own["head"], own["layer"]))]
        np.testing.assert_allclose(shown, expected, rtol=1e-5)
    assert not np.array_equal(found["0.30"], found["0.60"], equal_nan=True)


@pytest.mark.usefixtures("runs")
def test_a_threshold_that_a_run_lacks() -> None:
    app = visit(source=TAPE, threshold="0.45")
    assert "has no threshold 0.45; 0.60 is shown" in html(app) or "0.30 is shown" in html(app)
    assert len(maps(app)) == 20
    published = visit(threshold="0.60")
    assert "has no threshold 0.60; 0.30 is shown" in html(published)


@pytest.mark.usefixtures("runs")
def test_a_model_of_its_own_shape() -> None:
    app = visit(source=OWN, head="3.4")
    assert values(app).size == 12
    assert any("The head is grey" in t.value for t in app.text)
    beyond = visit(source=OWN, head="12.4")
    assert "has no head 12-4" in html(beyond)
    assert len(tops(app)) == 6  # the paper's five models and this one


def test_the_highest_heads_of_every_model() -> None:
    app = visit(amino_acid="C")
    shown = [bars["text"] for bars in tops(app)]
    assert len(shown) == 5
    table = read_published(PUBLISHED_HEADS).query("feature == 'amino_acid:C'")
    for model, texts in zip(ALL, shown, strict=True):
        best = table[table["model"] == model].nlargest(5, "percent")
        for row, said in zip(best.itertuples(), texts, strict=True):
            assert said.startswith(f"head {row.layer}-{row.head}: {row.percent:.2f} %, ")


def test_a_choice_is_written_to_the_address() -> None:
    app = visit(head="30.9")
    app.selectbox(key="amino_acids_amino_acid").select("C").run()
    assert address(app) == {"amino_acid": ["C"], "head": ["30.9"]}
    app.selectbox(key="amino_acids_source").select("prot_xlnet:published").run()
    assert not app.exception
    assert address(app) == {
        "amino_acid": ["C"],
        "head": ["30.9"],
        "source": ["prot_xlnet:published"],
    }
    app.query_params.clear()  # as Back does
    app.run()
    assert title(app).startswith("<b>Proline (P) · ProtBert-BFD</b>")


@pytest.mark.parametrize(
    "parameters",
    [
        {"amino_acid": "<script>alert(1)</script>"},
        {"amino_acid": "X"},
        {"source": "<img src=x onerror=alert(1)>"},
        {"source": "tape_bert:../../etc/passwd"},
        {"order": "**", "scale": "$x$"},
        {"head": "0.1"},
        {"head": "1.1.1"},
        {"head": "²,3"},
        {"threshold": "0.31"},
        {"colour": "x" * 5000},
    ],
)
def test_wrong_values_are_ignored_with_a_note(parameters: dict[str, str]) -> None:
    app = visit(**parameters)  # type: ignore[arg-type]
    assert title(app).startswith("<b>Proline (P) · ProtBert-BFD</b>")
    assert len(notes(app)) == 1
    assert notes(app)[0].count("Ignored") == len(parameters)
    assert "<script" not in html(app)
    assert "<img" not in html(app)


@pytest.mark.parametrize("harm", ["missing", "truncated", "without amino acids", "while open"])
def test_bad_results_are_one_sentence(
    harm: str, monkeypatch: pytest.MonkeyPatch, results_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "results"
    shutil.copytree(results_folder, folder)
    monkeypatch.setenv(RESULTS_VARIABLE, str(folder))
    path = folder / "head_counts" / f"{measured.TAPE_RUN}.parquet"
    if harm == "missing":
        path.unlink()
    elif harm == "truncated":
        path.write_bytes(path.read_bytes()[:400])
    elif harm == "without amino acids":
        import pyarrow.compute as pc
        import pyarrow.parquet as pq

        table = pq.read_table(path)
        pq.write_table(table.filter(pc.equal(table["feature"], "binding_site")), path)
    app = visit(source=TAPE)
    if harm == "while open":
        assert notes(app, "alert") == []
        shutil.rmtree(folder)
        app.run()
        assert not app.exception
        assert title(app).startswith("<b>Proline (P) · ProtBert-BFD</b>")
        return
    assert len(notes(app, "alert")) == 1
    assert "Traceback" not in html(app)
    assert len(tops(app)) >= 4


def test_sixty_models_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from precompute.tables import BACKGROUND, HEAD_COUNTS, add_run

    counts = measured.count_arcs(measured.own_shares(), 3, arcs_a_protein=4)
    for number in range(60):
        name = f"model_{number:02}"
        row = measured.run_row(name, name, 3, 4, f"2026-11-21T00:00:{number:02}Z")
        tables = {
            HEAD_COUNTS: measured.head_counts(counts, name, name),
            BACKGROUND: measured.background(name),
        }
        add_run(tmp_path, row, tables)
    monkeypatch.setenv(RESULTS_VARIABLE, str(tmp_path))
    app = visit(source="model_07:model_07")
    assert len(tops(app)) == 10
    assert "55 more models are not shown" in html(app)


def test_a_threshold_is_said_on_figures_and_in_the_link(
    runs: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    linked: list[dict[str, list[str]]] = []
    monkeypatch.setattr(view, "page_link", lambda _page, _label, there: linked.append(there))
    app = visit(source=TAPE, threshold="0.60", head="12.4")
    for key in ("heatmap_amino_acid", "amino_acids_shares"):
        assert "attention ≥ 0.60" in str(chart(app, key)["layout"]), key
    assert linked[0]["run"] == [measured.TAPE_RUN]
    assert linked[0]["threshold"] == ["0.60"]
    assert linked[0]["results"] == ["measured"]
