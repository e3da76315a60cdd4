"""A stranger's texts in what is taken along: they are texts to the program that opens it."""

from __future__ import annotations

import ast
import contextlib
import json
import re
from dataclasses import replace
from pathlib import Path

import gemmi
import pandas as pd
import pytest

from dashboard.figures.look.style import file_name
from dashboard.figures.printing.figure import Canvas, PaperFigure, Source
from dashboard.figures.printing.save import save
from dashboard.page.interactive import write_html, write_json
from precompute.errors import AtlasError
from precompute.live.getting.protein import plain
from precompute.live.programs.arc_frame import Export
from precompute.one_line import one_line
from tests import hostile
from tests.precompute.live.snippets import helix, mmcif, numbered
from tests.precompute.live.test_export import NAMES, export, protein, unzip, written

SAFE = re.compile(r"[\w ]+", re.ASCII)


def hostile_structure(text: str) -> bytes:
    """A structure whose chain, residues, title, entity and insertion codes are a text."""
    block = gemmi.cif.read_string(mmcif(helix(numbered(NAMES)), sequence=NAMES).decode())[0]
    quoted = gemmi.cif.quote(text)
    sites = block.find("_atom_site.", ["label_asym_id", "auth_asym_id", "?pdbx_PDB_ins_code"])
    for row in sites:
        row[0] = row[1] = quoted
    for item in ("_struct.title", "_entity.pdbx_description", "_struct_keywords.text"):
        block.set_pair(item, quoted)
    return block.as_string().encode("utf-8", "replace")


def taken(text: str) -> Export:
    """Arcs on a structure of such names, with such an identifier and head."""
    given = protein(hostile_structure(text), "x.cif")
    given = replace(given, identifier=plain(text, 60) or "x")
    return replace(export(given), head=text)


@pytest.mark.parametrize(
    "text", [*(text.replace("\0", "") for text in hostile.GROUPS), *hostile.CODE]
)
def test_a_scene_runs_nothing_but_its_own(text: str) -> None:
    made = taken(text)
    chain = made.protein.chain_name or ""
    assert SAFE.fullmatch(chain)
    assert re.fullmatch(r"\w{1,8}", chain, re.ASCII)
    check_pymol(written("pml", made).decode())
    files = unzip(written("chimerax.zip", made))
    check_chimerax(files["view.cxc"], files["arcs.pb"])
    state = json.loads(unzip(written("mvsx", made))["index.mvsj"])
    assert state["metadata"]["description_format"] == "plaintext"
    page = written("html", made).decode()
    assert page.count("<script") == page.count("</script>") == 3
    for row in written("csv", made).decode().splitlines()[1:]:
        assert row.split(",")[2] == chain


def check_pymol(script: str) -> None:
    """PyMOL reads a line at a time; ``#`` begins a comment, ``python`` a block to its end.

    In the block stands Python alone: its tree has our own calls, and all else is literals.
    """
    before, _, rest = script.partition("\npython\n")
    block, _, after = rest.rpartition("\npython end\n")
    assert after == ""
    assert "\npython end" not in block
    for line in before.splitlines():
        assert line.startswith("# ")
        assert not set(";\\@") & set(line)
        assert line.isprintable()
    tree = ast.parse(block)
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert calls <= {
        *(f"cmd.{name}" for name in ("load_raw", "iterate_state", "load_cgo", "select")),
        *(f"cmd.{name}" for name in ("deselect", "hide", "show", "color", "orient")),
        *("'\\n'.join", "'+'.join", "atlas_groups.setdefault", "end.replace", "sorted", "tuple"),
        *("' or '.join", "atlas_ends.setdefault", "atlas_ends.setdefault(chain, set()).add"),
        *("atlas_ends.items", "set"),
        *("enumerate", "atlas_groups.setdefault(tuple(colour), []).extend"),
    }
    imports = [ast.unparse(n) for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom)]
    assert imports == ["from pymol import cgo, cmd"]
    given = {
        ast.unparse(node.targets[0]): node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and node.lineno < block.count("\n") - 30
    }
    for name in ("atlas_chain", "atlas_arcs", "atlas_lines"):
        ast.literal_eval(given[name])


