"""A page that is run again with nothing changed works nothing out again.

Whatever a function of ours gives in the second run, be it a frame, a figure or a long text, it has
given in the first: the same object.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.results.loaded import RESULTS_VARIABLE

ROOT = Path(__file__).parents[2]
ROOMS = tuple(str(ROOT / room) for room in ("dashboard", "precompute"))
LONG = 5_000
"""Characters from which on a text is one that is made once."""
FIVE = ["tape_bert", "prot_albert", "prot_bert", "prot_bert_bfd", "prot_xlnet"]
PAGES: list[tuple[str, dict[str, str | list[str]]]] = [
    ("streamlit_app.py", {}),
    ("pages/1_Heads.py", {"models": FIVE, "scale": "shared", "table": "all"}),
    ("pages/1_Heads.py", {"head": "prot_bert_bfd.30.9"}),
    ("pages/1_Heads.py", {"models": "demo", "threshold": "0.10", "head": "demo.1.1"}),
    ("pages/3_Amino_acids.py", {"head": "30.9"}),
    ("pages/4_Substitution.py", {"order": "clustering"}),
    ("pages/5_Layers.py", {"axis": "relative"}),
    ("pages/6_Compare.py", {}),
    ("pages/6_Compare.py", {"part": "clusters"}),
    (
        "pages/6_Compare.py",
        {"first": "prot_bert:published", "second": "prot_bert_bfd:published", "view": "heads"},
    ),
    ("pages/8_Contacts.py", {}),
    ("pages/9_Methods.py", {}),
    ("pages/7_Alignments.py", {"head": "1.5", "control": "rows", "table": "on"}),
]


class Given:
    """What functions of the dashboard and of precompute give, run by run."""

    def __init__(self) -> None:
        self.seen: dict[int, Any] = {}
        self.anew: list[str] = []

    def __call__(self, frame: FrameType, event: str, value: Any) -> None:
        if event != "return" or not frame.f_code.co_filename.startswith(ROOMS):
            return
        large = isinstance(value, str) and len(value) >= LONG
        if (large or isinstance(value, (pd.DataFrame, go.Figure))) and id(value) not in self.seen:
            self.seen[id(value)] = value  # held, so that no later one has its place
            self.anew.append(f"{Path(frame.f_code.co_filename).stem}.{frame.f_code.co_name}")


@pytest.fixture
def given() -> Any:
    found = Given()
    threading.setprofile(found)
    sys.setprofile(found)
    yield found
    sys.setprofile(None)
    threading.setprofile(None)


@pytest.mark.parametrize(("page", "address"), PAGES)
def test_nothing_is_worked_out_again(
    page: str,
    address: dict[str, str | list[str]],
    given: Given,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, "")
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
    if page.startswith("pages"):
        app.switch_page(page)
    for name, values in address.items():
        app.query_params[name] = values
    app.run()
    assert not app.exception
    given.anew.clear()
    app.run()
    assert not app.exception
    assert given.anew == []
