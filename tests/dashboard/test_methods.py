"""The Methods page's words: generated from the registries, pointing at code that is there."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path

import pytest

from dashboard.page.links import anchor_of
from dashboard.pages.methods import sections
from dashboard.pages.methods.provenance import facts, provenance
from dashboard.results.loaded import RESULTS_VARIABLE, load
from precompute import head_labels
from precompute.datasets import DATASETS
from precompute.features import FEATURES
from precompute.heads import ALPHA
from precompute.models import MODELS
from precompute.tables import RUNS
from tests import measured

ADDRESSES = re.findall(
    r"\S+",
    """arcs-and-shares arc threshold share corrected-share kept-heads background enrichment
resolution intervals-and-tests wald-interval effective-arcs protein-interval z
false-discovery-rate bonferroni list-of-residues agreement one-head offset-profile special-tokens
head-shape head-clusters examples layers layer-mean centre-of-gravity probes contacts
amino-acids-and-substitution similarity
matrix-correlation mantel similarity-intervals clustering two-sources difference distribution
column-attention column-distance column-nulls selectivity column-regression row-order
pairs pair-shares same-family definitions contact binding-site modification own-site
secondary-structure amino-acid offset conservation head-labels inconsistencies data-sets models
provenance citation""",
)
"""Every place of the page that a link can name; links are kept in papers."""


@pytest.fixture
def text(monkeypatch: pytest.MonkeyPatch) -> str:
    """The whole page with the published values alone."""
    monkeypatch.setenv(RESULTS_VARIABLE, "")
    return "\n".join(sections.sections(load()).values())


def test_links_that_are_out_lead_to_their_places(text: str) -> None:
    assert re.findall(r'<h\d id="([^"]+)"', text) == ADDRESSES
    assert re.findall(r"\]\(#([^)]+)\)", sections.contents()) == ADDRESSES
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= set(ADDRESSES)


def test_the_code_of_a_statistic_is_there(text: str) -> None:
    parts = text.partition('id="definitions"')[0].split("<h5 ")[1:]
    assert len(parts) == 39
    for part in parts:
        quoted = re.findall(r"^> .*", part, re.MULTILINE)
        names = re.findall(r"`(precompute[.a-z_A-Z]+)`", " ".join(quoted).partition("Code: ")[2])
        assert names, part
        for name in names:
            module, _, function = name.rpartition(".")
            assert callable(getattr(importlib.import_module(module), function))


def test_every_property_has_a_place(text: str) -> None:
    for name, feature in FEATURES.items():
        assert anchor_of(name) in ADDRESSES
        assert feature.definition in text
        assert feature.eligibility in text
    assert anchor_of("amino_acid:W") == anchor_of("amino_acid:A")
    assert anchor_of("contact") == "contact"


def test_registries_are_written_whole(text: str) -> None:
    for model in MODELS.values():
        assert f"`{model.name}`" in text
    for dataset in DATASETS.values():
        assert f"`{dataset.name}`" in text
    for sentence in head_labels.RULE:
        assert sentence.replace(" %", "\u00a0%") in text
    assert "no measured runs" in text


def test_settings_follow_the_code(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert f"{100 * head_labels.MINIMUM_SHARE:g}\u00a0%" in text
    assert f"{head_labels.MINIMUM_BITS:g} bits" in text
    assert f"α = {ALPHA:g}/m" in text
    assert "{{" not in text
    monkeypatch.setattr("precompute.heads.ALPHA", 0.07)
    anew = sections.page.__wrapped__()
    assert "α = 0.07/m" in anew
    assert "at least 93\u00a0% of repetitions" in anew
    file = Path(sections.__file__).with_name("methods.md").read_text()
    used = set(re.findall(r"\{\{(\w+)\}\}", file))
    assert used == {*sections._settings(), *sections._registries(), "runs"}


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
