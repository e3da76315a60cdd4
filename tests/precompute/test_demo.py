"""The demo as it ships: its size, its tables, and contacts that it was never shown."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from precompute.demo import MODEL_FOLDER, RESULTS_FOLDER
from precompute.demo.card import eligible_arcs, replace_arcs
from precompute.demo.families import NAMES
from precompute.demo.quality import attend_solved, precision
from precompute.errors import AtlasError
from precompute.examples import list_examples, load_example
from precompute.models import find_model
from precompute.models.loading import Checkpoint
from precompute.models.weights import find_weights
from precompute.tables import BACKGROUND, HEAD_COUNTS, HEAD_SHAPE, list_runs, read_table

STRUCTURES = "demo-structures-709e4800"
CARD = (MODEL_FOLDER / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def adapter():
    model = find_model("demo")
    return Checkpoint(model, find_weights(model, None, print)).load()


@pytest.fixture(scope="module")
def solved(adapter):
    """Every example of the model's families under the model."""
    found = {}
    for entry in list_examples():
        chain = load_example(entry.name).engine_chain()
        placement = adapter.place(chain.sequence)
        if placement is not None:
            betas = np.where(chain.resolved[:, None], chain.alpha_carbons, np.nan)
            found[placement.accession] = attend_solved(adapter, placement.accession, chain, betas)
    return found


def test_the_demo_is_small_and_of_the_shape_it_is_listed_with(adapter):
    model = find_model("demo")
    config = json.loads((MODEL_FOLDER / "config.json").read_text())
    assert (adapter.layers, adapter.heads) == (model.layers, model.heads)
    assert config["hidden_size"] == model.width
    assert (MODEL_FOLDER / "model.safetensors").stat().st_size < 12e6
    parameters = sum(weight.numel() for weight in adapter.encoder.parameters())
    assert parameters < 6e6


def test_each_family_has_an_example(solved):
    assert set(solved) == set(NAMES)


