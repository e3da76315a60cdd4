"""Families by sequence: relatives together, and none of them on both sides of a split."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from precompute.errors import AtlasError
from precompute.families_split import draw_families, find_families

LETTERS = "ACDEFGHIKLMNPQRSTVWY"
PROGRAM = "mmseqs"


def _random(generator: np.random.Generator, length: int) -> str:
    return "".join(generator.choice(list(LETTERS), length))


def _changed(sequence: str, generator: np.random.Generator, share: float) -> str:
    changed = generator.random(len(sequence)) < share
    letters = generator.choice(list(LETTERS), len(sequence))
    return "".join(np.where(changed, letters, list(sequence)))


@pytest.fixture
def planted() -> tuple[list[str], list[int]]:
    """Thirty families of one to four members, half of a member's residues replaced."""
    generator = np.random.default_rng(5)
    sequences, families = [], []
    for family in range(30):
        first = _random(generator, int(generator.integers(60, 200)))
        sequences.append(first)
        families.append(family)
        for _ in range(family % 4):
            sequences.append(_changed(first, generator, 0.5))
            families.append(family)
    order = generator.permutation(len(sequences))
    return [sequences[place] for place in order], [families[place] for place in order]


@pytest.fixture
def without_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def _same_partition(labels: np.ndarray, families: list[int]) -> bool:
    pairs = set(zip(labels.tolist(), families, strict=True))
    return len(pairs) == len(set(families)) == len(set(labels.tolist()))


def test_words_find_planted_families(
    planted: tuple[list[str], list[int]], without_program: Path
) -> None:
    sequences, families = planted
    found = find_families(sequences)
    assert _same_partition(found.labels, families)
    assert "words" in found.method


@pytest.mark.skipif(
    shutil.which(PROGRAM) is None, reason="MMseqs2 is not installed here; words take its place."
)
def test_program_finds_planted_families(planted: tuple[list[str], list[int]]) -> None:
    sequences, families = planted
    found = find_families([*sequences, "MK", "XXXX"])
    assert _same_partition(found.labels, [*families, 30, 31])
    assert "MMseqs2" in found.method


def test_short_unknown_and_rare_residues_are_families_of_their_own(without_program: Path) -> None:
    sequences = ["MK", "MK", "X" * 50, "X" * 50, "A", "U" * 40, "MKUOBZ" * 9]
    assert find_families(sequences).labels.tolist() == [0, 0, 1, 1, 2, 3, 4]
    assert find_families([]).count == 0


def test_no_relative_of_what_is_learnt_from_is_scored(
    planted: tuple[list[str], list[int]], without_program: Path
) -> None:
    sequences, families = planted
    found = find_families(sequences)
    learnt, scored = draw_families(found, sequences, 20, seed=7)
    assert len({families[place] for place in learnt}) == len(learnt) == 20
    assert {families[place] for place in scored} == set(range(30)) - {
        families[place] for place in learnt
    }


def test_a_relative_without_a_word_in_common_is_not_scored_either(without_program: Path) -> None:
    generator = np.random.default_rng(3)
    one = "".join(generator.choice(list("IKDFSVRELY"), 120))
    # Every third residue stays, and the others become ones alike.
    other = "".join(
        letter if place % 3 == 0 else letter.translate(str.maketrans("IKDFSVRELY", "VRENTIKDMF"))
        for place, letter in enumerate(one)
    )
    sequences = [one, other, other[:100], *(_random(generator, 120) for _ in range(6))]
    found = find_families(sequences)
    assert found.labels[0] != found.labels[1] == found.labels[2]
    drawn = set()
    for seed in range(20):
        learnt, scored = draw_families(found, sequences, 2, seed)
        assert len({0, 1} & {*learnt}) * len({0, 1, 2} & {*scored}) == 0
        drawn |= {*learnt}
    assert {0, 1} <= drawn
    with pytest.raises(AtlasError, match="all relatives of the 1 that are learnt from"):
        draw_families(find_families(sequences[:2]), sequences[:2], 1, seed=1)


def test_a_draw_depends_on_sequences_not_on_their_order(
    planted: tuple[list[str], list[int]], without_program: Path
) -> None:
    sequences, _ = planted
    other = sequences[::-1]

    def drawn(order: list[str], count: int, seed: int = 7) -> list[str]:
        learnt, _ = draw_families(find_families(order), order, count, seed)
        return [order[place] for place in learnt]

    assert drawn(sequences, 20) == drawn(other, 20)
    assert drawn(sequences, 5) == drawn(sequences, 20)[:5]
    assert drawn(sequences, 20) != drawn(sequences, 20, seed=8)


def test_too_few_families_are_one_sentence(without_program: Path) -> None:
    sequences = [_random(np.random.default_rng(place), 80) for place in range(3)]
    with pytest.raises(AtlasError, match=r"3 proteins are of 3 families .*: 20 are learnt from"):
        draw_families(find_families(sequences), sequences, 20, seed=1)


def test_a_program_that_fails_is_one_sentence(without_program: Path) -> None:
    program = without_program / PROGRAM
    program.write_text("#!/bin/sh\nexit 3\n")
    program.chmod(0o755)
    with pytest.raises(AtlasError, match=r"mmseqs failed .*: see that it runs"):
        find_families(["MKVLAAGIVGLLLAQWERTYIPASDF"])
