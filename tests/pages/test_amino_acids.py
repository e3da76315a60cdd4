"""The Amino acids page: twenty maps, one large, one head, all models."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.results.loaded import RESULTS_VARIABLE
from precompute.chemistry import BY_CHEMISTRY, LETTERS
from precompute.published import read_published
from precompute.tables import PUBLISHED_HEADS
from tests import measured

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


def drawings(app: AppTest, part: str) -> list[dict[str, Any]]:
    """Give what each drawn component was given."""
    return [
        json.loads(element.proto.json)
        for element in app.get("bidi_component")
        if f".{part}" in element.proto.component_name
    ]


def maps(app: AppTest) -> list[str]:
    (drawing,) = drawings(app, "drawing")
    return re.findall(r'data-choose="(\w)"', drawing["markup"])


def large(app: AppTest) -> dict[str, Any]:
    (heatmap,) = drawings(app, "heatmap")
    return heatmap


def html(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def notes(app: AppTest, role: str = "status") -> list[str]:
    return [e.proto.body for e in app.get("html") if f'role="{role}"' in e.proto.body]


def svgs(app: AppTest, name: str) -> list[str]:
    return [m.value for m in app.markdown if f'aria-label="{name}' in m.value]


def address(app: AppTest) -> dict[str, list[str]]:
    written = dict(app.query_params)
    return {name: [v] if isinstance(v, str) else list(v) for name, v in written.items()}


def test_the_default() -> None:
    app = visit()
    assert maps(app) == list(BY_CHEMISTRY)
    assert large(app)["figure"]["title"][0] == "Proline (P) · ProtBert-BFD"
    assert notes(app) == notes(app, "alert") == []
    assert address(app) == {}
    assert [s.value for s in app.subheader] == []


@pytest.mark.parametrize("model", ALL)
def test_the_large_map_is_the_table(model: str) -> None:
    app = visit(source=f"{model}:published", amino_acid="W")
    table = read_published(PUBLISHED_HEADS).query("model == @model and feature == 'amino_acid:W'")
    expected = table.pivot(index="layer", columns="head", values="percent").to_numpy()
    shown = np.array(large(app)["figure"]["values"], dtype=float).reshape(expected.shape)
    np.testing.assert_allclose(shown, expected, rtol=1e-5)


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
    assert large(visit(scale="shared"))["figure"]["high"] == pytest.approx(highest.max(), rel=1e-6)


def test_a_head_beside_a_background_that_nobody_knows() -> None:
    app = visit(head="30.9")
    assert [s.value for s in app.subheader] == ["Head 30-9"]
    (drawing,) = svgs(app, "Share of 20 amino acids")
    table = read_published(PUBLISHED_HEADS).query(
        "model == 'prot_bert_bfd' and layer == 30 and head == 9 and feature == 'amino_acid:L'"
    )
    assert f"Leucine: {table['percent'].iloc[0]:.2f} %" in drawing
    assert "background" not in drawing
    assert any(
        "gives no background of amino acids, and no measured run" in c.value for c in app.caption
    )
    assert large(app)["chosen"] == [30, 9]
    app.button(key="amino_acids_close").click().run()
    assert not app.exception
    assert len(app.subheader) == 0
    assert address(app) == {}


@pytest.mark.usefixtures("runs")
def test_a_runs_background_stands_in_and_is_named() -> None:
    app = visit(head="30.9")
    (drawing,) = svgs(app, "Share of 20 amino acids")
    assert drawing.count("background 4.00 %") == 20
    assert any("not the paper’s proteins" in c.value for c in app.caption)


@pytest.mark.usefixtures("runs")
def test_a_run_at_two_thresholds() -> None:
    values = {}
    for threshold in ("0.30", "0.60"):
        app = visit(source=TAPE, threshold=threshold, head="12.4")
        assert notes(app) == []
        values[threshold] = np.array(large(app)["figure"]["values"], dtype=float)
        assert any("Orange: frequency among the residues measured" in c.value for c in app.caption)
    counts = measured.head_counts(
        measured.count_arcs(measured.published_shares("tape_bert"), 0), "r", "tape_bert"
    ).query("feature == 'amino_acid:P'")
    for threshold, shown in values.items():
        own = counts[np.isclose(counts["threshold"], float(threshold))]
        percent = (100 * own["hits"] / own["arcs"]).where(own["arcs"] >= 100)
        expected = percent.to_numpy()[np.lexsort((own["head"], own["layer"]))]
        np.testing.assert_allclose(shown, expected, rtol=1e-5)
    assert not np.array_equal(values["0.30"], values["0.60"], equal_nan=True)


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
    assert len(large(app)["figure"]["values"]) == 12
    assert any("The head is grey" in t.value for t in app.text)
    beyond = visit(source=OWN, head="12.4")
    assert "has no head 12-4" in html(beyond)
    tops = svgs(app, "Highest heads of")
    assert len(tops) == 1
    assert tops[0].count("<svg") == 6  # the paper's five models and this one


def test_the_highest_heads_of_every_model() -> None:
    app = visit(amino_acid="C")
    (drawing,) = svgs(app, "Highest heads of")
    assert drawing.count("<svg") == 5
    table = read_published(PUBLISHED_HEADS).query("feature == 'amino_acid:C'")
    for model in ALL:
        best = table[table["model"] == model].nlargest(5, "percent")
        for row in best.itertuples():
            assert f"<title>head {row.layer}-{row.head}: {row.percent:.2f} %" in drawing


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
    assert large(app)["figure"]["title"][0] == "Proline (P) · ProtBert-BFD"


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
    assert large(app)["figure"]["title"][0] == "Proline (P) · ProtBert-BFD"
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
        assert large(app)["figure"]["title"][0] == "Proline (P) · ProtBert-BFD"
        return
    assert len(notes(app, "alert")) == 1
    assert "Traceback" not in html(app)
    assert svgs(app, "Highest heads of")[0].count("<svg") >= 4


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
    assert svgs(app, "Highest heads of")[0].count("<svg") == 10
    assert "55 more models are not shown" in html(app)
