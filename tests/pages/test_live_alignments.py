"""Live on an alignment: examples, the visitor's own, depth, a column, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.pages.live.rows.view import depths_of
from dashboard.results.loaded import RESULTS_VARIABLE
from precompute.alignment import Alignment
from precompute.examples import load_example
from precompute.examples.aligned import ALIGNED
from precompute.live.getting.family import Family, thin
from precompute.live.getting.inputs import open_source
from precompute.live.running.attention import attend
from precompute.live.settings import CELLS_VARIABLE
from precompute.models.msa_network import Shape
from precompute.models.weights import WEIGHTS_VARIABLE
from tests.captions import captions
from tests.hhfilter import write_hhfilter
from tests.msa_checkpoints import load, random_alignment, write_published
from tests.pages.test_live import (
    address,
    control,
    drawn_arcs,
    notes,
    scene,
    sent,
    settle,
    start,
)

SHAPE = Shape(layers=3, heads=4, width=32, inner=48, positions=256)
EXAMPLE = {"protein": "alignment:PF00076", "model": "esm_msa1b"}


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_published(tmp_path_factory.mktemp("weights") / "esm_msa1b", SHAPE).parent


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch, weights: Path) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, "")
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(weights))
    monkeypatch.setattr("dashboard.pages.live.waiting.AT_ONCE_SECONDS", 10**6)


def live(**parameters: str | list[str]) -> AppTest:
    return computed(start(**parameters))


def computed(app: AppTest) -> AppTest:
    """Run anew until the attention is there: the slider of weights, beside that of rows."""
    while not any(one.label.startswith("Attention") for one in app.select_slider):
        if notes(app, "alert"):
            break
        app.run()
        assert not app.exception
    return app


def html(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def test_an_example_is_drawn_on_its_querys_structure(weights: Path) -> None:
    app = live(**EXAMPLE, layer="2", head="3", threshold="0.10", residue="40")
    assert notes(app, "alert") == []
    protein = open_source("alignment:PF00076")
    assert protein.family is not None
    rows = thin(protein.family, "diverse", 128)
    expected = attend(load(weights / "esm_msa1b"), rows)
    arcs = expected.head(2, 3).at_least(0.1)
    assert len(arcs.weight) > 0
    pairs = {(int(a), int(b)) for a, b in zip(arcs.source, arcs.target, strict=True)}
    assert drawn_arcs(app) <= pairs
    assert len(drawn_arcs(app)) == min(len(pairs), 200)
    assert all(scene(app)["keys"])
    # The marked residue's column, the rows that are read most first.
    place = protein.numbers.index("40")
    assert expected.rows is not None
    shares = expected.rows[1, 2, place].astype(float)
    first = rows.names[int(shares.argmax())]
    assert f"At {protein.label(place)} the query reads" in html(app)
    assert first in html(app)
    assert f"{100 * shares.max():.1f}" in html(app)
    assert any("68 rows" in one for one in captions(app))


def test_depth_and_rule_are_in_the_address_and_redraw() -> None:
    app = live(**EXAMPLE, layer="1", head="1", threshold="0.05")
    before = drawn_arcs(app)
    slider = control(app.select_slider, "Sequences read")
    assert [slider.value, slider.options[-1]] == ["128", "all 68"]
    slider.set_value("8").run()
    computed(app)
    assert address(app)["depth"] == ["8"]
    assert drawn_arcs(app) != before
    fewer = drawn_arcs(app)
    assert any("8 of 68 rows, diverse" in one for one in captions(app))
    control(app.selectbox, "Which of them").set_value("first").run()
    computed(app)
    assert address(app)["thin"] == ["first"]
    assert drawn_arcs(app) != fewer
    assert drawn_arcs(live(**address(app))) == drawn_arcs(app)


def test_hhfilter_is_a_rule_where_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    app = start(**EXAMPLE, depth="8", thin="hhfilter")
    said = "hhfilter of HH-suite is not on this server."
    assert f"{said} The most different rows are read." in " ".join(notes(app))
    rules = control(app.selectbox, "Which of them")
    assert rules.options == ["the most different", "the first", "at random"]
    assert rules.help == said
    computed(app)
    assert any("8 of 68 rows, diverse" in one for one in captions(app))
    write_hhfilter(tmp_path, monkeypatch)
    rows = random_alignment(40, 40)
    app = own()
    app.text_area[0].set_value(fasta(rows)).run()
    computed(app)
    control(app.select_slider, "Sequences read").set_value("8").run()
    computed(app)
    control(app.selectbox, "Which of them").set_value("hhfilter").run()
    computed(app)
    assert notes(app, "alert") == []
    assert address(app)["thin"] == ["hhfilter"]
    assert any("8 of 40 rows, hhfilter" in one for one in captions(app))


def test_a_model_of_sequences_reads_the_query() -> None:
    app = start(protein="alignment:PF00076", model="demo")
    assert "This model reads the query alone." in html(app)
    assert not [one for one in app.select_slider if one.label == "Sequences read"]
    settle(app)
    assert drawn_arcs(app)


def test_one_sequence_is_an_alignment_of_one_row() -> None:
    app = live(protein="example:1MVO", model="esm_msa1b")
    assert any("from one sequence it gives no contacts" in note for note in notes(app))
    assert "Which sequences" not in str([one.value for one in app.markdown])


def test_without_such_a_model_nothing_is_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(WEIGHTS_VARIABLE)
    app = start()
    assert "Alignment" not in str(control(app.get("button_group"), "Protein").proto)
    assert any("Ignored model" in note for note in notes(start(**EXAMPLE)))


def own() -> AppTest:
    app = start(protein="alignment:own", model="esm_msa1b")
    assert any("No address holds an alignment" in note for note in notes(app))
    return app


def fasta(rows: list[str]) -> str:
    return "".join(f">row{number}\n{row}\n" for number, row in enumerate(rows))


def test_pasted_and_uploaded_rows_are_read_and_in_no_address() -> None:
    rows = random_alignment(12, 40)
    app = own()
    app.text_area[0].set_value(fasta(rows)).run()
    computed(app)
    assert notes(app, "alert") == []
    pasted = [data["figure"] for data in sent(app) if "attending residue" in data.get("figure", "")]
    assert len(pasted) == 1
    assert rows[0][:12] not in str(address(app))
    assert address(app)["protein"] == ["alignment:own"]
    assert not {"residue", "selection", "chain"} & set(address(app))
    other = own()
    control(other.file_uploader, "A3M, aligned FASTA, Stockholm or Clustal, or its gzip").set_value(
        ("mine.fasta", fasta(rows).encode(), "text/plain")
    )
    other.run()
    computed(other)
    figures = [d["figure"] for d in sent(other) if "attending residue" in d.get("figure", "")]
    assert [one.replace("mine", "alignment") for one in figures] == pasted
    assert not any("same rows in another order" in note for note in notes(other))
    control(other.file_uploader, "A3M, aligned FASTA, Stockholm or Clustal, or its gzip").set_value(
        ("turned.fasta", fasta([rows[0], *rows[:0:-1]]).encode(), "text/plain")
    )
    other.run()
    computed(other)
    assert any("same rows in another order" in note for note in notes(other))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (fasta(["ACDEF", "ACDE"]), "rows have 4 to 5 columns"),
        (fasta(["ACDEF", "ACDEf"]), "lower-case letters"),
        ("<script>alert(1)</script>", "no alignment that is read here"),
    ],
)
def test_a_bad_alignment_is_one_sentence(text: str, sentence: str) -> None:
    app = own()
    app.text_area[0].set_value(text).run()
    (alert,) = notes(app, "alert")
    assert sentence in alert
    assert "<script" not in alert


def test_a_structure_of_another_protein_is_refused() -> None:
    app = own()
    app.text_area[0].set_value(fasta(ALIGNED["PF00076"].read().texts())).run()
    computed(app)
    assert not any("scene" in data for data in sent(app))
    uploader = "Its query’s structure, if you have one: PDB or mmCIF"
    for name, refused in (("1MVO", True), ("2X1B", False)):
        content = load_example(name).structure_text.encode()
        control(app.file_uploader, uploader).set_value((f"{name}.pdb", content, "text/plain"))
        app.run()
        computed(app)
        alerts = notes(app, "alert")
        assert bool(alerts) == refused
        if refused:
            assert "1MVO.pdb is of another protein than the alignment" in alerts[0]
    assert drawn_arcs(app)


@pytest.mark.parametrize(
    ("rows", "cells", "depths"),
    [
        (1, 10**6, ["128"]),
        (8, 10**6, ["1", "2", "4", "128"]),
        (100, 10**6, ["1", "2", "4", "8", "16", "32", "64", "128"]),
        (200, 10**6, ["1", "2", "4", "8", "16", "32", "64", "128", "256"]),
        (200, 1000, ["1", "2", "4", "8", "16", "32", "64"]),
        (2000, 10**6, ["1", "2", "4", "8", "16", "32", "64", "128", "256", "512", "1024"]),
    ],
)
def test_depths_that_can_be_chosen(
    rows: int, cells: int, depths: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CELLS_VARIABLE, str(cells))
    assert depths_of(Family.of(Alignment.of(random_alignment(rows, 10)))) == depths


def test_more_rows_than_the_server_takes_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CELLS_VARIABLE, "600")
    app = own()
    app.text_area[0].set_value(fasta(random_alignment(90, 30))).run()
    # Said when the depth is put right; what the model reads stays said beside the maps.
    first = "128 rows of this alignment are more than a model is given here"
    assert first in " ".join(notes(app))
    computed(app)
    assert "Of 90 rows a model reads at most 20 here" in " ".join(notes(app))
    assert any("16 of 90 rows, diverse" in one for one in captions(app))
