"""Models of any name that `precompute` accepts, and data sets of any at all, on every page."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.page.names import as_markdown, element_key, tell_apart
from dashboard.pages.heads.controls import MOST_MODELS
from dashboard.results.loaded import RESULTS_VARIABLE
from precompute.models.loading import own_model
from precompute.tables import BACKGROUND, HEAD_COUNTS, add_run
from tests import measured
from tests.pages.test_changes import visit

NAMES = (
    *("my__model", "my.model", "my_model", "run_", "x__y__"),
    *("L" * 64, "published", "www.example.com", "ProtBert", "a.1.2"),
)
DATASET = "a/b__c *d* <i>e</i> :red[f] $g$"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One run of each name."""
    made = tmp_path_factory.mktemp("names")
    counted = measured.count_arcs(measured.own_shares(), 0, arcs_a_protein=10)
    for name in NAMES:
        run = f"{name}-binding_sites-0"
        row = measured.run_row(run, name, 3, 4, "2026-11-22T00:00:00Z").assign(dataset=DATASET)
        counts = measured.head_counts(counted, run, name).assign(dataset=DATASET)
        background = measured.background(run).assign(dataset=DATASET)
        add_run(made, row, {HEAD_COUNTS: counts, BACKGROUND: background})
    return made


def pages(place: int) -> list[tuple[str, dict[str, str | list[str]]]]:
    """Give the pages with a name, the first page of five with all of its five."""
    name, other = NAMES[place], NAMES[place - 1]
    source, against = f"{name}:{name}-binding_sites-0", f"{other}:{other}-binding_sites-0"
    found: list[tuple[str, dict[str, str | list[str]]]] = [
        ("3_Amino_acids", {"source": source, "head": "1.1"}),
        ("4_Substitution", {"source": source}),
        ("6_Compare", {"first": source, "second": against, "feature": "binding_site"}),
        ("6_Compare", {"clustered": [source, against]}),
    ]
    five = list(NAMES[place : place + MOST_MODELS])
    if place % MOST_MODELS == 0:
        found += [
            ("", {}),
            (
                "1_Heads",
                {
                    "models": five,
                    "feature": "binding_site",
                    "head": f"{five[-1]}.2.3",
                    "table": "all",
                },
            ),
            (
                "5_Layers",
                {"source": [f"{n}:{n}-binding_sites-0" for n in five], "feature": "binding_site"},
            ),
            ("9_Methods", {}),
        ]
    return found


@pytest.mark.parametrize("place", range(len(NAMES)))
def test_every_name_that_precompute_accepts_works(
    place: int, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "vocab.txt").write_text("")
    assert own_model(NAMES[place], "bert", str(tmp_path)).name == NAMES[place]
    monkeypatch.setenv(RESULTS_VARIABLE, str(folder))
    for page, parameters in pages(place):
        app = visit(page, parameters)
        bodies = "".join(element.proto.body for element in app.get("html"))
        assert "Ignored" not in bodies
        assert "<i>e" not in bodies
        if page == "1_Heads":
            keys = [c.proto.id for c in app.get("bidi_component") if "-heatmap" in c.proto.id]
            assert len(set(keys)) == MOST_MODELS
            assert [s.value for s in app.subheader] == ["Head 2-3"]
        for element in [*app.caption, *app.markdown]:
            assert "*d*" not in element.value.replace("\\*", "") or "<svg" in element.value


def test_two_models_of_one_label_are_told_apart(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, str(folder))
    app = visit("1_Heads", {"models": ["ProtBert"], "feature": "binding_site"})
    labels = app.multiselect(key="heads_models").options
    assert len(set(labels)) == len(labels)
    assert "ProtBert (own)" in labels


names = st.text(st.characters(exclude_categories=()), max_size=12)


@given(st.lists(st.tuples(names, names), min_size=2, max_size=2, unique=True))
def test_no_two_pairs_of_names_have_one_key(pairs: list[tuple[str, str]]) -> None:
    one, other = (element_key("heatmap", *pair) for pair in pairs)
    assert one != other
    assert "__" not in one
    assert not one.endswith("_")


def test_keys_of_the_names_there_are_stay() -> None:
    assert element_key("heatmap", "prot_bert", "published") == "heatmap_prot_bert_published"
    assert element_key("k", "a_b", "c") != element_key("k", "a", "b_c")


@pytest.mark.parametrize("name", ["own_model", "ProtBert-BFD", "my__model", "ESM-2 8M, 0.30"])
def test_usual_names_are_markdown_already(name: str) -> None:
    assert as_markdown(name).replace("\\", "") == name


def test_records_of_one_name_are_told_apart() -> None:
    assert tell_apart(["a", "b", "a", "a"]) == ["a", "b", "a · 2", "a · 3"]
