"""Every test that docs/security.md names is there, and every promise of it names one."""

from __future__ import annotations

import ast
import re

import pytest

from tests.packaging.documents import ROOT, TEXTS

SECURITY = TEXTS["docs/security.md"]
ROWS = re.findall(r"^\| (?!attack|---)(.*) \|$", SECURITY, re.M)
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", SECURITY)))


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_a_test_that_is_named_is_there(path: str, name: str) -> None:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert name.startswith("test_")


@pytest.mark.parametrize("row", ROWS)
def test_every_promise_names_its_test_or_who_holds_it(row: str) -> None:
    attack, happens, held = row.split(" | ")
    assert attack
    assert happens
    assert re.fullmatch(r"(`tests/[\w/]+\.py::test_\w+`(, |$))+|the proxy.*|nobody.*", held)


def test_there_are_promises() -> None:
    assert min(len(ROWS), len(NAMED)) > 10
