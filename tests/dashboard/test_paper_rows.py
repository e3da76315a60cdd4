"""Rows, probes, offsets and both sources' heads for print: room, values read back, the shell."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import linregress, pearsonr, spearmanr

from dashboard.__main__ import main
from dashboard.figures.printing import rows, shell, style
from dashboard.figures.printing.figure import PaperFigure, Source
from dashboard.pages.compare.properties_print import properties_figure
from dashboard.pages.compare.tops_print import compare_tops_figure
from dashboard.pages.layers.centres_print import centres_figure
from dashboard.pages.layers.probes_print import probes_figure, probes_source
from dashboard.results.comparisons import both_tops, compare_properties
from precompute.layers import centre_row, layer_frame
from precompute.published import read_published
from precompute.substitution import read_matrix
from precompute.tables import PUBLISHED_HEADS, PUBLISHED_PROBES
from tests import measured, positions
from tests.printing import WIDTHS, check_print, drawn

LONG = "a model with a name that is longer than half a column of a journal is wide"
SOURCE = Source("ProtBert, ProtBert-BFD", "published", "", "Contact", "0.3", "n = 5,000 proteins")


def tops(models: tuple[str, str] = ("prot_bert", "prot_bert_bfd")) -> PaperFigure:
    frames = [shell.read_paper(model).frames["contact"] for model in models]
    labels = [(LONG, "published, n = 5,000 proteins")] * 2
    return compare_tops_figure(both_tops(frames), labels, SOURCE)


def properties(names: tuple[str, str] = (LONG, LONG)) -> PaperFigure:
    one, two = (shell.read_paper(model).tested() for model in ("prot_bert", "prot_bert_bfd"))
    _, frame = compare_properties(one, two, True)
    return properties_figure(frame, names, SOURCE)


def centres(axis: str = "layer") -> PaperFigure:
    frames = [shell.read_paper(model).frames["contact"] for model in ("tape_bert", "prot_bert")]
    table = pd.DataFrame([centre_row(frame, layer_frame(frame)) for frame in frames])
    return centres_figure(table, [LONG, "ProtBert"], SOURCE, axis)


def probes() -> PaperFigure:
    frame = read_published(PUBLISHED_PROBES)
    return probes_figure(frame, probes_source(frame))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("make", [tops, properties, centres, lambda: centres("depth"), probes])
def test_there_is_room(make, width: int) -> None:  # type: ignore[no-untyped-def]
    check_print(make(), width, "A")


def test_bars_of_both_sides_are_the_shipped_shares() -> None:
    heads = read_published(PUBLISHED_HEADS)
    with drawn(tops()) as (made, texts):
        shown = [[bar.get_width() for bar in axes.containers[0]] for axes in made.axes]
    for model, values in zip(("prot_bert", "prot_bert_bfd"), shown, strict=True):
        own = heads[(heads["model"] == model) & (heads["feature"] == "contact")]
        assert values == pytest.approx(own["percent"].nlargest(10).tolist(), abs=0.5)
    assert "30-9" in {text.text for text in texts}


def test_the_same_source_twice_has_two_sides() -> None:
    with drawn(tops(("prot_bert", "prot_bert"))) as (made, _):
        assert len(made.axes) == 2


def test_medians_and_rank_correlations_are_those_of_scipy() -> None:
    figure = properties()
    one, two = (
        shell.read_paper(model).frames["contact"] for model in ("prot_bert", "prot_bert_bfd")
    )
    row = figure.frame.set_index("feature").loc["contact"]
    assert row["median_1"] == pytest.approx(np.nanmedian(one["percent"]))
    assert row["median_2"] == pytest.approx(np.nanmedian(two["percent"]))
    expected = spearmanr(one["percent"], two["percent"], nan_policy="omit").statistic
    assert row["spearman"] == pytest.approx(expected)
    with drawn(figure) as (made, texts):
        first = made.axes[0].collections[1].get_offsets()
    assert first[:, 0].tolist() == pytest.approx(figure.frame["median_1"].tolist())
    assert f"{expected:.2f}".replace("-", "−") in {text.text for text in texts}


def test_probes_are_the_shipped_ones() -> None:
    figure = probes()
    with drawn(figure) as (made, _):
        lines = [line for axes in made.axes for line in axes.lines]
        values = sorted(value for line in lines for value in line.get_ydata())
    assert values == pytest.approx(sorted(read_published(PUBLISHED_PROBES)["value"]))


def test_a_long_name_is_cut() -> None:
    assert rows.cut("short", 6.0, 50.0) == "short"
    cut = rows.cut(LONG, 6.0, 20.0)
    assert cut.startswith("a model")
    assert cut.endswith("wide")
    assert "…" in cut
    assert style.text_width(cut, 6.0) <= 20.0


def run(tmp_path: Path, *arguments: str | Path) -> pd.DataFrame:
    table = tmp_path / "t.csv"
    files = ["--table", str(table), "--out", str(tmp_path / "a.pdf")]
    assert main(["figure", *map(str, arguments), *files]) == 0
    return pd.read_csv(table)


def test_the_pairs_furthest_from_the_line(tmp_path: Path) -> None:
    frame = run(tmp_path, "substitution", "--model", "prot_bert", "--furthest")
    every = run(tmp_path, "substitution", "--model", "prot_bert", "--pairs")
    line = linregress(every["score"], every["correlation"])
    residual = every["correlation"] - (line.intercept + line.slope * every["score"])
    names = every["amino_acid_1"] + every["amino_acid_2"]
    far = dict(zip(names, residual, strict=True))
    assert frame["standardised_residual"].abs().is_monotonic_decreasing
    for row in frame.itertuples():
        assert row.residual == pytest.approx(far[f"{row.amino_acid_1}{row.amino_acid_2}"])
    assert {"IV", "IL"} <= set(frame["amino_acid_1"] + frame["amino_acid_2"])
    assert len(frame) == 10


def test_similarity_of_models_to_a_matrix(tmp_path: Path) -> None:
    sources = ("--source", "tape_bert:published", "--source", "prot_bert:published")
    frame = run(tmp_path, "similarity", *sources).set_index("model")
    assert frame["pearson"].round(2).to_dict() == {"tape_bert": 0.73, "prot_bert": 0.68}
    heads = read_published(PUBLISHED_HEADS)
    heads = heads[(heads["model"] == "tape_bert") & heads["feature"].str.startswith("amino_acid:")]
    shares = heads.pivot(index=["layer", "head"], columns="feature", values="percent").dropna()
    r = np.corrcoef(shares.to_numpy().T)
    place = np.triu_indices(20, 1)
    matrix = read_matrix("BLOSUM62")
    assert frame.at["tape_bert", "pearson"] == pytest.approx(
        pearsonr(r[place], matrix[place]).statistic, abs=1e-3
    )


def test_the_other_views_from_the_shell(tmp_path: Path, results_folder: Path) -> None:
    own = f"tape_bert:{measured.TAPE_RUN}"
    pair = ("--first", "tape_bert:published", "--second", own, "--results", results_folder)
    both = run(tmp_path, "compare", *pair, "--feature", "binding_site", "--view", "tops")
    assert both["side"].value_counts().to_dict() == {"first": 10, "second": 10}
    table = run(tmp_path, "compare", *pair, "--view", "properties", "--feature", "binding_site")
    assert len(table) == len(measured.FEATURES)
    assert table["spearman"].min() > 0.8
    table = run(tmp_path, "layers", "--centres", "--feature", "contact")
    assert table["centre"].tolist() == pytest.approx([8.22], abs=0.005)
    assert run(tmp_path, "probes", "--feature", "contact")["probe"].nunique() == 2


def test_offsets_of_a_head_from_the_shell(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = positions.write_positions(tmp_path_factory.mktemp("positions"))
    given = ("offsets", "--results", folder, "--run", positions.RUN)
    frame = run(tmp_path, *given, "--head", "1-1").set_index("feature")
    assert frame["percent"].idxmax() == "offset:-1"  # it is the head of the previous residue
    assert frame["percent"].sum() == pytest.approx(100)
    out = ["--out", str(tmp_path / "b.pdf")]
    for arguments, said in (
        ([*given, "--head", "9-9"], "no offsets of the head 9-9"),
        ([*given, "--head", "first"], "first names no head"),
        (["offsets", "--model", "tape_bert", "--head", "1-1"], "name a run with --run"),
        (["probes", "--feature", "amino_acid:P"], "no probes of amino_acid:P"),
    ):
        assert main(["figure", *map(str, arguments), *out]) == 1
        assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("results", "said"),
    [
        ("published", "Published values of Vig et al."),
        ("run-1", "Measured on sites (run run-1)"),
        ("published, run-1", "2006.15222); measured on sites (run run-1)"),
        ("run-1, run-2", "Measured on sites (runs run-1, run-2)"),
    ],
)
def test_several_sources_are_told_apart(results: str, said: str) -> None:
    dataset = "" if results == "published" else "sites"
    source = Source("Own", results, dataset)
    assert said in source.statement
    assert source.header[1].startswith(results.split(",")[0].replace("run-1", "measured"))
