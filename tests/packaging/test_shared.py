"""What the process keeps between visits stands in docs/hosting.md, with why that is safe.

What an object keeps of itself (`functools.cached_property`) goes with the object and is not here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KEEPERS = {"kept", "remember", "cache", "lru_cache", "cache_data", "cache_resource"}
GROWS = {"dict", "list", "set", "OrderedDict", "defaultdict", "Counter", "deque"} | {
    "WeakKeyDictionary",
    "WeakValueDictionary",
    "WeakSet",
}
"""What begins empty in a module is there to be filled."""


def name_of(node: ast.expr) -> str:
    """Give the last name of what is called or decorates, its arguments left out."""
    if isinstance(node, ast.Call):
        return name_of(node.func)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def is_empty(value: ast.expr) -> bool:
    if isinstance(value, ast.Dict):
        return not value.keys
    if isinstance(value, (ast.List, ast.Set)):
        return not value.elts
    return isinstance(value, ast.Call) and not value.args and name_of(value) in GROWS


def keepers(tree: ast.Module) -> Iterator[str]:
    """Name what a module keeps: decorated functions, functions made to keep, what it fills."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if any(name_of(one) in KEEPERS for one in node.decorator_list):
                yield node.name
        elif isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            made = isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Call)
            filled = node in tree.body and is_empty(node.value)
            if filled or (made and name_of(node.value) in KEEPERS):
                yield from map(name_of, targets)


def found() -> set[tuple[str, str]]:
    paths = [
        path
        for room in ("dashboard", "precompute", "pages")
        for path in (ROOT / room).rglob("*.py")
    ]
    return {
        (path.relative_to(ROOT).as_posix(), name)
        for path in paths
        for name in keepers(ast.parse(path.read_text(encoding="utf-8")))
    }


def listed() -> set[tuple[str, str]]:
    """Read the table: every file of a row with every name of it."""
    text = (ROOT / "docs/hosting.md").read_text(encoding="utf-8")
    section = text.partition("## What visitors share\n")[2].partition("\n## ")[0]
    rows = [line.split("|")[1:4] for line in section.splitlines() if line.startswith("| `")]
    assert all(len(row) == 3 and row[2].strip() for row in rows)
    return {
        (path, name)
        for where, what, _ in rows
        for path in re.findall(r"`([^`]+)`", where)
        for name in re.findall(r"`([^`]+)`", what)
    }


def test_what_is_kept_is_listed() -> None:
    assert len(found()) > 50
    assert found() - listed() == set()


def test_nothing_is_kept_where_any_visitor_can_empty_it() -> None:
    """Streamlit's caches go, for everybody, with a message of anybody's browser."""
    paths = [*(ROOT / "dashboard").rglob("*.py"), *(ROOT / "pages").glob("*.py")]
    paths += [ROOT / "serve.py", ROOT / "streamlit_app.py"]
    words = ("cache_data", "cache_resource", "experimental_memo", "experimental_singleton")
    for path in paths:
        text = path.read_text(encoding="utf-8")
        assert not [word for word in words if word in text], path


def test_what_is_listed_is_kept() -> None:
    """A row may name several files; each of its names is in one of them."""
    there = found()
    names, paths = {name for _, name in there}, {path for path, _ in there}
    assert {name for _, name in listed()} - names == set()
    assert {path for path, _ in listed()} - paths == set()


@pytest.mark.parametrize(
    "text",
    [
        "@kept(3)\ndef f(): ...",
        "@st.cache_data\ndef f(): ...",
        "class A:\n    @functools.lru_cache(maxsize=4)\n    def f(self): ...",
        "f = kept(4, state)(read)",
        "class A:\n    def __init__(self):\n        self.f = lru_cache(4)(self.read)",
        "f: dict[str, int] = {}",
        "f = OrderedDict()",
    ],
)
def test_a_keeper_is_found_however_it_is_made(text: str) -> None:
    assert list(keepers(ast.parse(text))) == ["f"]


def test_what_is_no_keeper_is_none() -> None:
    text = "f = {1: 2}\ndef g():\n    known = {}\n@cached_property\ndef h(self): ...\n"
    assert list(keepers(ast.parse(text))) == []
