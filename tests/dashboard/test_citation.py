"""What is cited: the facts of CITATION.cff, and a work for everything that is used."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from dashboard.figures.heads.heads_print import heads_figure
from dashboard.figures.look.citation import PAPER, SOFTWARE, bibtex, entries, works_of
from dashboard.figures.printing import shell
from dashboard.figures.printing.words import print_source
from dashboard.figures.top_heads.top_heads_print import top_heads_figure
from dashboard.results.frames import top_heads
from dashboard.results.sources import HeadSource, Run
from precompute.datasets import DATASETS
from precompute.features import PAPER_FEATURES
from precompute.models import MODELS

ROOT = Path(__file__).parents[2]


def fields(text: str) -> dict[str, dict[str, str]]:
    """Read BibTeX: entries by key, with their fields; braces must be balanced."""
    found = {}
    for kind, key, body in re.findall(r"@(\w+)\{(\w+),\n(.*?)\n\}\n", text, re.DOTALL):
        own = dict(re.findall(r"^  (\w+) *= \{(.*)\},$", body, re.MULTILINE))
        assert len(own) == len(body.splitlines())
        for value in own.values():
            depth = 0
            for letter in value:
                depth += {"{": 1, "}": -1}.get(letter, 0)
                assert depth >= 0
            assert depth == 0
        found[key] = {"kind": kind, **own}
    assert len(found) == text.count("@")
    return found


def test_software_and_paper_are_those_of_the_citation_file() -> None:
    facts = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    found = fields(bibtex())
    assert list(found) == [SOFTWARE, PAPER]
    software, paper = found.values()
    assert software["title"].strip("{}") == facts["title"]
    assert software["author"].strip("{}") == facts["authors"][0]["name"]
    assert software["note"] == f"Version {facts['version']}, {facts['license']}"
    (reference,) = facts["references"]
    assert re.sub(r"[{}]", "", paper["title"]) == reference["title"]
    names = [f"{who['family-names']}, {who['given-names']}" for who in reference["authors"]]
    assert paper["author"] == " and ".join(names)
    assert paper["year"] == str(reference["year"])
    assert paper["booktitle"] == reference["collection-title"]
    assert f"arXiv:{paper['eprint']}" == reference["identifiers"][0]["value"]


def test_every_work_is_whole_and_plain() -> None:
    file = (ROOT / "dashboard" / "figures" / "look" / "references.bib").read_text()
    text = bibtex(entries())
    assert text == file  # nothing of the file is lost, and no key stands there twice
    assert text.isascii()
    found = fields(text)
    assert list(found) == list(entries())
    for key, work in found.items():
        assert {"author", "title", "year"} <= set(work)
        assert "journal" in work or work["kind"] != "article"
        assert "booktitle" in work or work["kind"] != "inproceedings"
        if "doi" in work:
            assert re.fullmatch(r"10\.\d{4,}/\S+", work["doi"])
        if key != SOFTWARE:
            assert key.endswith(work["year"])
            family = re.split(",| and ", work["author"])[0].lower()
            assert key.startswith(family)


def test_everything_that_is_used_has_its_work() -> None:
    for model in MODELS.values():
        assert works_of([model.name]) or model.ships, model.name
    for dataset in DATASETS:
        assert works_of(datasets=[dataset]), dataset
    for feature in PAPER_FEATURES:
        assert works_of(features=[feature]) or feature.startswith("amino_acid:")
    known = works_of(MODELS, DATASETS, PAPER_FEATURES)
    assert set(known) <= set(entries())
    assert len(known) == len(set(known))
    assert works_of(["a-model-of-my-own"], ["my-data"]) == ()


@pytest.mark.parametrize(
    ("model", "feature", "expected"),
    [
        ("tape_bert", "contact", {"rao2019", "alquraishi2019"}),
        ("prot_bert", "secondary_structure:helix", {"elnaggar2022", "klausen2019", "rao2019"}),
        ("prot_albert", "binding_site", {"elnaggar2022", "berman2000"}),
        ("prot_xlnet", "amino_acid:P", {"elnaggar2022"}),
    ],
)
def test_a_figure_cites_its_model_and_data(model: str, feature: str, expected: set[str]) -> None:
    tables = shell.read_paper(model)
    frame, source = tables.frames[feature], print_source([tables], [feature])
    assert set(heads_figure(frame, source).source.cite) == expected
    assert set(top_heads_figure(top_heads(frame), source).source.cite) == expected


def test_a_figure_of_two_sources_cites_what_both_rest_on() -> None:
    """As the map of differences does, whose frame has no column of data sets."""
    run = Run("one", "results", "prot_bert", "binding_sites", 9, 99, 30, 16, "2026-01-01", "0" * 64)
    measured = replace(shell.read_paper("prot_bert"), source=HeadSource("prot_bert", "P", run))
    own, both = (
        set(print_source(shown, ["contact"]).cite)
        for shown in ([measured], [measured, shell.read_paper("tape_bert")])
    )
    assert own == {"elnaggar2022", "berman2000"}
    assert both == own | {"rao2019", "alquraishi2019"}
