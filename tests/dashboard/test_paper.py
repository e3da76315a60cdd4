"""Figures for print: a journal's size and type, vectors whose values can be read back."""

from __future__ import annotations

import io
import re
import threading
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from matplotlib import colormaps
from matplotlib.colors import to_rgb
from PIL import Image
from pypdf import PdfReader

from dashboard.figures.heads.heads_print import heads_figure
from dashboard.figures.heads.heads_screen import head_heatmap
from dashboard.figures.look import style as screen
from dashboard.figures.look.scale import find_scale
from dashboard.figures.printing import shell, style
from dashboard.figures.printing.figure import PaperFigure, Source
from dashboard.figures.printing.save import FORMATS, save
from dashboard.figures.printing.words import print_source
from dashboard.figures.top_heads.top_heads_print import top_heads_figure
from dashboard.results import loaded as results
from dashboard.results.frames import top_heads
from dashboard.results.heads import Heads
from dashboard.results.sources import HeadSource
from precompute.heads import measured_heads
from tests.printing import WIDTHS, check_print, drawn

SVG = "{http://www.w3.org/2000/svg}"
PERMALINK = "https://atlas.example.org/Heads?feature=contact&models=tape_bert"


def published(model: str = "tape_bert", feature: str = "contact", measure: str = "percent"):  # type: ignore[no-untyped-def]
    tables = shell.read_paper(model)
    return heads_figure(
        tables.frames[feature], print_source([tables], [feature], PERMALINK), measure
    )


def highest(model: str = "tape_bert", feature: str = "contact") -> PaperFigure:
    tables = shell.read_paper(model)
    return top_heads_figure(
        top_heads(tables.frames[feature]), print_source([tables], [feature], PERMALINK)
    )


def made_up(layers: int, heads: int, seed: int, grey: float, run: str = "run") -> pd.DataFrame:
    """Make the head frame of a run of any shape; a share of its heads has no arcs."""
    random = np.random.default_rng(seed)
    layer, head = (index.ravel() + 1 for index in np.indices((layers, heads)))
    arcs = np.where(random.random(layers * heads) < grey, 0, random.integers(0, 5000, len(layer)))
    hits = random.binomial(arcs, random.random(len(layer)))
    squares = {"arcs": arcs**2 // 9 + arcs, "hits": hits**2 // 9 + hits}
    products = hits * arcs // 9 + hits
    counts = pd.DataFrame(
        {
            **{"model": "own", "dataset": "proteinnet", "attention": "self", "threshold": 0.3},
            **{"feature": "contact", "layer": layer, "head": head, "arcs": arcs, "hits": hits},
            **{"eligible": arcs, "proteins": np.minimum(arcs, 9), "hits_squared": squares["hits"]},
            **{"hits_arcs": products, "arcs_squared": squares["arcs"]},
            **{"hits_eligible": products, "eligible_squared": squares["arcs"]},
        }
    )
    background = pd.DataFrame(
        {
            **{"run": [run], "dataset": ["proteinnet"], "feature": ["contact"]},
            **{"definition": ["published"], "positives": [12], "eligible": [1000]},
            **{"proteins": [9]},
        }
    )
    return measured_heads(counts, background, run, layers, heads)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    ("model", "feature"),
    [
        ("tape_bert", "contact"),
        ("prot_albert", "amino_acid:N"),
        ("prot_bert", "secondary_structure:turn_bend"),
        ("prot_bert_bfd", "modification"),
        ("prot_xlnet", "binding_site"),
    ],
)
def test_published_heads_have_room(model: str, feature: str, width: int) -> None:
    texts = {text.text for text in check_print(published(model, feature), width, "A")}
    assert {"head", "layer", "layer max. (%)", "% of the head's arcs", "A"} <= texts
    rows = {text.text for text in check_print(highest(model, feature), width, "A")}
    names = top_heads(shell.read_paper(model).frames[feature])
    assert {
        f"{layer}-{head}" for layer, head in zip(names["layer"], names["head"], strict=True)
    } <= rows


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a drawing is slow to shrink
)
@given(
    shape=st.sampled_from(
        [(1, 1), (2, 12), (12, 12), (12, 64), (30, 16), (33, 20), (6, 20), (48, 40), (60, 100)]
    ),
    grey=st.sampled_from([0.0, 0.3, 1.0]),
    width=st.sampled_from(WIDTHS),
    letter=st.sampled_from(["", "A", "W", "bb"]),
    measure=st.sampled_from(["percent", "enrichment", "z"]),
    models=st.text(
        st.characters(min_codepoint=33, max_codepoint=0x17F, categories=["L", "N", "P", "S"]),
        min_size=1,
        max_size=90,
    ),
    seed=st.integers(0, 1000),
)
@example((12, 12), 0.3, 89, "A", "percent", "$x_1$ of <mine> & $\\frac{1}$", 0)
def test_any_model_has_room(
    shape: tuple[int, int],
    grey: float,
    width: int,
    letter: str,
    measure: str,
    models: str,
    seed: int,
) -> None:
    frame = made_up(*shape, seed, grey)
    source = Source(
        models, "a-long-name-of-a-run", "proteinnet", "Contact", "0.3", "n = 12 proteins"
    )
    check_print(heads_figure(frame, source, measure), width, letter)
    if len(best := top_heads(frame)):
        check_print(top_heads_figure(best, source), width, letter)


