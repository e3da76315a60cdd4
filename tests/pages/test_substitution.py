"""The Substitution page: attention beside a matrix, and all models in one table."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.results.loaded import RESULTS_VARIABLE
from precompute.chemistry import BY_CHEMISTRY, LETTERS
from precompute.published import read_published
from precompute.substitution import read_matrix
from precompute.tables import PUBLISHED_AMINO_ACID_CORRELATIONS
from tests import measured
from tests.charts import given

ENTRY = Path(__file__).parents[2] / "streamlit_app.py"
PUBLISHED = {
    "TapeBert": "0.73",
    "ProtAlbert": "0.60",
    "ProtBert": "0.68",
    "ProtBert-BFD": "0.74",
    "ProtXLNet": "0.71",
}
TAPE = f"tape_bert:{measured.TAPE_RUN}"
OWN = f"{measured.OWN_MODEL}:{measured.OWN_RUN}"


@pytest.fixture(autouse=True)
def _no_results(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, "")


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch, results_folder: Path) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, str(results_folder))


def visit(**parameters: str | list[str]) -> AppTest:
    app = AppTest.from_file(str(ENTRY), default_timeout=90)
    app.switch_page("pages/4_Substitution.py")
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def chart(app: AppTest, name: str) -> dict[str, Any]:
    """Give a chart as it was sent: ``attention``, ``scores`` or ``pairs``."""
    (found,) = [
        json.loads(given(element)["figure"])
        for element in app.get("bidi_component")
        if f"substitution_chart_{name}" in element.proto.id
    ]
    return found  # type: ignore[no-any-return]


def says(app: AppTest) -> dict[str, str]:
    return chart(app, "pairs")["layout"]["meta"]["says"]  # type: ignore[no-any-return]


def rows(app: AppTest, heading: str) -> list[list[str]]:
    (table,) = [e.proto.body for e in app.get("html") if heading in e.proto.body]
    body = table.split("<tbody>")[1]
    return [
        [re.sub(r"<[^>]*>", "", cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]
        for row in re.findall(r"<tr.*?</tr>", body)
    ]


def html(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def notes(app: AppTest, role: str = "status") -> list[str]:
    return [e.proto.body for e in app.get("html") if f'role="{role}"' in e.proto.body]


def address(app: AppTest) -> dict[str, list[str]]:
    written = dict(app.query_params)
    return {name: [v] if isinstance(v, str) else list(v) for name, v in written.items()}


def letters(app: AppTest) -> list[str]:
    """Give the amino acids of the first matrix from left to right."""
    return chart(app, "attention")["layout"]["xaxis"]["ticktext"]  # type: ignore[no-any-return]


def titles(app: AppTest, name: str) -> str:
    return " ".join(note["text"] for note in chart(app, name)["layout"]["annotations"])


def test_the_published_numbers() -> None:
    app = visit()
    table = {row[0]: row for row in rows(app, "Mantel p of r")}
    assert {model: row[4].split()[0] for model, row in table.items()} == PUBLISHED
    assert all(row[8] == "≤ 0.0001" for row in table.values())
    for model, row in table.items():
        low, high = (float(end) for end in row[5].split(" to "))
        assert low - 0.005 <= float(PUBLISHED[model]) <= high + 0.005
    assert table["ProtAlbert"][6] == ""  # the paper draws none
    assert any("The paper prints 0.73 for TapeBert" in c.value for c in app.caption)
    assert notes(app) == notes(app, "alert") == []
    assert address(app) == {}


def test_the_papers_own_figure_agrees() -> None:
    app = visit(source="prot_xlnet:published", shown="figure")
    said = next(c.value for c in app.caption if "own figure of these correlations" in c.value)
    agree = int(re.findall(r"(\d+) of 190 pairs agree", said)[0])
    assert agree >= 180
    table = read_published(PUBLISHED_AMINO_ACID_CORRELATIONS).query("model == 'prot_xlnet'")
    for pair, words in says(app).items():
        value = table[(table["amino_acid_1"] == pair[0]) & (table["amino_acid_2"] == pair[1])][
            "correlation"
        ].iloc[0]
        shown = float(re.findall(r"figure (\S+) ±", words)[0].replace("−", "-"))
        assert shown == pytest.approx(value, abs=0.0005001)
    assert "as the paper draws it" in titles(app, "attention")


def test_a_model_without_a_figure() -> None:
    app = visit(source="prot_albert:published", shown="difference")
    assert "draws no correlations of ProtAlbert" in html(app)
    assert len(says(app)) == 190


@pytest.mark.parametrize("order", ["chemistry", "alphabet", "clustering"])
def test_orders(order: str) -> None:
    app = visit(order=order, source="tape_bert:published")
    shown = letters(app)
    expected = {"chemistry": list(BY_CHEMISTRY), "alphabet": list(LETTERS)}
    assert sorted(shown) == list(LETTERS)
    assert shown == expected.get(order, shown)
    drawn = [trace["type"] for trace in chart(app, "attention")["data"]]
    assert drawn == ["heatmap", "scatter"][: 1 + (order == "clustering")]  # its tree
    assert chart(app, "scores")["layout"]["xaxis"]["ticktext"] == shown


@pytest.mark.parametrize("matrix", ["PAM250", "MCLACHLAN", "GONNET1992"])
def test_another_matrix(matrix: str) -> None:
    app = visit(matrix=matrix)
    assert matrix in titles(app, "scores")
    scores = read_matrix(matrix)
    at = {letter: place for place, letter in enumerate(LETTERS)}
    said = says(app)
    for pair in ("AC", "IV", "WY"):
        score = f"{scores[at[pair[0]], at[pair[1]]]:g}".replace("-", "−")
        assert f"{matrix} {score}," in said[pair]
    assert not any("The paper prints" in c.value for c in app.caption)


def test_pairs_furthest_from_the_line() -> None:
    app = visit()
    found = rows(app, "standardised")
    residuals = [abs(float(row[5].replace("−", "-"))) for row in found]
    assert len(found) == 10
    assert residuals == sorted(residuals, reverse=True)
    for row in found:
        r, expected = row[2].split()[0], row[3]
        difference = float(r.replace("−", "-")) - float(expected.replace("−", "-"))
        assert float(row[4].replace("−", "-")) == pytest.approx(difference, abs=0.0151)


@pytest.mark.usefixtures("runs")
def test_runs_beside_the_published_values() -> None:
    app = visit(source=TAPE, threshold="0.60")
    table = rows(app, "Mantel p of r")
    assert len(table) == 7
    mine = next(row for row in table if row[0] == "TapeBert" and "measured" in row[1])
    assert mine[2] == "0.60"
    assert mine[5] == mine[6] == ""  # nothing was drawn
    # the run's arcs were drawn at random from the paper's own shares
    assert float(mine[4].split()[0]) == pytest.approx(0.73, abs=0.05)
    own = next(row for row in table if row[0] == measured.OWN_MODEL)
    assert own[2] == "0.30"
    # 11 heads of random shares know nothing of chemistry
    assert float(own[8]) > 0.001
    assert not [c for c in app.button_group if c.key == "substitution_shown"]


@pytest.mark.usefixtures("runs")
def test_too_few_heads_are_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from precompute.tables import BACKGROUND, HEAD_COUNTS, add_run

    counts = measured.count_arcs(measured.own_shares(), 3, arcs_a_protein=1)
    row = measured.run_row("few", "own", 3, 4, "2026-11-21T00:00:00Z")
    tables = {
        HEAD_COUNTS: measured.head_counts(counts, "few", "own"),
        BACKGROUND: measured.background("few"),
    }
    add_run(tmp_path, row, tables)
    monkeypatch.setenv(RESULTS_VARIABLE, str(tmp_path))
    app = visit(source="own:few", threshold="0.60")
    assert "correlations need at least 3" in html(app)
    assert len(notes(app, "alert")) == 1
    assert len(rows(app, "Mantel p of r")) == 5


def test_a_choice_is_written_to_the_address() -> None:
    app = visit()
    app.selectbox(key="substitution_matrix").select("PAM30").run()
    assert address(app) == {"matrix": ["PAM30"]}
    app.button_group(key="substitution_order").set_value("alphabet").run()
    assert not app.exception
    assert address(app) == {"matrix": ["PAM30"], "order": ["alphabet"]}
    assert letters(app) == list(LETTERS)
    app.query_params.clear()  # as Back does
    app.run()
    assert "BLOSUM62" in titles(app, "scores")


@pytest.mark.parametrize(
    "parameters",
    [
        {"matrix": "<script>alert(1)</script>"},
        {"matrix": "BLASTN"},
        {"matrix": "../../etc/passwd", "order": "**"},
        {"source": "gpt:published"},
        {"shown": "[x](javascript:alert(1))"},
        {"threshold": "2"},
        {"x": "y" * 4000},
    ],
)
def test_wrong_values_are_ignored_with_a_note(parameters: dict[str, str]) -> None:
    app = visit(**parameters)  # type: ignore[arg-type]
    assert len(notes(app)) == 1
    assert notes(app)[0].count("Ignored") == len(parameters)
    assert "<script" not in html(app)
    assert len(says(app)) == 190


def test_a_run_that_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch, results_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "results"
    shutil.copytree(results_folder, folder)
    path = folder / "head_counts" / f"{measured.OWN_RUN}.parquet"
    path.write_bytes(path.read_bytes()[:300])
    monkeypatch.setenv(RESULTS_VARIABLE, str(folder))
    app = visit(source=OWN)
    assert len(notes(app, "alert")) == 1
    assert len(rows(app, "Mantel p of r")) == 6
    good = visit()
    assert len(says(good)) == 190


def test_neither_page_imports_torch_or_matplotlib(results_folder: Path) -> None:
    """Run both pages in a process of their own and look at what it has loaded."""
    script = """
import sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file(sys.argv[1], default_timeout=120)
for page in ("pages/3_Amino_acids.py", "pages/4_Substitution.py"):
    app.switch_page(page)
    app.run()
    assert not app.exception
    heavy = {"torch", "transformers", "matplotlib", "sklearn", "statsmodels"} & set(sys.modules)
    assert not heavy, heavy
    assert ("Bio" in sys.modules) == ("Substitution" in page)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(ENTRY)],
        cwd=ENTRY.parent,
        env={**os.environ, RESULTS_VARIABLE: str(results_folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
