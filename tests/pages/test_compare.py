"""The Compare page: head by head where heads correspond, distributions where not."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.results.loaded import RESULTS_VARIABLE
from precompute.published import read_published
from precompute.tables import BACKGROUND, HEAD_COUNTS, PUBLISHED_HEADS, add_run
from tests import measured

ENTRY = Path(__file__).parents[2] / "streamlit_app.py"
TAPE = f"tape_bert:{measured.TAPE_RUN}"
SHIFT = -0.2


@pytest.fixture(autouse=True)
def _no_results(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, "")
    monkeypatch.setenv("ATLAS_DEMO", "0")


@pytest.fixture(scope="module")
def three_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three runs of one model: the second lower in binding sites, the third at 0.6 only."""
    folder = tmp_path_factory.mktemp("three")
    for seed, (name, shift, grid) in enumerate(
        (("a", 0.0, (0.3, 0.6)), ("b", SHIFT, (0.3, 0.6)), ("c", 0.0, (0.6,)))
    ):
        shares = measured.own_shares()
        shares["binding_site"] = (shares["binding_site"] + shift).clip(0.02, 1)
        counts = measured.head_counts(measured.count_arcs(shares, seed), name, measured.OWN_MODEL)
        row = measured.run_row(name, measured.OWN_MODEL, 3, 4, f"2026-11-21T00:00:0{seed}Z")
        row.at[0, "thresholds"] = list(grid)
        counts = counts[counts["threshold"].isin(grid)]
        add_run(folder, row, {HEAD_COUNTS: counts, BACKGROUND: measured.background(name)})
    return folder


def run(name: str) -> str:
    return f"{measured.OWN_MODEL}:{name}"


def compare(**parameters: str) -> AppTest:
    app = AppTest.from_file(str(ENTRY), default_timeout=60)
    app.switch_page("pages/6_Compare.py")
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


CLUSTERS = "Heads clustered by what they do"


def sections(app: AppTest) -> list[str]:
    """Name what is shown."""
    found = [m.value for m in app.markdown if m.value.startswith("#####")]
    return [one.removeprefix("##### ") for one in found]


def notes(app: AppTest, role: str = "status") -> str:
    return "".join(e.proto.body for e in app.get("html") if f'role="{role}"' in e.proto.body)


def captions(app: AppTest) -> str:
    return " ".join(caption.value for caption in app.caption)


def table(app: AppTest, place: int) -> tuple[list[str], list[list[str]]]:
    """Read a table: 0 the quantiles, 1 all properties."""
    bodies = [e.proto.body for e in app.get("html") if "<table" in e.proto.body]
    bodies = [body for body in bodies if "atlas-table" in body]
    head, body = bodies[place].split("<tbody>")
    cells = r"<t[hd][^>]*>([^<]*)</t[hd]>"
    return re.findall(cells, head), [
        re.findall(cells, row) for row in re.findall(r"<tr[^>]*>(.*?)</tr>", body)
    ]


def address(app: AppTest) -> dict[str, str]:
    return {name: v if isinstance(v, str) else v[0] for name, v in dict(app.query_params).items()}


def published(model: str, feature: str) -> pd.Series:
    heads = read_published(PUBLISHED_HEADS)
    return heads.loc[(heads["model"] == model) & (heads["feature"] == feature), "percent"].dropna()


def test_the_same_shape_is_not_the_same_head() -> None:
    app = compare()
    assert sections(app)[:2] == ["Distribution over the heads", "Ten highest heads"]
    assert "Head by head" not in sections(app)
    assert "the same shape does not mean the same head" in notes(app)
    _, rows = table(app, 0)
    one, two = published("prot_bert", "contact"), published("prot_bert_bfd", "contact")
    assert rows[0][1:3] == [str(len(one)), str(len(two))]
    median = next(row for row in rows if row[0] == "median")
    assert median[1:3] == [f"{one.median():.2f}", f"{two.median():.2f}"]
    assert len(table(app, 1)[1]) == 27
    assert address(app) == {}


