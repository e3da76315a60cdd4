"""Alignments: what is read is what was written, and weights count near copies."""

from __future__ import annotations

import gzip

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precompute.datasets import find_dataset
from precompute.demo.families import (
    GAP_TOKEN,
    TOKENS,
    deepest,
    hold_out,
    offsets,
    read_family,
    weigh_sequences,
)
from precompute.errors import AtlasError
from tests.families import make_family, sequence_of, write_family


def test_an_alignment_is_read_as_it_was_written(tmp_path):
    family = make_family("PF1", 30, 25, 1)
    read = read_family(write_family(family, tmp_path))
    assert read.accession == "PF1"
    assert read.names == family.names
    np.testing.assert_array_equal(read.rows, family.rows)


def test_dots_lower_case_and_unknown_letters(tmp_path):
    path = tmp_path / "PF1.afa"
    path.write_text(">a\nac.-U\n")
    assert "".join(TOKENS[token] for token in read_family(path).rows[0]) == "AC--X"


def test_the_deepest_come_first_and_lie_behind_one_another(tmp_path):
    sizes = {"PF1": (10, 20), "PF2": (30, 15), "PF3": (20, 12)}
    for seed, (name, (sequences, columns)) in enumerate(sizes.items()):
        write_family(make_family(name, sequences, columns, seed), tmp_path)
    families = deepest(tmp_path, 2)
    assert [family.accession for family in families] == ["PF2", "PF3"]
    assert offsets(families) == {"PF2": 0, "PF3": 15}


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 30), st.integers(4, 12))
def test_weights_equal_a_naive_count(seed, sequences, columns):
    rows = np.random.default_rng(seed).integers(4, 7, (sequences, columns)).astype(np.uint8)
    naive = [
        1 / sum((one == other).sum() >= 0.8 * columns - 1e-9 for other in rows) for one in rows
    ]
    np.testing.assert_allclose(weigh_sequences(rows), naive)


def test_a_twentieth_is_held_out_and_depends_on_nothing_else():
    family = make_family("PF1", 200, 20, 1)
    mask = hold_out(family, 123)
    assert mask.sum() == 10
    np.testing.assert_array_equal(mask, hold_out(make_family("PF1", 200, 20, 2), 123))
    assert (mask != hold_out(family, 124)).any()


def test_sequences_as_a_dataset_have_no_gaps(tmp_path):
    families = [make_family("PF1", 12, 30, 1), make_family("PF2", 7, 20, 2)]
    for family in families:
        write_family(family, tmp_path)
    with find_dataset("families").open(tmp_path) as chains:
        assert len(chains) == 19
        for number in range(12):
            assert chains[number].sequence == sequence_of(families[0], number)
        assert chains[12].identifier == "PF2:S0/1-20"
        assert chains[18].sequence == sequence_of(families[1], 6)


def test_a_row_of_gaps_is_no_protein(tmp_path):
    (tmp_path / "PF1.afa").write_text(">a\nAC\n>b\n-.\n>c\nD-\n")
    (tmp_path / "PF2.afa").write_text(">d\n--\n")
    with find_dataset("families").open(tmp_path) as chains:
        assert chains.identifiers() == ["PF1:a", "PF1:c"]
        assert [chains[number].sequence for number in range(len(chains))] == ["AC", "D"]
        assert chains.aligned(0, 1).tolist() == [[0, 0]]
        assert chains.skipped == {"rows without a residue": 2}
    (tmp_path / "PF1.afa").unlink()
    with pytest.raises(AtlasError, match="no sequence with a residue"):
        find_dataset("families").open(tmp_path)


def test_a_stop_at_the_end_is_no_residue(tmp_path):
    (tmp_path / "PF1.afa").write_text(">a\nAC*-.\n>b\nACDE*\n>c\nAC**-\n>d\n-*---\n>e\nA*\n---\n")
    with find_dataset("families").open(tmp_path) as chains:
        assert chains.identifiers() == ["PF1:a", "PF1:b", "PF1:c", "PF1:e"]
        found = [chains[number].sequence for number in range(len(chains))]
        assert found == ["AC", "ACDE", "AC", "A"]
        assert chains.aligned(0, 1).tolist() == [[0, 0], [1, 1]]
        assert chains.skipped == {"rows without a residue": 1}


@pytest.mark.parametrize("row", ["A*C", "*AC", "AC*--D", "A-**-c", "A*X"])
def test_a_stop_in_the_middle_is_said(tmp_path, row):
    first = "A" * len(row)
    (tmp_path / "PF1.afa").write_text(f">a\n{first}\n>b/1-3 of\n{row}\n>c\n{first}\n")
    with pytest.raises(AtlasError, match=r"has '\*' within b/1-3: that is a stop in the middle"):
        read_family(tmp_path / "PF1.afa")


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("PF1.afa", b"ACD\nACD\n", "no FASTA"),
        ("PF1.afa", b">a\nACD\n>b\nAC\n", "2 to 3 columns"),
        ("PF1.afa", b">a\n>b\n", "not an alignment"),
        ("PF1.afa", b"", "is empty"),
        ("PF1.afa.gz", b"no gzip", "no FASTA"),
        ("PF1.afa.gz", gzip.compress(b">a\nACD\n" * 99, mtime=0)[:24], "truncated"),
        ("PF1.afa", ">a\nAÄ\n".encode(), "neither a residue nor a gap"),
        ("PF1.afa", b">P1;a\nATITLE\nACD*\n", "is PIR"),
        ("PF1.afa", b">a\n1 ACD\n", "neither a residue nor a gap"),
    ],
    ids=[
        "no header",
        "ragged",
        "no letters",
        "empty",
        "no gzip",
        "cut off",
        "no ASCII",
        "PIR",
        "numbers",
    ],
)
def test_a_damaged_alignment_ends_in_a_sentence(tmp_path, name, data, sentence):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(AtlasError, match=sentence):
        read_family(tmp_path / name)


def test_a_folder_without_alignments_ends_in_a_sentence(tmp_path):
    with pytest.raises(AtlasError, match="holds no alignment"):
        deepest(tmp_path, 2)
    with pytest.raises(AtlasError, match="no folder"):
        deepest(tmp_path / "none", 2)


def test_gaps_are_no_residues():
    assert TOKENS[GAP_TOKEN] == "-"
    assert len(set(TOKENS)) == len(TOKENS)