@pytest.mark.parametrize("make", [published, highest])
@pytest.mark.parametrize("width", WIDTHS)
def test_a_file_has_the_width_it_should(make, width: int) -> None:  # type: ignore[no-untyped-def]
    figure = make()
    page = PdfReader(io.BytesIO(save(figure, "pdf", width))).pages[0]
    assert float(page.mediabox.width) / 72 * 25.4 == pytest.approx(width, abs=0.01)
    drawing = ElementTree.fromstring(save(figure, "svg", width))
    assert float(drawing.get("width", "").removesuffix("pt")) / 72 * 25.4 == pytest.approx(
        width, abs=0.01
    )
    for dpi in (300, 600):
        image = Image.open(io.BytesIO(save(figure, "png", width, dpi)))
        assert image.size[0] / dpi * 25.4 == pytest.approx(width, abs=25.4 / dpi)
        assert image.info["dpi"][0] == pytest.approx(dpi, abs=0.1)


def colours_of_cells(drawing: ElementTree.Element) -> list[str]:
    mesh = next(
        group for group in drawing.iter(f"{SVG}g") if group.get("id", "").startswith("QuadMesh")
    )
    return [
        re.search(r"fill: (#[0-9a-f]{6})", path.get("style", "")).group(1)  # type: ignore[union-attr]
        for path in mesh.iter(f"{SVG}path")
        if path.get("style")
    ]


@pytest.mark.parametrize("model", ["tape_bert", "prot_albert", "prot_bert_bfd"])
def test_the_values_can_be_read_off_the_vectors(model: str) -> None:
    """Each cell is a path; its colour gives the percentage back to half a colour step."""
    figure = published(model)
    drawing = ElementTree.fromstring(save(figure, "svg"))
    assert not list(drawing.iter(f"{SVG}image"))
    colours = colours_of_cells(drawing)
    frame = figure.frame.sort_values(["layer", "head"])
    assert len(colours) == len(frame)
    scale = colormaps["viridis"](np.arange(256))[:, :3]
    end = frame["percent"].max()
    for colour, percent in zip(colours, frame["percent"], strict=True):
        if np.isnan(percent):
            assert colour == style.MASKED
            continue
        distance = np.abs(scale - to_rgb(colour)).max(axis=1)
        assert distance.min() < 1 / 255
        step = int(distance.argmin())
        assert abs((step + 0.5) / 256 * end - percent) <= 0.75 / 256 * end


def test_a_pdf_has_vectors_and_text() -> None:
    figure = published("prot_bert_bfd")
    reader = PdfReader(io.BytesIO(save(figure, "pdf", letter="C")))
    (page,) = reader.pages
    assert not page.images
    text = page.extract_text()
    for words in ("Contact · ProtBert-BFD", "n = 5,000 proteins", "layer max. (%)", "C", "30"):
        assert words in text
    fonts = page["/Resources"]["/Font"]  # type: ignore[index]
    assert fonts
    for font in fonts.values():
        font = font.get_object()
        below = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
        assert "/FontFile2" in below["/FontDescriptor"]  # TrueType, embedded
        assert "/ToUnicode" in font
    in_svg = {
        to_rgb(colour) for colour in colours_of_cells(ElementTree.fromstring(save(figure, "svg")))
    }
    operations = page.get_contents().operations  # type: ignore[union-attr]
    filled = {
        tuple(round(float(part) * 255) for part in (operands * 3 if operator == b"g" else operands))
        for operands, operator in operations
        if operator in (b"rg", b"g")
    }
    assert {tuple(round(part * 255) for part in colour) for colour in in_svg} <= filled