def check_chimerax(script: str, bonds: str) -> None:
    """ChimeraX reads a command a line, parted by ``;``; ``#`` begins a comment."""
    commands = [line for line in script.splitlines() if not line.startswith("# ")]
    assert commands
    for line in commands:
        assert re.fullmatch(
            r"open (structure\.(cif|pdb)|arcs\.pb)|hide atoms|show cartoons|show ligand atoms"
            r"|color gainsboro target c|color /\w{1,8}(,\w{1,8})? silver target c"
            r"|view /\w{1,8}(,\w{1,8})?",
            line,
            re.ASCII,
        ), line
    assert all(";" not in line for line in script.splitlines())
    for line in bonds.splitlines():
        assert line.startswith("; ") or re.fullmatch(
            r"/\w{1,8}:-?\d+[A-Za-z]?@CA /\w{1,8}:-?\d+[A-Za-z]?@CA #[0-9a-f]{6}", line, re.ASCII
        ), line
        setting = re.match(r"; *(\w+) *=", line)
        assert not setting or setting[1] in ("halfbond", "dashes", "radius"), line


@pytest.mark.parametrize("code", [*";'\"#@,:/\\&|$`()[]{}<>=+-*?!%^~_. 1\té", "AB", "; quit"])
def test_an_insertion_code_of_any_sign(code: str) -> None:
    text = mmcif(helix([(name, 5, "A") for name in NAMES[:1]] + numbered(NAMES)[1:]))
    block = gemmi.cif.read_string(text.decode())[0]
    for row in block.find(["_atom_site.pdbx_PDB_ins_code"]):
        if row[0] == "A":
            row[0] = gemmi.cif.quote(code)
    with contextlib.suppress(AtlasError):
        made = export(protein(block.as_string().encode(), "x.cif"))
        check_pymol(written("pml", made).decode())
        files = unzip(written("chimerax.zip", made))
        check_chimerax(files["view.cxc"], files["arcs.pb"])


def drawn(text: str) -> PaperFigure:
    """A figure for print all of whose texts are one."""

    def draw(canvas: Canvas) -> object:
        figure = canvas.figure(30, source.header)
        axes = figure.add_subplot()
        axes.set_xlabel(plain(text, 60))
        axes.set_xticks([0.5], [plain(text, 60)])
        return figure

    source = Source(text, text, text, text, "0.3", text, permalink=f"http://a.example/?q={text}")
    return PaperFigure(text, draw, text, source, pd.DataFrame({"run": [text]}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", [hostile.MARKUP[0], hostile.MARKUP[1], hostile.CODE[10], *hostile.SIGNS[:5]]
)
def test_a_file_for_print_has_the_text_as_text(text: str) -> None:
    import xml.etree.ElementTree as ElementTree

    figure = drawn(text)
    root = ElementTree.fromstring(save(figure, "svg"))
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert not tags & {"script", "a", "image", "foreignObject", "iframe", "b", "x"}
    for element in root.iter():
        assert not [name for name in element.attrib if name.lower().startswith("on")]
    assert save(figure, "pdf").startswith(b"%PDF")
    assert save(figure, "png").startswith(b"\x89PNG")


@pytest.mark.parametrize("text", hostile.GROUPS)
def test_a_chart_taken_along_is_one_page(text: str) -> None:
    import plotly.graph_objects as go

    chart = go.Figure(go.Scatter(x=[1], y=[1], customdata=[text]))
    page = write_html(chart, drawn(text)).decode()
    assert page.count("<script") == page.count("</script>") == 3
    head = page.partition("<script")[0]
    assert "evil.example'>" not in head
    assert not re.search(r"<(img|b|x|a|br)\b", head)
    found = json.loads(write_json(chart, drawn(text)))
    assert found["layout"]["meta"]["Model"] == one_line(text)


@pytest.mark.parametrize("text", hostile.TEXTS)
def test_a_files_name_is_one_everywhere(text: str) -> None:
    for name in (file_name(text), file_name(f"atlas_{text}")):
        assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*", name, re.ASCII)
        assert len(name) <= 150
        assert ".." not in name
        assert name.partition(".")[0].upper() not in ("CON", "PRN", "AUX", "NUL", "COM1", "LPT1")
        assert Path(name).name == name
