"""Figures for print with one font alone, narrow or wide, and with names of every length."""

from __future__ import annotations

import inspect
import io
import pkgutil
from functools import cache
from importlib import import_module
from pathlib import Path
from unittest import mock
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

import dashboard
from dashboard.figures.printing import fitting, rows, style
from dashboard.figures.printing.figure import Canvas, PaperFigure
from dashboard.figures.printing.save import save
from tests import fonts
from tests.print_figures import LONG, PRINTED, SHORT
from tests.printing import WIDTHS, check_print, drawn

SVG = "{http://www.w3.org/2000/svg}"
LOOKS = [
    *((fonts.PLAIN, LONG, width) for width in WIDTHS),
    (fonts.NARROW, LONG, 89),
    (fonts.WIDE, LONG, 89),
    (fonts.WIDE, SHORT, 120),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fonts")


@cache
def figure(name: str, names: tuple[str, str]) -> PaperFigure:
    return PRINTED[name](names)


@pytest.mark.parametrize(
    ("font", "names", "width"),
    LOOKS,
    ids=[f"{font}-{'long' if names is LONG else 'short'}-{width}" for font, names, width in LOOKS],
)
@pytest.mark.parametrize("name", PRINTED)
def test_every_figure_has_room_with_one_font_alone(
    name: str, font: str, names: tuple[str, str], width: int, folder: Path
) -> None:
    fonts.need(font, folder)
    with fonts.only(font):
        check_print(figure(name, names), width, "A")


def test_every_figure_is_among_them() -> None:
    makers = {
        name
        for module in pkgutil.walk_packages(dashboard.__path__, "dashboard.")
        if module.name.endswith("_print")
        for name, member in inspect.getmembers(import_module(module.name), inspect.isfunction)
        if "PaperFigure" in member.__code__.co_names
    }
    drawn_by = {figure(name, SHORT).draw.__qualname__.partition(".")[0] for name in PRINTED}
    assert drawn_by == makers


@pytest.mark.parametrize(("name", "said"), [("centres", "leaves the canvas"), ("layers", "over")])
def test_without_the_fitting_they_do_not(name: str, said: str, folder: Path) -> None:
    fonts.need(fonts.WIDE, folder)
    with (
        fonts.only(fonts.WIDE),
        mock.patch.object(fitting, "fit", lambda made: made),
        pytest.raises(AssertionError, match=said),
    ):
        check_print(figure(name, LONG), 89, "A")


def test_the_fonts_are_what_differs(folder: Path) -> None:
    wide = []
    for font in (fonts.PLAIN, fonts.WIDE):
        fonts.need(font, folder)
        with fonts.only(font):
            wide.append(style.text_width("layer max. (%)", 6.5))
            with drawn(figure("heads", SHORT)) as (_, texts):
                pass
    assert wide[1] == pytest.approx(wide[0] * fonts.STRETCH, rel=0.01)
    assert "layer max.\n(%)" in {text.text for text in texts}  # wrapped where it is too wide


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a drawing is slow to shrink
)
@given(
    name=st.sampled_from(list(PRINTED)),
    names=st.tuples(
        *[
            st.text(
                st.characters(
                    min_codepoint=32, max_codepoint=0x17F, categories=["L", "N", "P", "S", "Zs"]
                ),
                min_size=1,
                max_size=100,
            ).filter(str.strip)
        ]
        * 2
    ),
    font=st.sampled_from([fonts.PLAIN, fonts.WIDE]),
    width=st.sampled_from(WIDTHS),
    letter=st.sampled_from(["", "A", "WW"]),
)
@example(
    name="similarity", names=("$x_1$", "$\\frac{1}$ & <b>"), font=fonts.PLAIN, width=89, letter="A"
)
@example(name="both", names=("W" * 100, "i" * 100), font=fonts.WIDE, width=89, letter="WW")
@example(name="differences", names=("W" * 100, "$"), font=fonts.WIDE, width=120, letter="")
def test_any_name_has_room(
    name: str, names: tuple[str, str], font: str, width: int, letter: str, folder: Path
) -> None:
    fonts.need(font, folder)
    with fonts.only(font):
        check_print(PRINTED[name](names), width, letter)


def test_a_canvas_that_has_room_is_left_as_it_is() -> None:
    """Fitting changes nothing where the usual fonts have room."""
    with fonts.only(fonts.PLAIN), style.printing():
        for name in ("probes", "matrices", "properties"):
            made = figure(name, SHORT).draw(Canvas(183, ""))
            before = [axes.get_position().bounds for axes in made.axes]
            fitting.fit(made)
            assert [axes.get_position().bounds for axes in made.axes] == before


@pytest.mark.parametrize("font", [fonts.PLAIN, fonts.NARROW])
def test_text_stays_text(font: str, folder: Path) -> None:
    fonts.need(font, folder)
    with fonts.only(font):
        page = PdfReader(io.BytesIO(save(figure("heads", SHORT), "pdf"))).pages[0]
        svg = save(figure("heads", SHORT), "svg")
    used = [one.get_object() for one in page["/Resources"]["/Font"].values()]  # type: ignore[index]
    assert all(font.replace(" ", "") in one["/BaseFont"] for one in used)
    assert "layer max. (%)" in page.extract_text()
    assert b">layer max. (%)</text>" in svg


@pytest.mark.parametrize("name", ["similarity", "protein_arcs"])
def test_every_text_of_an_svg_keeps_its_measured_width(name: str) -> None:
    names = ("a & <b> \"c\" 'd'", "$x_1$")
    with fonts.only(fonts.PLAIN):
        root = ElementTree.fromstring(save(PRINTED[name](names), "svg"))
        found = list(root.iter(f"{SVG}text"))
        assert any("a & <b> \"c\" 'd'" in (text.text or "") for text in found)
        for text in found:
            look = dict(part.split(": ", 1) for part in text.attrib["style"].split("; "))
            assert look["font-family"].endswith("sans-serif")  # whatever font there is
            bold = look.get("font-weight") == "700"
            size = float(look["font-size"].removesuffix("px"))
            wide = style.text_width(text.text or "", size, bold=bold) * style.POINTS
            assert float(text.attrib["textLength"]) == pytest.approx(wide, abs=0.01)
            assert text.attrib["lengthAdjust"] == "spacingAndGlyphs"


@given(text=st.text("abcWi_-·é 1", min_size=1, max_size=60), room=st.floats(4, 60))
def test_a_cut_name_fits_and_keeps_both_ends(text: str, room: float) -> None:
    cut = rows.cut(text, style.TICK_SIZE, room)
    assert style.text_width(cut, style.TICK_SIZE) <= room
    if cut != text:
        start, _, end = cut.partition("…")
        assert text.startswith(start)
        assert text.endswith(end)
    lines = rows.cut_lines(text, style.TICK_SIZE, room, 2)
    assert len(lines) <= 2
    assert all(style.text_width(line, style.TICK_SIZE) <= room for line in lines)


def test_names_that_differ_at_their_ends_still_do_when_cut() -> None:
    names = [f"our_model_with_a_long_name_epoch_{number:04}" for number in range(5)]
    assert len({rows.cut(name, style.TICK_SIZE, 25) for name in names}) == len(names)
