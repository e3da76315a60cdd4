"""The Methods page: opens, says what is loaded, and survives what cannot be read."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.results.loaded import RESULTS_VARIABLE
from precompute.features import FEATURES
from precompute.head_labels import RULE
from tests import measured

ENTRY = Path(__file__).parents[2] / "streamlit_app.py"


def methods(results: str, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv(RESULTS_VARIABLE, results)
    app = AppTest.from_file(str(ENTRY), default_timeout=60)
    app.switch_page("pages/9_Methods.py").run()
    assert not app.exception
    return app


def html(app: AppTest) -> str:
    written = [
        json.loads(part.proto.json)["html"]
        for part in app.get("bidi_component")
        if "prose" in part.proto.id
    ]
    return "\n".join([*(element.proto.body for element in app.get("html")), *written])


def test_it_opens_with_the_published_values_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    app = methods("", monkeypatch)
    said = html(app)
    assert FEATURES["contact"].definition in said
    for sentence in RULE:
        assert sentence.replace(" %", "\u00a0%") in said
    assert "@inproceedings{vig2021" in app.code[0].value


def test_it_says_what_is_loaded(monkeypatch: pytest.MonkeyPatch, results_folder: Path) -> None:
    said = html(methods(str(results_folder), monkeypatch))
    for run in (measured.TAPE_RUN, measured.OWN_RUN):
        assert run in said
    assert "0" * 64 in said
    assert "made up" in said


def test_a_folder_that_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch, results_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "results"
    shutil.copytree(results_folder, folder)
    (folder / "runs.parquet").write_bytes(b"PAR1 nothing")
    app = methods(str(folder), monkeypatch)
    assert 'role="alert"' in html(app)


def test_an_address_of_another_page_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, "")
    app = AppTest.from_file(str(ENTRY), default_timeout=60)
    app.switch_page("pages/9_Methods.py")
    app.query_params["feature"] = "<img src=x onerror=alert(1)>"
    app.run()
    assert not app.exception
    assert "<img" not in html(app)
