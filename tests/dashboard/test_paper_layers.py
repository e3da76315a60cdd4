"""Layers, differences and distributions for print: room, values read back, the shell."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib import colormaps
from matplotlib.colors import to_hex
from pypdf import PdfReader

from dashboard.__main__ import main
from dashboard.figures.printing import shell, style
from dashboard.figures.printing.figure import PaperFigure, Source
from dashboard.figures.printing.save import save
from dashboard.pages.compare.differences_print import differences_figure
from dashboard.pages.compare.distributions_print import distributions_figure
from dashboard.pages.layers.layer_panels_print import (
    MOST_PANELS,
    PAPER_FEATURES,
    layers_figure,
    layers_table,
)
from precompute.differences import difference_frame
from precompute.errors import AtlasError
from precompute.features import FEATURES
from precompute.published import read_published
from precompute.tables import PUBLISHED_LAYER_MEANS
from tests import measured
from tests.printing import WIDTHS, check_print, drawn

CENTRES = {"Helix": 6.59, "Turn/bend": 6.91, "Strand": 7.05, "Binding site": 7.46, "Contact": 8.22}
TWO = ("prot_bert", "prot_bert_bfd")


def source(models: str, feature: str) -> Source:
    return Source(models, "published", "", feature, "0.3", "n = 5,000 proteins")


def layers(models: tuple[str, ...] = ("tape_bert",), axis: str = "layer") -> PaperFigure:
    exact = read_published(PUBLISHED_LAYER_MEANS)
    features = PAPER_FEATURES if len(models) == 1 else ("contact",)
    panels, labels = [], []
    for model in models:
        table = shell.read_paper(model)
        for feature in features:
            panels.append(layers_table(table.frames[feature], exact))
            labels.append(FEATURES[feature].label if len(models) == 1 else table.label)
    frame = pd.concat(panels, ignore_index=True)
    return layers_figure(frame, labels, source(", ".join(models), "five"), axis)


def differences(models: tuple[str, str] = TWO, feature: str = "contact") -> PaperFigure:
    one, two = (shell.read_paper(model).frames[feature] for model in models)
    frame = difference_frame(one, two.assign(model=models[1]))
    return differences_figure(frame, models, source(", ".join(models), feature))


def distributions(models: tuple[str, str] = TWO, feature: str = "contact") -> PaperFigure:
    one, two = (shell.read_paper(model).frames[feature] for model in models)
    return distributions_figure((one, two), models, source(", ".join(models), feature))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("axis", ["layer", "depth"])
def test_layers_have_room(width: int, axis: str) -> None:
    texts = {text.text for text in check_print(layers(axis=axis), width, "A")}
    for label, centre in CENTRES.items():
        own = next(text for text in texts if text.startswith(f"{label}\n"))
        shown = float(re.findall(r"\n([\d.]+) \(", own)[0])
        assert shown == (centre if axis == "layer" else pytest.approx(centre / 12, abs=0.006))


@pytest.mark.parametrize("width", WIDTHS)
def test_models_of_other_depths_have_room(width: int) -> None:
    check_print(layers(("tape_bert", "prot_albert", "prot_bert", "prot_xlnet")), width)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    ("models", "feature"),
    [
        (TWO, "contact"),
        (("prot_bert", "prot_xlnet"), "secondary_structure:helix"),
        (("tape_bert", "tape_bert"), "amino_acid:W"),
        (("prot_albert", "prot_albert"), "modification"),
    ],
)
def test_differences_and_distributions_have_room(
    models: tuple[str, str], feature: str, width: int
) -> None:
    check_print(differences(models, feature), width, "b")
    check_print(distributions(models, feature), width, "b")


def test_bars_are_the_paper_s_means() -> None:
    figure = layers()
    means = read_published(PUBLISHED_LAYER_MEANS)
    with drawn(figure, 183) as (made, _):
        above = [axes for axes in made.axes if axes.get_ylabel() == "mean (%)"]
        for axes, feature in zip(above, PAPER_FEATURES, strict=True):
            expected = means[means["feature"] == feature].sort_values("layer")["mean_percent"]
            bars = [bar.get_height() for bar in axes.containers[0]]
            np.testing.assert_allclose(bars, expected)
            upright = [line for line in axes.lines if len(set(line.get_xdata())) == 1]
            centre = means.loc[means["feature"] == feature, "centre_of_gravity"].iloc[0]
            assert upright[0].get_xdata()[0] == pytest.approx(centre, abs=1e-4)


def test_cells_have_the_colours_of_their_differences() -> None:
    figure = differences()
    frame = figure.frame.dropna(subset="difference")
    text = save(figure, "svg", 120, 300, "").decode()
    end = frame["difference"].abs().max()
    scale = colormaps[style.DIVERGING]
    worst = frame.loc[frame["difference"].abs().idxmax(), "difference"]
    for value in (worst, *frame["difference"].sample(20, random_state=0)):
        assert to_hex(scale((value / end + 1) / 2)) in text
    assert "<image" not in text


@pytest.mark.parametrize("make", [layers, differences, distributions])
def test_files_are_vectors_with_text_and_source(make) -> None:  # type: ignore[no-untyped-def]
    figure = make()
    pdf = save(figure, "pdf", 89, 300, "a")
    assert pdf == save(figure, "pdf", 89, 300, "a")
    reader = PdfReader(io.BytesIO(pdf))
    page = reader.pages[0]
    assert float(page.mediabox.width) == pytest.approx(89 / 25.4 * 72, abs=0.1)
    assert not list(page.images)
    said = page.extract_text()
    assert "published, n = 5,000 proteins" in said.replace("\n", " ")
    assert figure.caption[:40] in str(reader.metadata)
    assert len(figure.frame) > 0


def test_steps_end_at_one_and_are_the_frame() -> None:
    figure = distributions()
    with drawn(figure) as (made, _):
        lines = [line for line in made.axes[0].lines if len(line.get_xdata()) > 2]
        for line, (_, part) in zip(lines, figure.frame.groupby("side", sort=False), strict=True):
            np.testing.assert_allclose(line.get_ydata()[1:-1], part["share"])
            assert line.get_ydata()[-1] == 1


def test_a_source_without_a_kept_head_has_no_steps() -> None:
    frame = shell.read_paper("tape_bert").frames["contact"]
    for frames in ((frame.assign(percent=np.nan), frame), (frame, frame.assign(percent=np.nan))):
        figure = distributions_figure(frames, TWO, source("two", "contact"))
        with drawn(figure) as (made, _):
            lines = [line for line in made.axes[0].lines if len(line.get_xdata()) > 2]
            assert len(lines) == 1
            shown = figure.frame["side"].unique().tolist()
            assert lines[0].get_label() == TWO[("first", "second").index(shown[0])]


def test_too_many_panels_are_refused() -> None:
    figure = layers()
    with pytest.raises(AtlasError, match=f"at most {MOST_PANELS}"):
        layers_figure(figure.frame, ["x"] * (MOST_PANELS + 1), figure.source)


def test_from_the_shell(tmp_path: Path, results_folder: Path) -> None:
    out, table = tmp_path / "layers.pdf", tmp_path / "layers.csv"
    assert main(["figure", "layers", "--out", str(out), "--table", str(table)]) == 0
    assert out.read_bytes().startswith(b"%PDF")
    centres = pd.read_csv(table).groupby("feature", sort=False)["centre"].first()
    assert centres.round(2).tolist() == list(CENTRES.values())
    own = f"tape_bert:{measured.TAPE_RUN}"
    arguments = ["--first", own, "--second", "tape_bert:published", "--feature", "binding_site"]
    arguments += ["--results", str(results_folder)]
    out = tmp_path / "compare.svg"
    assert main(["figure", "compare", *arguments, "--out", str(out), "--table", str(table)]) == 0
    assert pd.read_csv(table)["agrees"].mean() > 0.9
    arguments[3] = own
    assert main(["figure", "compare", *arguments, "--out", str(out), "--table", str(table)]) == 0
    assert pd.read_csv(table)["p_value"].dropna().eq(1).all()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["layers", "--source", "tape_bert"], "names no source"),
        (["layers", "--source", "gpt:published"], "no published values of the model gpt"),
        (["layers", "--feature", "charge"], "no property charge"),
        (["layers", "--threshold", "0.5"], "threshold 0.3 only"),
        (["compare", "--first", "tape_bert:published", "--view", "heads"], "12 × 12 heads"),
    ],
)
def test_what_is_wrong_is_one_sentence(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "x.pdf"
    assert main(["figure", *arguments, "--out", str(out)]) == 1
    assert said in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