def test_asked_for_all_the_same() -> None:
    app = compare(view="heads")
    assert sections(app)[2] == "Head by head"
    columns, rows = table(app, 1)
    assert "Spearman" in columns
    assert "Bonferroni" not in columns  # nothing can be tested
    assert "no sums by protein" in captions(app)
    one = read_published(PUBLISHED_HEADS).query("feature == 'contact'")
    wide = one.pivot(index=["layer", "head"], columns="model", values="percent")
    both = wide[["prot_bert", "prot_bert_bfd"]].dropna()
    row = dict(zip(columns, rows[0], strict=True))
    assert row["heads"] == str(len(both))
    expected = both.rank().corr().iloc[0, 1]
    assert float(row["Spearman"].replace("−", "-")) == pytest.approx(expected, abs=0.005)


def test_other_shapes_have_no_rank_correlation() -> None:
    app = compare(first="tape_bert:published", second="prot_albert:published", view="heads")
    assert "Head by head" not in sections(app)
    assert "12 × 12 and 12 × 64 heads" in notes(app)
    assert "no rank correlation" in notes(app)
    assert "Spearman" not in table(app, 1)[0]


def test_swapping_turns_the_differences_round() -> None:
    app = compare(view="heads")
    before = table(app, 1)
    app.button(key="compare_swap").click().run()
    assert not app.exception
    assert address(app) == {
        "first": "prot_bert_bfd:published",
        "second": "prot_bert:published",
        "view": "heads",
    }
    columns, rows = table(app, 1)
    flip = str.maketrans("+−", "−+")
    place = columns.index("median difference")
    assert [row[place].translate(flip) for row in rows] == [row[place] for row in before[1]]
    same = columns.index("agree")
    assert [row[same] for row in rows] == [row[same] for row in before[1]]


def test_published_and_measured_agree(
    monkeypatch: pytest.MonkeyPatch, results_folder: Path
) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, str(results_folder))
    app = compare(first="tape_bert:published", second=TAPE, feature="binding_site")
    assert sections(app)[0] == "Head by head"
    columns, rows = table(app, 1)
    agree = dict(zip(columns, rows[0], strict=True))["agree"]
    assert float(agree.removesuffix(" %")) >= 90  # arcs drawn with the paper's shares
    assert "meets the measured interval" in captions(app)


def test_two_runs_are_tested(monkeypatch: pytest.MonkeyPatch, three_runs: Path) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, str(three_runs))
    app = compare(first=run("a"), second=run("b"), feature="binding_site")
    assert "40 proteins are in both" in notes(app)
    columns, rows = table(app, 1)
    found = {row[0]: dict(zip(columns, row, strict=True)) for row in rows}
    assert int(found["Binding site"]["Bonferroni"]) >= 8  # of 11 heads, all shifted
    others = [int(row["Bonferroni"]) for name, row in found.items() if name != "Binding site"]
    assert sum(others) <= 2  # of 20 properties × 11 heads that were not shifted
    assert float(found["Binding site"]["median difference"].replace("−", "-")) < -10


def test_a_run_and_itself(monkeypatch: pytest.MonkeyPatch, three_runs: Path) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, str(three_runs))
    app = compare(first=run("a"), second=run("a"), feature="binding_site")
    assert "same source" in notes(app)
    columns, rows = table(app, 1)
    for row in rows:
        values = dict(zip(columns, row, strict=True))
        assert values["median size"] == "0.00"
        assert values["agree"] == "100 %"
        assert values["FDR 0.05"] == values["Bonferroni"] == "0"


def test_runs_with_other_thresholds(monkeypatch: pytest.MonkeyPatch, three_runs: Path) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, str(three_runs))
    choice = {"first": run("a"), "second": run("c"), "feature": "binding_site"}
    app = compare(**choice)
    assert sections(app) == []
    assert "do not both have the threshold 0.30; both have 0.60." in notes(app, "alert")
    assert sections(compare(**choice, threshold="0.60"))[0] == "Head by head"


def test_the_paper_has_one_threshold(monkeypatch: pytest.MonkeyPatch, three_runs: Path) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, str(three_runs))
    app = compare(second=run("a"), feature="binding_site", threshold="0.60")
    assert "0.30 is compared, not 0.60" in notes(app)
    assert sections(app)


