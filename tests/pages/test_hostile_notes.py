"""What a results folder says of its runs in JSON, on the pages that read it."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from dashboard.results.loaded import RESULTS_VARIABLE
from precompute.tables import BACKGROUND, HEAD_COUNTS, add_run
from tests import measured
from tests.pages.test_changes import visit

NOTES = {
    "deep": "[" * 100_000 + "]" * 100_000,
    "a long number": f'{{"a": {"9" * 5_000}}}',
    "a folder with NUL": json.dumps({"checkpoint": {"folder": "/a\0b", "files": "x"}}),
    "a folder of half a sign": json.dumps({"checkpoint": {"folder": "/\ud800", "files": "x"}}),
    "half a sign": json.dumps({"rows of alignments": "\ud800", "a": "\udfff"}),
}


@pytest.fixture(scope="module")
def counted() -> pd.DataFrame:
    return measured.count_arcs(measured.own_shares(), 0, arcs_a_protein=10)


@pytest.mark.parametrize("kind", NOTES)
def test_notes_of_any_kind_break_no_page(
    kind: str, counted: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = measured.run_row("run", "own_model", 3, 4, "2026-11-22T00:00:00Z")
    counts = measured.head_counts(counted, "run", "own_model")
    add_run(
        tmp_path,
        row.assign(notes=NOTES[kind], skipped=NOTES[kind]),
        {HEAD_COUNTS: counts, BACKGROUND: measured.background("run")},
    )
    monkeypatch.setenv(RESULTS_VARIABLE, str(tmp_path))
    for page in ("", "2_Live", "9_Methods"):
        visit(page, {})  # says that there is no exception


def test_a_folder_whose_name_is_no_text_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, f"{tmp_path}/\udce9,zip://a::{tmp_path}/none.zip")
    for page in ("", "1_Heads"):
        visit(page, {})
