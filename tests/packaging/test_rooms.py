"""What imports what: no circle, nothing runs back up, and no page knows another page.

Imports inside functions and under TYPE_CHECKING count, and so does a module named in a string,
as a registry names what it imports later.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# A room, what it may not import, and what of that it may.
RULES: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = [
    ("precompute", ("dashboard", "streamlit"), ()),
    (
        "dashboard.results",
        ("dashboard.figures", "dashboard.page", "dashboard.pages", "dashboard.structure"),
        (),
    ),
    ("dashboard.results", ("streamlit",), ()),
    ("dashboard.structure", ("dashboard.pages",), ()),
    ("dashboard.figures", ("dashboard.page", "dashboard.pages", "streamlit"), ()),
    ("dashboard.page", ("dashboard.pages",), ()),
]

RUNS_BACK_UP: set[str] = set()
"""What breaks a rule today, as `module → room`. Nothing may be added here."""


def name_of(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(root: Path, rooms: tuple[str, ...]) -> dict[str, set[str]]:
    """Give what each module names: modules, and names of others' such as `streamlit.slider`."""
    paths = {name_of(path, root): path for room in rooms for path in (root / room).rglob("*.py")}
    return {
        name: set(names_in(ast.parse(path.read_text(encoding="utf-8")), name, path, set(paths)))
        for name, path in paths.items()
    }


def names_in(tree: ast.Module, own: str, path: Path, modules: set[str]) -> Iterator[str]:
    named = {module for module in modules if "." in module} - {own}
    streamlits = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name == "streamlit":
                    streamlits.add(alias.asname or alias.name)
                else:
                    yield alias.name
        elif isinstance(node, ast.ImportFrom):
            package = own.split(".")[: None if path.stem == "__init__" else -1]
            parts = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*parts, *([node.module] if node.module else [])])
            for alias in node.names:
                inside = f"{module}.{alias.name}"
                yield inside if inside in modules or module not in modules else module
        elif isinstance(node, ast.Constant) and node.value in named:
            yield str(node.value)
    for node in ast.walk(tree):  # st.slider, wherever it is called
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name in streamlits:
                yield f"streamlit.{attribute}"


def within(name: str, room: str) -> bool:
    return name == room or name.startswith(f"{room}.")


def broken_rules(imports: dict[str, set[str]]) -> set[str]:
    """Give each import that a rule forbids, as `module → room`."""
    broken = set()
    for module, names in imports.items():
        for name in names:
            for room, forbidden, allowed in RULES:
                if within(module, room) and name not in allowed:
                    broken |= {f"{module} → {other}" for other in forbidden if within(name, other)}
            page, other = (".".join(of.split(".")[:3]) for of in (module, name))
            if all(of.startswith("dashboard.pages.") for of in (page, other)) and page != other:
                broken.add(f"{module} → {other}")
    return broken


def find_circle(imports: dict[str, set[str]]) -> list[str]:
    """Give modules of which each imports the next and the last the first; none without circle."""
    try:
        TopologicalSorter({m: names & set(imports) for m, names in imports.items()}).prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))
    return []


@pytest.fixture(scope="module")
def imports() -> dict[str, set[str]]:
    return imports_of(ROOT, ("precompute", "dashboard"))


def test_no_module_imports_itself_on_a_detour(imports: dict[str, set[str]]) -> None:
    assert len(imports) > 200
    assert " → ".join(find_circle(imports)) == ""


def test_nothing_runs_back_up(imports: dict[str, set[str]]) -> None:
    broken = broken_rules(imports)
    new, mended = sorted(broken - RUNS_BACK_UP), sorted(RUNS_BACK_UP - broken)
    assert not new, "these run back up:\n" + "\n".join(new)
    assert not mended, "take these lines out of RUNS_BACK_UP:\n" + "\n".join(mended)


def test_the_dashboard_has_eight_entries_at_most() -> None:
    entries = [
        one for one in (ROOT / "dashboard").iterdir() if not one.name.startswith((".", "__py"))
    ]
    assert len(entries) <= 8, sorted(one.name for one in entries)


def tree(root: Path, **files: str) -> dict[str, set[str]]:
    """Write modules whose names have `__` for the dots, and read what they import."""
    for name, text in files.items():
        path = root / "dashboard" / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return imports_of(root, ("dashboard",))


@pytest.mark.parametrize(
    "back",
    [
        "from dashboard import a",
        "import dashboard.a",
        "from .a import x",
        "from . import a",
        "def f():\n    from dashboard.a import x",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from dashboard.a import x",
        "REGISTRY = {'later': 'dashboard.a'}",
    ],
)
def test_a_circle_is_found_however_it_is_closed(tmp_path: Path, back: str) -> None:
    found = tree(tmp_path, a="from dashboard.b import y", b="from dashboard import c", c=back)
    assert set(find_circle(found)) == {"dashboard.a", "dashboard.b", "dashboard.c"}
    found = tree(tmp_path, c="import dashboard.elsewhere")
    assert find_circle(found) == []


def test_what_runs_back_up_is_named(tmp_path: Path) -> None:
    found = tree(
        tmp_path,
        results__reader="import streamlit as st\n@st.cache_data\ndef f(): st.slider('x')",
        results__other="from dashboard.figures.look import scale",
        results__kept="from streamlit import cache_resource",
        results__drawn="def f():\n    from streamlit import slider",
        figures__map="def f():\n    from dashboard.page import export",
        page__export="from dashboard.results.reader import f",
        pages__heads__view="import dashboard.page.export\nimport dashboard.pages.heads.words",
        pages__live__view="from dashboard.pages.heads.view import f",
    )
    assert broken_rules(found) == {
        "dashboard.results.reader → streamlit",
        "dashboard.results.kept → streamlit",
        "dashboard.results.other → dashboard.figures",
        "dashboard.results.drawn → streamlit",
        "dashboard.figures.map → dashboard.page",
        "dashboard.pages.live.view → dashboard.pages.heads",
    }