def test_a_run_without_the_property(monkeypatch: pytest.MonkeyPatch, three_runs: Path) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, str(three_runs))
    app = compare(second=run("a"))
    assert sections(app) == []
    assert "There are no values of Contact in own_model, run a" in notes(app, "alert")
    assert "both sources have Binding site" in notes(app, "alert")


@pytest.mark.parametrize(
    "parameters",
    [
        {"first": "<script>alert(1)</script>"},
        {"second": "prot_bert", "feature": "offset:+1"},
        {"threshold": "2", "view": "x"},
        {"layer": "13"},
    ],
)
def test_wrong_values_are_ignored_with_a_note(parameters: dict[str, str]) -> None:
    app = compare(**parameters)
    assert len(sections(app)) == 3
    assert notes(app).count("Ignored") == len(parameters)
    assert "<script" not in notes(app)


def test_a_changed_property_is_written_to_the_address() -> None:
    app = compare()
    app.selectbox(key="compare_feature").select("amino_acid:P").run()
    app.selectbox(key="compare_first").select("tape_bert:published").run()
    assert not app.exception
    assert address(app) == {"feature": "amino_acid:P", "first": "tape_bert:published"}
    assert [row[1:3] for row in table(app, 0)[1]] == [
        row[1:3] for row in table(compare(**address(app)), 0)[1]
    ]


def test_heads_of_the_papers_models_are_clustered_without_a_run() -> None:
    app = compare(clusters="6")
    text = "\n".join(one.value for one in app.caption)
    assert "2,267 heads in 6 clusters by 27 properties" in text
    assert "85 heads grey" in text
    tables = [str(one.value) for one in app.get("html")]
    shown = next(table for table in tables if "more than others" in table)
    assert shown.count("<tr data-row=") == 6
    app.selectbox(key="compare_clusters").set_value("12").run()
    assert not app.exception
    assert "2,267 heads in 12 clusters" in "\n".join(one.value for one in app.caption)
    assert app.query_params["clusters"] == "12"


def test_one_part_at_a_time_and_each_keeps_its_choices() -> None:
    app = compare(feature="amino_acid:P")
    assert sections(app) == [
        "Distribution over the heads",
        "Ten highest heads",
        "All 27 properties that both have",
    ]
    app.segmented_control(key="compare_part").set_value("clusters").run()
    assert sections(app) == [CLUSTERS]
    assert address(app) == {"part": "clusters", "feature": "amino_acid:P"}
    app.selectbox(key="compare_clusters").set_value("3").run()
    app.segmented_control(key="compare_part").set_value("two").run()
    assert not app.exception
    assert app.selectbox(key="compare_feature").value == "amino_acid:P"
    again = compare(**address(app))
    assert sections(again) == sections(app)
    again.segmented_control(key="compare_part").set_value("clusters").run()
    assert again.selectbox(key="compare_clusters").value == "3"


@pytest.mark.parametrize(
    ("link", "shows_clusters"),
    [
        ({}, False),
        ({"clusters": "3"}, True),
        ({"clusters": "3", "clustered": "tape_bert:published"}, True),
        ({"clusters": "3", "feature": "binding_site"}, False),
        ({"clusters": "3", "part": "two"}, False),
        ({"feature": "binding_site", "part": "clusters"}, True),
        ({"attention": "special"}, False),  # there is no run over pairs
    ],
)
def test_a_link_without_a_part_shows_what_its_names_belong_to(
    link: dict[str, str], shows_clusters: bool
) -> None:
    app = compare(**link)
    assert (sections(app) == [CLUSTERS]) == shows_clusters
    assert ("Ignored" in notes(app)) == ("attention" in link)
    assert list(app.segmented_control(key="compare_part").options) == [
        "Two models or runs",
        "Heads in clusters",
    ]


def test_no_model_and_a_model_that_is_not_there_are_said() -> None:
    assert "Choose a model to see its heads clustered." in notes(compare(clustered=""))
    app = compare(clustered="nobody:published", clusters="99")
    assert "Ignored clusters = “99” in the address." in notes(app)
    assert "Ignored clustered = “nobody:published” in the address." in notes(app)
    assert "in 8 clusters" in "\n".join(one.value for one in app.caption)
