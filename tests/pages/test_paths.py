"""No visitor reads where the server's files stand; whoever runs it reads it in the log."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.results.hidden_paths import hide_paths
from dashboard.results.loaded import RESULTS_VARIABLE
from tests.pages.test_changes import VISITS, said, visit
from tests.pages.test_vanishing import become_folders, truncate


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("/srv/atlas/tables/runs.parquet is damaged.", "tables/runs.parquet is damaged."),
        ("/srv/atlas/tables does not exist.", "tables does not exist."),
        ("No such file: '/srv/atlas/tables/a/b.parquet'", "No such file: 'tables/a/b.parquet'"),
        ("/root/.cache/huggingface/hub/x/config.json lacks it.", "config.json lacks it."),
        ("The folder /opt/models/own/ is empty.", "The folder own is empty."),
        ("s3://bucket/folder/runs.parquet is gone.", "s3://bucket/folder/runs.parquet is gone."),
        ("https://x.example/a/b.parquet is gone.", "https://x.example/a/b.parquet is gone."),
        ("mean and/or median; 3/4 of it, 10 km/h", "mean and/or median; 3/4 of it, 10 km/h"),
        ("results/runs.parquet is damaged.", "results/runs.parquet is damaged."),
    ],
)
def test_files_are_named_without_their_place(
    monkeypatch: pytest.MonkeyPatch, sentence: str, shown: str
) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, "/srv/atlas/tables,s3://bucket/folder")
    assert hide_paths(sentence) == shown


@pytest.mark.parametrize("harm", [truncate, become_folders, shutil.rmtree])
def test_no_page_says_where_results_stand(
    harm: object,
    tmp_path: Path,
    results_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    own = tmp_path / "my results"
    shutil.copytree(results_folder, own)
    monkeypatch.setenv(RESULTS_VARIABLE, str(own))
    assert callable(harm)
    harm(own)
    with caplog.at_level(logging.WARNING):
        for page, parameters in VISITS:
            app = visit(page, parameters)
            assert str(tmp_path) not in "".join(e.proto.body for e in app.get("html"))
            assert str(tmp_path) not in "".join(e.value for e in [*app.markdown, *app.caption])
            if page == "":
                assert "my results" in said(app, "alert")
    assert str(own) in caplog.text


def test_what_a_worker_says_has_no_path() -> None:
    def page() -> None:
        from dashboard.page.opening import show_problems

        show_problems(["/models/hub/own/config.json has no number of heads."])

    app = AppTest.from_function(page).run()
    bodies = "".join(element.proto.body for element in app.get("html"))
    assert "config.json has no number of heads" in bodies
    assert "/models" not in bodies
