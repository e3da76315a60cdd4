"""A run of row attention opens on every page as any other run does."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.results.loaded import RESULTS_VARIABLE
from precompute.command_line import main
from precompute.models.weights import WEIGHTS_VARIABLE
from precompute.tables import list_runs
from tests import charts
from tests.msa_checkpoints import write_published

ENTRY = Path(__file__).parents[2] / "streamlit_app.py"
SEED = ENTRY.parent / "tests" / "data" / "PF00072.fasta.gz"
NAME = "MSA Transformer"
READ = "≤ 8 rows, diverse"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run over the seed alignment of PF00072 with random weights."""
    folder = tmp_path_factory.mktemp("row")
    weights = write_published(folder / "weights")
    arguments = ["run", "--model", "esm_msa1b", "--weights", str(weights), "--quiet"]
    arguments += ["--dataset", "alignments", "--data", str(SEED), "--max-length", "80"]
    assert main([*arguments, "--out", str(folder / "out"), "--depth", "8"]) == 0
    return folder / "out"


@pytest.mark.parametrize(
    ("page", "parameters"),
    [
        ("1_Heads", {"models": "esm_msa1b", "feature": "amino_acid:L"}),
        ("3_Amino_acids", {"source": "{key}"}),
        ("4_Substitution", {"source": "{key}"}),
        ("5_Layers", {"source": "{key}", "feature": "amino_acid:L"}),
        ("6_Compare", {"first": "{key}", "second": "{key}", "feature": "amino_acid:L"}),
        ("6_Compare", {"clustered": "{key}"}),
        ("9_Methods", {}),
    ],
)
def test_a_run_of_row_attention_opens(
    page: str, parameters: dict[str, str], results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(page, parameters, results, monkeypatch)
    assert "Ignored" not in html(app)
    assert NAME in html(app)
    assert f"n = 1 alignment, {READ}" in html(app)
    for chart in charts.sent(app):
        if NAME in (said := chart["figure"] + chart["alt"]):
            assert READ in said, chart["alt"]


def test_an_opened_head_leads_to_live_where_its_weights_are(
    results: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    parameters = {"models": "esm_msa1b", "feature": "amino_acid:L", "head": "esm_msa1b.1.2"}
    app = opened("1_Heads", parameters, results, monkeypatch)
    measured_with = str([link.proto for link in app.get("page_link")])
    assert "model=esm_msa1b%3A" in measured_with
    assert "alignment%3APF00076" in measured_with
    (results.parent / "weights").rename(results.parent / "elsewhere")
    app = opened("1_Heads", parameters, results, monkeypatch)
    (results.parent / "elsewhere").rename(results.parent / "weights")
    assert NAME in " ".join(charts.titles(charts.charts(app, "heatmap")[0]))
    assert "Head 1-2" in [heading.value for heading in app.subheader]
    assert "<tbody></tbody>" not in html(app)
    assert "Live has not got its weights." in [one.value for one in app.caption]
    assert "See it live" not in str([link.proto for link in app.get("page_link")])
    write_published(tmp_path / "esm_msa1b")
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(tmp_path))
    app = opened("1_Heads", parameters, results, monkeypatch)
    links = str([link.proto for link in app.get("page_link")])
    assert "See it live" in links
    assert "alignment%3APF00076" in links or "alignment:PF00076" in links


def test_a_head_of_alignments_leads_to_what_its_run_has(
    results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = list_runs(results)["run"].item()
    app = opened("7_Alignments", {"run": run, "head": "1.2"}, results, monkeypatch)
    (link,) = [
        one.proto.query_string
        for one in app.get("page_link")
        if one.proto.label == "Its row attention"
    ]
    address = {name: value for name, (value,) in parse_qs(link).items()}
    assert address["run"] == run
    app = opened("1_Heads", address, results, monkeypatch)
    assert "Head 1-2" in [heading.value for heading in app.subheader]
    assert "There are no values" not in html(app)


def opened(
    page: str, parameters: dict[str, str], results: Path, monkeypatch: pytest.MonkeyPatch
) -> AppTest:
    monkeypatch.setenv(RESULTS_VARIABLE, str(results))
    run = list_runs(results)["run"].item()
    app = AppTest.from_file(str(ENTRY), default_timeout=60)
    app.switch_page(f"pages/{page}.py")
    for name, value in parameters.items():
        app.query_params[name] = value.format(key=f"esm_msa1b:{run}")
    app.run()
    assert not app.exception
    return app


def html(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))
