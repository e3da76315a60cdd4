"""Prose beside the pages' code: parts by name, and the numbers of the code in it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from dashboard.page.prose import read_prose
from dashboard.pages.compare import words as compare
from dashboard.pages.heads import words as heads
from dashboard.pages.layers import words as layers
from dashboard.pages.substitution import words as substitution
from precompute.differences import DRAWN, INSIDE, TESTED
from precompute.heads import ALPHA
from precompute.layers import DRAWS, LEVEL, SEED
from precompute.published import MINIMUM_ARCS
from precompute.similarity import RESAMPLES
from precompute.substitution import PERMUTATIONS


def test_parts_are_paragraphs_of_one_line_each(tmp_path: Path) -> None:
    path = tmp_path / "words.md"
    path.write_text("# one\n\nA line\nthat is broken.\n\nAnother {n}.\n\n# two\n\n**B**\n")
    assert read_prose(path) == {"one": "A line that is broken.\n\nAnother {n}.", "two": "**B**"}


def test_layers_are_defined_with_the_numbers_of_the_code() -> None:
    said = layers.prose("definition")
    for number in (f"{DRAWS:,} bootstrap", f"seed {SEED}", f"{LEVEL:.0%}", f"{MINIMUM_ARCS} arcs"):
        assert number in said
    assert f"({DRAWS:,} draws)" in layers.prose("centres")
    assert "{" not in said + layers.prose("centres") + layers.prose("probes")


@pytest.mark.parametrize(
    ("basis", "begins"), [(TESTED, "**z**"), (INSIDE, "**Agree**"), (DRAWN, "**Agree**")]
)
def test_a_verdict_is_defined_by_what_it_rests_on(basis: str, begins: str) -> None:
    said = compare.definition(SimpleNamespace(basis=basis, threshold="0.60"))  # type: ignore[arg-type]
    first, second, *_ = said.split("\n\n")
    assert "threshold 0.60;" in first
    assert second.startswith(begins)
    assert "{" not in said
    assert (f"rate {ALPHA:g}**" in said) == (basis == TESTED)


@pytest.mark.parametrize(
    ("run", "denominator", "says"),
    [
        (None, "published", "paper’s definition"),
        (SimpleNamespace(), "published", "of which the paper gives none"),
        (SimpleNamespace(), "corrected", "for which the property is defined"),
    ],
)
def test_heads_are_defined_by_their_source_and_denominator(
    run: object, denominator: str, says: str
) -> None:
    panel = SimpleNamespace(feature="contact", run=run, denominator=denominator, threshold=0.6)
    said = heads.definition(panel)  # type: ignore[arg-type]
    assert says in said
    assert "at least 0.60." in said
    assert "{" not in said
    assert ("**Interval**" in said) == (run is not None)
    assert said.endswith("(Methods#contact).")


def test_substitution_is_defined_with_the_numbers_of_the_code() -> None:
    said = substitution.prose("models", printed=" The paper prints 0.73.")
    for number in (f"{RESAMPLES:,} samples", f"{PERMUTATIONS:,} permutations", "prints 0.73."):
        assert number in said
    assert "**Similarity to PAM30**" in substitution.prose("definition", matrix="PAM30")
    assert "{" not in said + substitution.prose("furthest")