@pytest.mark.parametrize("make", [published, highest])
@pytest.mark.parametrize("ending", list(FORMATS))
def test_a_file_says_where_it_comes_from(make, ending: str) -> None:  # type: ignore[no-untyped-def]
    figure = make()
    data = save(figure, ending)
    facts = {
        **{"Model": "TapeBert", "Results": "published", "Property": "Contact"},
        **{"Threshold": "0.3", "Sample": "n = 5,000 proteins", "Permalink": PERMALINK},
    }
    assert facts.items() <= figure.source.facts.items()
    if ending == "png":
        texts = Image.open(io.BytesIO(data)).text  # type: ignore[attr-defined]
        assert facts.items() <= texts.items()
        assert texts["Description"] == figure.full_caption
        assert texts["Version"] == texts["Software"] == figure.source.version
        return
    if ending == "pdf":
        information = PdfReader(io.BytesIO(data)).metadata
        assert information is not None
        said, caption = information["/Keywords"], information["/Subject"]
        assert information["/Title"] == "Contact · TapeBert"
        assert "/CreationDate" not in information
    else:
        texts = [element.text or "" for element in ElementTree.fromstring(data).iter()]
        said, caption = " ".join(texts), next(text for text in texts if "Published values" in text)
    assert caption == figure.full_caption
    for name, value in facts.items():
        assert f"{name}: {value}" in said


def test_a_caption_says_n_source_and_what_intervals_mean() -> None:
    for figure in (published(), highest()):
        for words in ("n = 5,000 proteins", "Vig et al.", "1.266 %", PERMALINK, "at least 0.3"):
            assert words in figure.full_caption
    assert "Wald interval" in highest().caption
    assert "gives no interval" in highest(feature="amino_acid:P").caption
    frame = top_heads(made_up(4, 4, 0, 0))
    source = Source("Own", "run", "proteinnet", "Contact", "0.3", "n = 9 proteins")
    caption = top_heads_figure(frame, source).full_caption
    assert "protein as sampling unit" in caption
    assert "Measured on proteinnet (run run), n = 9 proteins" in caption


@pytest.mark.parametrize("ending", list(FORMATS))
def test_the_same_figure_is_the_same_file(ending: str) -> None:
    assert save(published(), ending, letter="A") == save(published(), ending, letter="A")
    assert save(published(), ending, letter="A") != save(published(), ending, letter="B")


def test_nothing_of_matplotlib_is_left_changed() -> None:
    before = dict(matplotlib.rcParams)
    save(published(), "svg")
    with pytest.raises(ZeroDivisionError):
        save(PaperFigure("a", lambda _: 1 / 0, "", Source(), pd.DataFrame()), "svg")  # type: ignore[arg-type, return-value]
    assert dict(matplotlib.rcParams) == before
    with matplotlib.rc_context({"font.size": 40, "svg.fonttype": "path"}):
        own = save(highest(), "svg")
    assert own == save(highest(), "svg")


def test_visitors_do_not_disturb_each_other() -> None:
    expected = save(highest(), "svg")
    files: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: files.append(save(highest(), "svg"))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert files == [expected] * 4


def test_the_bars_are_the_frame() -> None:
    figure = published("prot_bert_bfd")
    with drawn(figure) as (made, _):
        bars = made.axes[1].containers[0]
        widths = [bar.get_width() for bar in bars]
        (line,) = made.axes[1].lines
    expected = figure.frame.groupby("layer")["layer_maximum"].first().fillna(0)
    assert widths == pytest.approx(expected.to_list())
    assert set(line.get_xdata()) == {figure.frame["background_percent"].iloc[0]}
    figure = highest("prot_bert_bfd")
    with drawn(figure) as (made, _):
        bars = made.axes[0].containers[0]
        assert [bar.get_width() for bar in bars] == figure.frame["percent"].to_list()
        (segments,) = made.axes[0].containers[1][2]
        ends = np.array([segment[:, 0] for segment in segments.get_segments()])
    assert ends[:, 0] == pytest.approx(figure.frame["interval_lower"].to_numpy())
    assert ends[:, 1] == pytest.approx(figure.frame["interval_upper"].to_numpy())


