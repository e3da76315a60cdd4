"""The Methods page's words: generated from the registries, pointing at code that is there."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path

import pytest

from dashboard.page.links import anchor_of
from dashboard.pages.methods import sections
from dashboard.pages.methods.entry import Method
from dashboard.pages.methods.paper import INCONSISTENCIES
from dashboard.pages.methods.provenance import facts, provenance
from dashboard.results.loaded import RESULTS_VARIABLE, load
from precompute import head_labels
from precompute.datasets import DATASETS
from precompute.features import FEATURES
from precompute.heads import ALPHA
from precompute.models import MODELS
from precompute.tables import RUNS
from tests import measured

METHODS = [method for _, _, methods in sections.STATISTICS for method in methods]


def anchors() -> list[str]:
    """Every anchor of the page, in its order."""
    written = [sections.heading(anchor, title) for anchor, title, _ in sections.STATISTICS]
    written += [sections.method_markdown(method) for method in METHODS]
    written += sections.definitions()
    return re.findall(r'data-anchor="([^"]+)"', "\n".join(written))


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.anchor)
def test_the_code_of_a_statistic_is_there(method: Method) -> None:
    for name in method.code:
        module, _, function = name.rpartition(".")
        assert callable(getattr(importlib.import_module(module), function))
    assert method.code


def test_every_property_has_a_place() -> None:
    there = anchors()
    assert len(there) == len(set(there))
    for name, feature in FEATURES.items():
        assert anchor_of(name) in there
        assert feature.definition in "\n".join(sections.definitions())
        assert feature.eligibility in "\n".join(sections.definitions())
    assert anchor_of("amino_acid:W") == anchor_of("amino_acid:A")
    assert anchor_of("contact") == "contact"


def test_every_link_in_the_page_has_its_anchor() -> None:
    ends = [sections.DEFINITIONS, sections.LABELS, sections.INCONSISTENT, sections.DATA]
    ends += [sections.REGISTERED_MODELS, sections.LOADED, sections.CITE]
    there = {*anchors(), *(anchor for anchor, _ in ends)}
    texts = [sections.contents(), sections.inconsistencies(), *(m.text for m in METHODS)]
    linked = re.findall(r"\]\(#([^)]+)\)", "\n".join(texts))
    assert set(linked) <= there
    assert there <= set(re.findall(r"\]\(#([^)]+)\)", sections.contents()))  # nothing is left out


def test_registries_are_written_whole() -> None:
    for model in MODELS.values():
        assert f"`{model.name}`" in sections.models()
    for dataset in DATASETS.values():
        assert f"`{dataset.name}`" in sections.data_sets()
    assert len(INCONSISTENCIES) == 6


def test_settings_follow_the_code() -> None:
    rule = sections.label_rule()
    assert f"{100 * head_labels.MINIMUM_SHARE:g} %" in rule
    assert f"{head_labels.MINIMUM_BITS:g} bits" in rule
    wald = next(method for method in METHODS if method.anchor == "wald-interval")
    assert f"{ALPHA:g}/m" in wald.text


def test_provenance_says_all_of_a_run_but_its_proteins(
    monkeypatch: pytest.MonkeyPatch, results_folder: Path
) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, str(results_folder))
    run = next(run for run in load().runs if run.name == measured.TAPE_RUN)
    row = provenance(run)
    assert set(row) == set(RUNS.column_names) - {"protein_ids", "protein_records"}
    said = dict(facts(row))
    assert said["SHA-256 of the weights"] == "0" * 64
    assert said["SHA-256 of the data"] == "1" * 64
    assert said["sample"] == "seed 0"
    assert said["thresholds"] == "0.30, 0.60"
    assert said["left out or cut"] == "nothing"
    row |= {"seed": None, "skipped": '{"no coordinates": 3}', "versions": '{"torch": "2.13"}'}
    said = dict(facts(row))
    assert said["sample"] == "stored order"
    assert said["left out or cut"] == "no coordinates: 3"
    assert said["versions"] == "torch 2.13"
    files = {f"{n}.pdb": f"{n}.pdb is empty; fetch it anew." for n in range(7)}
    row |= {"skipped": json.dumps({"files that could not be read": 7, "files": files})}
    left_out = dict(facts(row))["left out or cut"]
    assert left_out.startswith("files that could not be read: 7; 0.pdb is empty; fetch it anew; 1.")
    assert left_out.endswith("4.pdb is empty; fetch it anew; and 2 more files")


def test_a_runs_own_words_stay_text(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from precompute.tables import BACKGROUND, HEAD_COUNTS, add_run

    counts = measured.head_counts(measured.count_arcs(measured.own_shares(), 3), "r", "<b>x</b>")
    row = measured.run_row("r", "<b>x</b>", 3, 4, "2026-11-21T00:00:00Z")
    row["command"] = "<script>alert(1)</script>"
    add_run(tmp_path, row, {HEAD_COUNTS: counts, BACKGROUND: measured.background("r")})
    monkeypatch.setenv(RESULTS_VARIABLE, str(tmp_path))
    written = sections.runs_html(load())
    assert "<script>" not in written
    assert "<b>x</b>" not in written
    assert "&lt;script&gt;alert(1)" in written
