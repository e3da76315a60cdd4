"""The Live page: the head in its address, and a structure file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.dashboard.test_molecule import ATTACK, PDB, helix

PAGE = Path(__file__).parents[2] / "pages/2_Live.py"


def live(**parameters: str) -> AppTest:
    app = AppTest.from_file(str(PAGE), default_timeout=60)
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def notes(app: AppTest, role: str = "status") -> list[str]:
    """Texts of the small notes, or with the role alert of the sentences about a bad file."""
    return [e.proto.body for e in app.get("html") if f'role="{role}"' in e.proto.body]


def shown(app: AppTest) -> list[dict[str, object]]:
    """Give what each 3D view on the page was sent."""
    views = app.get("bidi_component")
    return [json.loads(view.proto.json) for view in views]


def test_the_chosen_head() -> None:
    app = live(model="prot_bert", layer="3", head="16")
    assert [s.value for s in app.subheader] == ["ProtBert, head 3-16"]
    assert notes(app) == []
    assert any("later version" in m.value for m in app.markdown)


def test_no_head() -> None:
    app = live()
    assert not app.subheader
    assert notes(app) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"model": "prot_bert", "layer": "3", "head": "17"},
        {"model": "prot_bert", "layer": "0", "head": "1"},
        {"model": "prot_bert", "layer": "3"},
        {"model": "gpt", "layer": "3", "head": "1"},
        {"layer": "three", "head": "1", "model": "prot_bert"},
    ],
)
def test_a_head_that_is_not_there_is_a_note(wrong: dict[str, str]) -> None:
    app = live(**wrong)
    assert not app.subheader
    (note,) = notes(app)
    assert "names no head" in note


def test_the_address_is_never_markup() -> None:
    app = live(model="<img src=x onerror=alert(1)>", layer="1", head="1", **{"<b>": "x"})
    assert notes(app)
    assert "<img" not in "".join(notes(app))
    assert "<b>" not in "".join(notes(app))


def summary(app: AppTest) -> str:
    """Give the line that says what the file holds."""
    (line,) = [text.value for text in app.main.text if "atoms, chain" in text.value]
    return str(line)


def drop(name: str, content: bytes) -> AppTest:
    app = live()
    app.file_uploader[0].set_value((name, content, "text/plain"))
    app.run()
    assert not app.exception
    return app


def test_a_structure_is_shown() -> None:
    app = drop("mine.pdb", PDB.encode())
    assert summary(app) == "mine.pdb: 12 atoms, chains B, A, _"
    (view,) = shown(app)
    assert view["structure"]["text"].count("\nATOM") == 11
    assert notes(app, "alert") == []
    assert any(c.value.startswith("Drawn by 3Dmol.js 2.5.5") for c in app.caption)


def test_many_chains_are_counted() -> None:
    rows = helix(1, "A").splitlines()
    atom = next(row for row in rows if row.startswith("ATOM"))
    at = rows.index(atom)
    rows[at : at + 1] = [atom.replace(" A 1 ALA", f" A{i} 1 ALA") for i in range(62)]
    app = drop("mine.cif", "\n".join(rows).encode())
    assert summary(app).endswith("A11 and 50 more")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "holds no atom"),
        (b"\0\1\2", "is not a text file"),
        (b"ATOM  <script>alert(1)</script>", "coordinates of the atom"),
    ],
)
def test_a_bad_file_is_one_sentence(content: bytes, sentence: str) -> None:
    app = drop("<b>mine</b>.pdb", content)
    (note,) = notes(app, "alert")
    assert sentence in note
    assert "<b>" not in note
    assert shown(app) == []


def test_a_chain_that_is_a_script_stays_text() -> None:
    app = drop("mine.cif", helix(4, ATTACK.replace("'", "")).encode())
    assert shown(app)
    assert "<" not in json.dumps(shown(app))
    assert "<" not in summary(app)