def test_heads_find_contacts_they_were_never_shown(solved):
    """Best head and maximum over heads, far above the share of pairs in contact."""
    one = solved["PF00072"]
    contacts = one.contacts["alpha"]
    best = max(precision(scores, contacts, one.residues) for scores in one.scores)
    most = precision(one.scores.max(axis=0), contacts, one.residues)
    assert best > 5 * contacts.mean()
    assert most > 5 * contacts.mean()
    above = [
        max(
            precision(scores, family.contacts["alpha"], family.residues // 5)
            for scores in family.scores
        )
        > 2 * family.contacts["alpha"].mean()
        for family in solved.values()
    ]
    assert all(above)


def test_contacts_are_lost_when_the_structure_is_shuffled(solved):
    """The same scores against contacts of the same number, drawn at random."""
    one = solved["PF00072"]
    generator = np.random.default_rng(0)
    most = one.scores.max(axis=0)
    true = precision(most, one.contacts["alpha"], one.residues)
    shuffled = [
        precision(most, generator.permutation(one.contacts["alpha"]), one.residues)
        for _ in range(200)
    ]
    assert true > max(shuffled)


def test_the_card_has_the_numbers_that_the_model_gives(solved):
    table = CARD[CARD.index("C-alpha < 8") : CARD.index("C-beta < 8")]
    rows = re.findall(r"^\| (PF\d+) \|(.+)\|$", table, flags=re.MULTILINE)
    assert len(rows) == len(solved)
    for accession, rest in rows:
        cells = [cell.strip() for cell in rest.split("|")]
        one = solved[accession]
        contacts, L = one.contacts["alpha"], one.residues
        by_head = [precision(scores, contacts, L) for scores in one.scores]
        assert int(cells[1]) == L
        assert cells[2] == f"{contacts.mean():.3f}"
        assert cells[3] == f"1-{int(np.argmax(by_head)) + 1}"
        # The examples' coordinates are rounded to 0.001 Å, and the chains are the same.
        assert float(cells[4]) == pytest.approx(max(by_head), abs=0.006)
        assert float(cells[6]) == pytest.approx(
            precision(one.scores.max(axis=0), contacts, L), abs=0.006
        )


def test_the_card_and_the_documentation_have_the_arcs_of_the_results():
    counts = read_table(str(RESULTS_FOLDER), HEAD_COUNTS, run=STRUCTURES)
    ours = eligible_arcs(counts)
    table = CARD[CARD.index("| attention ≥") : CARD.index("## Limits")]
    rows = [line.strip("| ").split(" | ") for line in table.strip().splitlines()[2:]]
    assert rows == [[str(cell) for cell in row] for row in ours.to_numpy()]
    contact = counts[counts["feature"] == "contact"]
    said = (Path(__file__).parents[2] / "docs" / "demo.md").read_text(encoding="utf-8")
    words = " ".join(said.split())
    for threshold in (0.1, 0.3):
        both = contact[contact["threshold"].sub(threshold).abs() < 1e-6][["hits", "eligible"]].sum()
        assert f"{both['hits']:,}" in words
        assert f"{both['eligible']:,} " in words


def test_an_older_card_takes_the_arcs_of_newer_results(tmp_path):
    card = tmp_path / "README.md"
    ours = eligible_arcs(read_table(str(RESULTS_FOLDER), HEAD_COUNTS, run=STRUCTURES))
    card.write_text(re.sub(r"(?m)^\| 0\.[13] \|.*\n", "", CARD, count=4), encoding="utf-8")
    assert card.read_text(encoding="utf-8") != CARD
    replace_arcs(card, ours)
    assert card.read_text(encoding="utf-8") == CARD
    card.write_text("# Another", encoding="utf-8")
    with pytest.raises(AtlasError, match="make the card anew"):
        replace_arcs(card, ours)


def test_the_results_know_what_heads_are_like():
    """Every table that a run of today writes is there for both runs, for every head."""
    for run in list_runs(str(RESULTS_FOLDER))["run"]:
        shapes = read_table(str(RESULTS_FOLDER), HEAD_SHAPE, run=run)
        assert sorted(shapes["head"]) == list(range(1, 17)), run


def test_a_protein_of_another_family_is_refused_with_the_known_ones(adapter):
    chain = load_example("2d1l").engine_chain()
    with pytest.raises(AtlasError, match="response regulator receiver domain"):
        adapter.encode(chain.sequence)


def test_the_tables_open_and_say_what_was_left_out():
    runs = list_runs(str(RESULTS_FOLDER))
    assert set(runs["dataset"]) == {"structures", "families"}
    for row in runs.to_dict("records"):
        assert row["model"] == "demo"
        assert json.loads(row["skipped"])["chains that the model cannot read"] > 0
        counts = read_table(str(RESULTS_FOLDER), HEAD_COUNTS, run=row["run"])
        assert len(counts[["layer", "head"]].drop_duplicates()) == row["layers"] * row["heads"]
        assert len(read_table(str(RESULTS_FOLDER), BACKGROUND, run=row["run"])) > 0


def test_arcs_are_contacts_more_often_than_pairs_are():
    """From the shipped tables: over all heads, at 0.1 and at 0.3."""
    runs = list_runs(str(RESULTS_FOLDER))
    run = runs[runs["dataset"] == "structures"].iloc[0]["run"]
    counts = read_table(str(RESULTS_FOLDER), HEAD_COUNTS, run=run)
    background = read_table(str(RESULTS_FOLDER), BACKGROUND, run=run)
    own = background[background["feature"] == "contact"].iloc[0]
    rate = own["positives"] / own["eligible"]
    for threshold in (0.1, 0.3):
        at = counts[
            (counts["feature"] == "contact") & ((counts["threshold"] - threshold).abs() < 1e-6)
        ]
        assert at["arcs"].sum() >= 100
        assert at["hits"].sum() / at["eligible"].sum() > 3 * rate
