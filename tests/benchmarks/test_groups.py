"""The groups: all can be run, cover what they say, and measure what they should."""

from __future__ import annotations

import importlib
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from benchmarks import alignments, contacts
from benchmarks.__main__ import GROUPS
from benchmarks.chains import EXAMPLES, made_chain, real_chains, write_chains
from benchmarks.changes import CHANGES
from benchmarks.checkpoints import SMALL, make_random
from benchmarks.cost import some_features, time_pass
from benchmarks.device import measure_model
from benchmarks.merge import made_tally
from benchmarks.options import Options
from benchmarks.pages import VISITS
from benchmarks.publish import WIDE
from benchmarks.scaling import even_shards
from benchmarks.timing import LEAST, time_in_turn
from dashboard.page.opening import PAGES
from precompute.datasets import DATASETS
from precompute.resumed import SHARD_WEIGHTS
from precompute.shards import split_shards


@pytest.mark.parametrize("name", GROUPS)
def test_a_group_defines_itself(name: str) -> None:
    module = importlib.import_module(f"benchmarks.{name}")
    assert name == module.GROUP
    assert len(module.DEFINITION) > 100
    assert callable(module.rows)


def test_every_page_is_visited_and_every_page_with_controls_changed() -> None:
    pages = {page.label for page in PAGES.values()}
    assert {visit.name.partition(",")[0] for visit in VISITS} == pages
    changed = {change.name.partition(",")[0].partition(":")[0] for change in CHANGES}
    assert changed == pages - {"Home", "Methods", "Live"}  # Live's are in benchmarks.redraw
    assert [change.name for change in CHANGES if change.measured] == [
        "Contacts: another separation"
    ]


def test_things_are_timed_in_turn_after_a_round_that_warms() -> None:
    done: list[str] = []
    seconds = time_in_turn({"a": lambda: done.append("a"), "b": lambda: done.append("b")}, 2)
    assert done == ["a", "b"] * 3
    assert [len(values) for values in seconds.values()] == [2, 2]
    slow = time_in_turn({"a": lambda: None}, 9, enough=0.0)
    assert [len(values) for values in slow.values()] == [LEAST]


def test_the_longest_examples_come_first() -> None:
    lengths = [len(chain) for chain in real_chains(None, 9)]
    assert lengths == sorted(lengths, reverse=True)
    assert len(lengths) == len(EXAMPLES)


def test_made_chains_have_contacts_and_are_read_back(tmp_path: Path) -> None:
    states = made_chain(300).contact_states()
    assert states is not None
    assert 0.01 < (states == 1).mean() < 0.2
    write_chains(tmp_path / "chains.lmdb", [40, 50])
    with DATASETS["proteinnet"].open(tmp_path / "chains.lmdb") as chains:
        assert [chain.sequence for chain in (chains[0], chains[1])] == [
            made_chain(40, seed=0).sequence,
            made_chain(50, seed=1).sequence,
        ]


def test_sets_of_properties_contain_smaller_ones() -> None:
    sets = [set(some_features(count).names) for count in (2, 4, 16, 49)]
    assert [len(own) for own in sets] == [2, 4, 16, 49]
    assert all(small < large for small, large in pairwise(sets))
    smallest = some_features(2)
    assert smallest.pair_names
    assert smallest.residue_names


def test_shards_of_the_scaling_run_are_even_in_number() -> None:
    lengths = even_shards(30)
    assert len(lengths) >= 30
    assert len(split_shards(lengths, SHARD_WEIGHTS["cpu"])) % 2 == 0


def test_counting_is_part_of_a_pass(tmp_path: Path) -> None:
    adapter = make_random(tmp_path, "tape_bert", shape=SMALL)
    seconds = time_pass(adapter, made_chain(30), some_features(4))
    assert 0 < seconds.counting < seconds.whole


def test_a_pass_over_an_alignment_is_timed_with_its_limit() -> None:
    (row,) = alignments.time_rows(Options(quick=True))
    assert row.what == "MSA Transformer, 64 rows × 128 columns"
    assert [len(one.values) for one in row.absolutes] == [2, 2]
    assert row.limit == alignments.LIMIT


def test_contacts_are_timed_beside_counting_with_their_limit() -> None:
    learnt, scored = contacts.rows(Options(quick=True))
    assert [learnt.what, scored.what] == [
        "a protein learnt from",
        "a protein scored",
    ]
    for row in (learnt, scored):
        assert row.limit == contacts.LIMIT
        assert row.beside == "whole pass of counting"


def test_a_made_tally_has_counts_everywhere() -> None:
    tally = made_tally(2, 3, 5)
    assert tally.hits.shape == (2, 3, 5, 17)
    assert all(bool((getattr(tally, name) >= 0).all()) for name in ("arcs", "hits", "examples"))
    assert bool(tally.hits.any())


def test_the_device_group_works_on_any_device(tmp_path: Path) -> None:
    chains = [made_chain(length) for length in (120, 150)]
    options = Options(quick=True)
    adapter = make_random(tmp_path, "tape_bert", shape=SMALL)
    rows = list(measure_model(options, "TAPE BERT", adapter, chains, torch.device("cpu"), 2))
    assert [row.what.rpartition(", ")[2] for row in rows] == ["float32", "bfloat16"]
    for row in rows:
        assert [one.unit for one in row.absolutes] == ["s", "s", "proteins/s", "%", "arcs"]
    exact, rounded = (row.absolutes[-2].values[0] for row in rows)
    assert exact == 0
    assert rounded > 0
    assert rows[0].absolutes[-1].values[0] > 0


def test_a_gpu_node_needs_no_package_of_the_dashboard() -> None:
    """Nothing that the group `device` imports is one of the dashboard or of a browser."""
    code = (
        "import sys, benchmarks.__main__, benchmarks.device\n"
        "print(*sorted({'streamlit', 'plotly', 'playwright', 'dashboard'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_the_wide_table_is_of_a_group() -> None:
    assert WIDE in GROUPS