@pytest.mark.parametrize("grey", [0.5, 1.0])
def test_the_background_lies_on_the_axis_where_every_head_is_below_it(grey: float) -> None:
    frame = published("tape_bert").frame.assign(background_percent=71.0)
    if grey == 1.0:
        frame = frame.assign(percent=np.nan, layer_maximum=np.nan, mask="few arcs")
    screened = head_heatmap(frame, find_scale([frame], "percent"), ("one", "two"))
    (line,) = (shape for shape in screened.layout.shapes if shape.name == "background")
    assert line.x0 == line.x1 == 71.0 < screened.layout.xaxis2.range[1]
    with drawn(heads_figure(frame, Source(models="Test", feature="Contact"))) as (made, _):
        (line,) = made.axes[1].lines
        assert set(line.get_xdata()) == {71.0}
        assert made.axes[1].get_xlim()[1] > 71.0


@pytest.mark.parametrize("measure", ["enrichment", "z"])
def test_the_middle_of_a_diverging_scale_is_the_background(measure: str) -> None:
    frame = made_up(6, 5, 1, 0.2)
    frame["z"] = frame["log2_enrichment"] * 10
    figure = heads_figure(frame, Source("Own", "run"), measure)
    with drawn(figure) as (made, texts):
        mesh = made.axes[0].collections[0]
        low, high = mesh.get_clim()
        colours = mesh.get_cmap()(mesh.norm(mesh.get_array())).reshape(-1, 4)
        middle = mesh.get_cmap()(0.5)
    assert low == -high
    assert min(middle[:3]) > 0.95
    for (red, _, blue, _), percent in zip(colours, frame["percent"], strict=True):
        if not np.isnan(percent) and abs(np.log2(percent / 1.2)) > 0.5:
            assert (red > blue) == (percent > 1.2)  # red above the background of 1.2 %
    assert ("1×" if measure == "enrichment" else "0") in {text.text for text in texts}


def test_a_corrected_share_says_so() -> None:
    frame = made_up(3, 3, 0, 0)
    said = heads_figure(frame.assign(denominator="corrected"), Source("Own", "run"))
    assert "share of eligible attention arcs" in said.caption
    assert "% of the head's eligible arcs" in {text.text for text in check_print(said)}
    assert "eligible" not in heads_figure(frame, Source("Own", "run")).caption


def test_colours_are_those_of_the_pages() -> None:
    for name, colours in (
        (style.SEQUENTIAL, screen.SEQUENTIAL),
        (style.DIVERGING, screen.DIVERGING),
    ):
        places = np.linspace(0, 1, len(colours))
        expected = np.array([to_rgb(colour) for colour in colours])
        assert np.abs(colormaps[name](places)[:, :3] - expected).max() < 0.02


@given(
    count=st.integers(1, 300),
    room=st.floats(10, 170),
    label=st.floats(2, 4),
)
def test_ticks_have_room(count: int, room: float, label: float) -> None:
    found = style.ticks(count, room, label)
    assert found[0] == 1
    assert found[-1] <= count
    if len(found) > 1:
        assert min(np.diff(found)) * room / count >= label - 1e-9


@settings(deadline=None)  # a busy machine takes its time
@given(
    text=st.text(
        st.characters(min_codepoint=32, max_codepoint=0x17F, exclude_categories=["C"]), max_size=120
    ),
    width=st.floats(8, 183),
)
def test_wrapped_text_is_the_text(text: str, width: float) -> None:
    lines = style.wrap(text, 7, width)
    assert "".join(lines).replace(" ", "") == "".join(text.split())
    assert all(style.text_width(line, 7) <= width or len(line) == 1 for line in lines)


def test_a_panel_says_its_own_threshold() -> None:
    run = results.Run("run", "", "own", "families", 7, 900, 3, 3, "", "")
    for threshold in (0.3, 0.25):
        own = HeadSource("own", "Own", run)
        source = print_source([Heads(own, threshold, "published", {})], ["contact"])
        assert source.facts["Threshold"] == f"{threshold:g}"
        assert source.facts["Sample"] == "n = 7 proteins"
        assert source.header == ("Contact · Own", "measured, families, n = 7 proteins")
