"""Alignments as people have them: formats, layouts of folders, structures, thinning, bad input."""

from __future__ import annotations

import gzip
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from precompute.alignment import Alignment
from precompute.chain import Chain
from precompute.commands.run import find_data
from precompute.datasets import find_dataset
from precompute.datasets.alignments import AlignmentChains, map_query
from precompute.datasets.download import fetch_dataset
from precompute.datasets.thinning import (
    Thinning,
    choose_by_hhfilter,
    choose_diverse,
    choose_random,
)
from precompute.errors import AtlasError
from precompute.labels import FeatureSet, background_counts
from tests.msa_checkpoints import random_alignment
from tests.precompute.strange import example, read
from tests.precompute.test_strange_mmcif import mmcif

SEED = Path(__file__).parents[1] / "data" / "PF00072.fasta.gz"
ROWS = ["MKV-LAYDEW", "MRVQLA-DEW", "--VQIAYDE-"]
QUERY = "MKVLAYDEW"

A3M = "#A3M#\n>query one\nMKV-LAY\nDEW\n>b\nMRVQLkkA-DEW..\n>c\n--VQIAYDE-aa\n"
FASTA = "".join(f">{name}\n{row[:6]}\n{row[6:]}\n" for name, row in zip("abc", ROWS, strict=True))
STOCKHOLM = (
    "# STOCKHOLM 1.0\n#=GF ID X\n\na    MKV-LA\n#=GR a SS HHHHHH\nb    MRVQLA\nc    ..VQIA\n\n"
    "a    YDEW\nb    -deW\nc    YDE~\n#=GC RF xxxx\n//\n"
)
CLUSTAL = (
    "CLUSTAL W (1.83) multiple sequence alignment\n\n\n"
    "a    MKV-LA 5\nb    MRVQLA 6\nc    --VQIA 4\n      **.:\n\n"
    "a    YDEW 9\nb    -DEW 9\nc    YDE- 7\n     ***\n"
)
FORMATS = {"x.a3m": A3M, "x.fasta": FASTA, "x.sto": STOCKHOLM, "x.aln": CLUSTAL}


def opened(folder: Path, name: str, content: str | bytes) -> AlignmentChains:
    folder.mkdir(exist_ok=True, parents=True)
    data = content.encode() if isinstance(content, str) else content
    (folder / name).write_bytes(data)
    return AlignmentChains(folder)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_rows(name: str, packed: bool, tmp_path: Path) -> None:
    data = FORMATS[name].encode()
    file, content = (f"{name}.gz", gzip.compress(data)) if packed else (name, data)
    chains = opened(tmp_path, file, content)
    (chain,) = (chains[number] for number in range(len(chains)))
    assert (chain.identifier, chain.sequence) == ("x", QUERY)
    assert chain.alignment is not None
    assert chain.alignment.texts() == ROWS
    assert chain.alignment.residues.tolist() == [0, 1, 2, -1, 3, 4, 5, 6, 7, 8]
    assert "with gaps in the query" in " ".join(chains.remarks)
    single = AlignmentChains(tmp_path / file)
    assert single[0].sequence == QUERY


def test_rows_of_hh_suite_that_are_no_sequences_are_left_out(tmp_path: Path) -> None:
    text = ">ss_pred\nHHHHHHHHHH\n>ss_conf\n9999999999\n>x_consensus\nMKVALAYDEW\n" + FASTA
    chain = opened(tmp_path, "x.a3m", text)[0]
    assert chain.alignment is not None
    assert chain.alignment.texts() == ROWS


def test_the_shipped_seed_is_read() -> None:
    """As many rows and columns as its publication says."""
    chain = AlignmentChains(SEED)[0]
    assert chain.identifier == "PF00072"
    assert chain.alignment is not None
    assert chain.alignment.rows.shape == (52, 112)
    assert chain.alignment.names[0] == "AGMR_PSEAE/4-117"
    assert len(chain) == 111


@pytest.mark.shared
def test_real_alignments(shared: Path) -> None:
    sizes = {}
    for folder in ("msa", "seeds"):
        chains = AlignmentChains(shared / "data" / folder)
        assert chains.skipped == {}
        for number in range(len(chains)):
            alignment = chains[number].alignment
            assert alignment is not None
            sizes[chains[number].identifier] = alignment.rows.shape
    assert sizes["1a3a_1_A"] == (1024, 145)
    assert sizes["1xcr_1_A"] == (588, 313)
    assert sizes["PF02518"] == (658, 112)
    assert len(sizes) == 18


BAD = {
    "rows of unequal length": ("x.fasta", ">a\nMKVLA\n>b\nMKV\n", "rows have 3 to 5 columns"),
    "unequal without insertions": ("x.a3m", ">a\nMKVLA\n>b\nMKVlaa\n", "when insertions"),
    "lower case in FASTA": ("x.fasta", ">a\nMKVLA\n>b\nMKvLA\n", "name the file .a3m"),
    "1,500 columns": (
        "x.a3m",
        f">a\n{'MKVLAYDEW' * 167}\n",
        "has 1,503 columns, and at most 1,023",
    ),
    "two alignments": ("x.sto", STOCKHOLM + STOCKHOLM, "holds 2 alignments"),
    "two without an end": (
        "x.sto",
        STOCKHOLM + STOCKHOLM.removesuffix("//\n"),
        "holds 2 alignments",
    ),
    "two rows of one name": (
        "x.sto",
        "# STOCKHOLM 1.0\nseq MKVLA\nseq MRVLA\n//\n",
        "two rows are called seq",
    ),
    "two rows of one name in Clustal": (
        "x.aln",
        "CLUSTAL W\n\na MKV\na MRV\n  ***\n\na LA\na LA\n",
        "two rows are called a",
    ),
    "a letter whose capital is a residue's": (
        "x.sto",
        "# STOCKHOLM 1.0\na MKVlA\u0131\nb MKVLAI\n//\n",
        "which is neither a residue nor a gap",
    ),
    "a letter whose capitals are two": ("x.aln", "CLUSTAL W\n\na MKV\u00df\n", "neither a residue"),
    "Stockholm without a row": ("x.sto", "# STOCKHOLM 1.0\n//\n", "without a row"),
    "DNA": ("x.fasta", ">a\nACGTACGTTGCAAN\n>b\nACGTACGTTGCA--\n", "is made of nucleotides"),
    "RNA": ("x.a3m", ">a\nACGUACGUUGCAAN\n", "is made of nucleotides"),
    "DNA with ambiguous bases": (
        "x.sto",
        "# STOCKHOLM 1.0\na acgtacgtRtgcaNgg..\nb ACGTACGTTGYAA-GGAC\n//\n",
        "is made of nucleotides",
    ),
    "an empty file": ("x.a3m", "", "is empty"),
    "names alone": ("x.fasta", ">a\n>b\n", "which is the query, has no residue"),
    "gaps alone": ("x.fasta", ">a\n---\n>b\nMKV\n", "which is the query, has no residue"),
    "a sign": ("x.fasta", ">a\nMK1LA\n>b\nMKVLA\n", "has '1', which is neither"),
    "letters alone": ("x.fasta", "MKVLAYDEW\n", "is no alignment that is read here"),
    "a web page": ("x.a3m", "<html></html>", "is no alignment that is read here"),
    "a structure": ("x.a3m", "ATOM      1  N   MET A   1\n", "is no alignment that is read here"),
    "a zip archive": ("x.a3m", b"PK\x03\x04" + bytes(40), "is a zip archive"),
    "damaged gzip": ("x.a3m.gz", gzip.compress(A3M.encode())[:-9], "truncated"),
    "PIR": ("x.fasta", ">P1;a\ntitle\nMKVLA*\n", "is PIR"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_sentence(case: str, tmp_path: Path) -> None:
    name, content, sentence = BAD[case]
    with pytest.raises(AtlasError, match=sentence) as caught:
        opened(tmp_path, name, content)
    message = str(caught.value)
    assert name in message
    assert "\n" not in message


@pytest.mark.parametrize("case", BAD)
def test_bad_input_beside_good_is_left_out_and_named(case: str, tmp_path: Path) -> None:
    name, content, _ = BAD[case]
    (tmp_path / "good.a3m").write_text(A3M)
    chains = opened(tmp_path, name, content)
    assert [chains[n].identifier for n in range(len(chains))] == ["good"]
    assert list(chains.skipped_files) == [name]
    assert chains.skipped == {"alignments that could not be used": 1}


def test_nothing_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(AtlasError, match="There is nothing at"):
        AlignmentChains(tmp_path / "absent")
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(AtlasError, match="holds no alignment"):
        AlignmentChains(tmp_path)


def test_what_is_hidden_is_not_read(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / ".old"):
        folder.mkdir(exist_ok=True)
        (folder / ".hidden.a3m").write_text(A3M)
        (folder / f"{folder.name.strip('.')}.a3m").write_text(A3M)
    assert len(AlignmentChains(tmp_path)) == 1


def test_a_short_peptide_is_not_taken_for_dna(tmp_path: Path) -> None:
    assert len(opened(tmp_path, "x.fasta", ">a\nACGTA\n>b\nACG-A\n")) == 1


def test_a_row_with_signs_is_left_out_and_counted(tmp_path: Path) -> None:
    chains = opened(tmp_path, "x.a3m", A3M + ">d\nMKJ-LAYDEW\n>e\nMKV-LAYDEW\n")
    assert chains.skipped == {"rows with signs that are neither residues nor gaps": 1}
    alignment = chains[0].alignment
    assert alignment is not None
    assert alignment.names == ("query", "b", "c", "e")


def test_one_row_alone_is_read_and_said(tmp_path: Path) -> None:
    chains = opened(tmp_path, "x.a3m", ">x\nMKVLAYDEW\n")
    assert chains.remarks == {"of one row, from which the MSA Transformer gives no contacts": "x"}


def test_thirty_thousand_rows_are_read_and_thinned(tmp_path: Path) -> None:
    rows = [random_alignment(1, 60, seed)[0] for seed in range(50)]
    deep = "".join(f">{n}\n{rows[n % 50]}\n" for n in range(30_000))
    alignment = opened(tmp_path, "x.a3m", deep)[0].alignment
    assert alignment is not None
    assert len(alignment) == 30_000
    kept = Thinning(50).apply(alignment)
    assert sorted(set(kept.texts())) == sorted(rows), "fifty different rows are the most diverse"
    assert kept.names == tuple(str(n) for n in range(50))


# Structures beside alignments.


def structure_chain(folder: Path, name: str = "1MVO") -> Chain:
    return read(folder / "alone", example(name))[0]


LAYOUTS = {
    "one folder": ("1mvo.a3m", "1mvo.pdb", "1mvo"),
    "one folder, chain named": ("1mvo_A.a3m", "1mvo.pdb", "1mvo_A"),
    "trRosetta": ("a3m/1MVO_A.a3m", "pdb/1MVO_A.pdb", "1MVO_A"),
    "OpenProteinSet": ("pdb/1mvo_A/a3m/uniref90_hits.a3m", "mmcif/1mvo.pdb", "1mvo_A"),
    "trRosetta, mmCIF": ("a3m/1MVO_A.a3m", "cif/1MVO_A.cif", "1MVO_A"),
    "OpenProteinSet, mmCIF": ("pdb/1mvo_A/a3m/bfd_uniclust_hits.a3m", "mmcif/1mvo.cif", "1mvo_A"),
    "a folder of datasets": ("alignments/1mvo_A.a3m", "structures/1mvo.pdb", "1mvo_A"),
    "another folder beside": ("alignments/set/1mvo_A.a3m", "pdb/1mvo.cif.gz", "1mvo_A"),
    "packed": ("1mvo_A.a3m.gz", "1mvo.cif.gz", "1mvo_A"),
    "searches in the protein's folder": ("1mvo_A/mgnify_hits.a3m", "1mvo.pdb", "1mvo_A"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_structures_are_found_in_every_layout(layout: str, tmp_path: Path) -> None:
    alignment, structure, name = LAYOUTS[layout]
    alone = structure_chain(tmp_path)
    root = tmp_path / "root"
    for file, content in (
        (alignment, f">q\n{alone.sequence}\n>b\n{alone.sequence[::-1]}\n"),
        (structure, mmcif(example("1MVO")) if ".cif" in structure else example("1MVO")),
    ):
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        data = content.encode()
        (root / file).write_bytes(gzip.compress(data) if file.endswith(".gz") else data)
    dataset = find_dataset("alignments")
    chains = dataset.open(find_data(dataset, str(root), [dataset], quiet=True))
    assert chains.properties is None
    assert chains.remarks == {}
    (chain,) = (chains[number] for number in range(len(chains)))
    assert chain.identifier == name
    for label in ("alpha_carbons", "resolved", "secondary_structure", "binding_site"):
        np.testing.assert_array_equal(getattr(chain, label), getattr(alone, label))
    features = FeatureSet(find_dataset("structures").features)
    for own, theirs in zip(
        background_counts([chain], features), background_counts([alone], features), strict=True
    ):
        np.testing.assert_array_equal(own, theirs)


def test_a_folder_of_ones_own_is_read_whole(tmp_path: Path) -> None:
    """A folder of a dataset's usual name in it does not stand for it; beside datasets it does."""
    for place in ("structures/1t8k.pdb", "alignments/b.a3m", "alignments/c.pdb", "other/d.a3m"):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        text = example("1T8K") if place.endswith(".pdb") else A3M
        (tmp_path / place).write_text(text)

    def names(name: str) -> list[str]:
        dataset = find_dataset(name)
        chains = dataset.open(find_data(dataset, str(tmp_path), [dataset], quiet=True))
        return [chains[number].identifier for number in range(len(chains))]

    both = [find_dataset("structures"), find_dataset("alignments")]
    assert find_data(both[0], str(tmp_path), both, quiet=True) == tmp_path / "structures"
    assert find_data(both[1], str(tmp_path), both, quiet=True).is_dir()
    assert fetch_dataset(both[1], tmp_path) == tmp_path
    assert names("structures") == ["1t8k.A"]
    assert names("alignments") == ["b"]
    digest = AlignmentChains(tmp_path).sha256()
    assert digest == AlignmentChains(tmp_path / "alignments").sha256()
    (tmp_path / "1mvo.pdb").write_text(example("1MVO"))
    (tmp_path / "e.a3m").write_text(A3M)
    assert names("structures") == ["1mvo.A", "c.A", "1t8k.A"]
    assert names("alignments") == ["b", "d", "e"]


def test_of_several_searches_the_first_is_taken_and_the_others_named(tmp_path: Path) -> None:
    folder = tmp_path / "1mvo_A" / "a3m"
    folder.mkdir(parents=True)
    for name in ("uniref90_hits", "bfd_uniclust_hits", "mgnify_hits"):
        (folder / f"{name}.a3m").write_text(f">{name}\n{QUERY}\n>b\n{QUERY}\n")
    chains = AlignmentChains(tmp_path)
    alignment = chains[0].alignment
    assert alignment is not None
    assert alignment.names[0] == "bfd_uniclust_hits"
    assert chains.remarks["alignments of proteins that have another"] == (
        "1mvo_A/a3m/uniref90_hits.a3m, 1mvo_A/a3m/mgnify_hits.a3m"
    )


def test_labels_go_to_the_residues_that_the_query_shares(tmp_path: Path) -> None:
    """The query is a domain with a gap, a mutation and two residues that the chain lacks."""
    alone = structure_chain(tmp_path)
    part = alone.sequence[10:90]
    query = "W" + part[:30] + "-" + "A" + part[31:] + "W"
    root = tmp_path / "root"
    root.mkdir()
    (root / "x.a3m").write_text(f">q\n{query}\n>b\n{query}\n")
    (root / "x.pdb").write_text(example("1MVO"))
    chain = AlignmentChains(root)[0]
    assert len(chain) == 82
    assert chain.alignment is not None
    assert chain.alignment.columns == 83
    assert chain.labelled is not None
    known = np.flatnonzero(chain.labelled)
    assert known.tolist() == list(range(1, 81))
    assert chain.secondary_structure is not None
    assert alone.secondary_structure is not None
    np.testing.assert_array_equal(chain.secondary_structure[1:81], alone.secondary_structure[10:90])
    assert chain.secondary_structure[[0, 81]].tolist() == [-1, -1]
    features = FeatureSet(("binding_site", "contact", "secondary_structure:helix"))
    _, eligible = background_counts([chain], features)
    assert eligible[0] == 80, "of a residue that the structure lacks no site is known"
    assert eligible[2] == 80


def test_a_structure_of_another_protein_is_said_and_not_used(tmp_path: Path) -> None:
    (tmp_path / "x.pdb").write_text(example("1MVO"))
    (tmp_path / "x.a3m").write_text(f">q\n{random_alignment(1, 100)[0]}\n")
    chains = AlignmentChains(tmp_path)
    assert chains.remarks["structures that are not used"] == (
        "x.pdb is of another protein than the query of x.a3m"
    )
    assert chains.properties == ()
    assert chains[0].labelled is not None
    assert not chains[0].labelled.any()


def test_a_damaged_structure_is_said_and_not_used(tmp_path: Path) -> None:
    (tmp_path / "x.pdb").write_text("nothing\n")
    chains = opened(tmp_path, "x.a3m", A3M)
    assert "x.pdb" in chains.remarks["structures that are not used"]
    assert len(chains) == 1


@pytest.mark.parametrize(
    ("query", "chain", "places"),
    [
        ("ACDEFGHIKL", "ACDEFGHIKL", list(range(10))),
        ("ACDEFGHIKL", "MSACDEFGHIKLHH", list(range(2, 12))),
        ("MSACDEFGHIKLHH", "ACDEFGHIKL", [-1, -1, *range(10), -1, -1]),
        ("ACDEFGHIKL", "WWWWWWWWWW", None),
    ],
)
def test_a_query_is_found_in_a_chain(query: str, chain: str, places: list[int] | None) -> None:
    found = map_query(query, chain)
    assert (None if found is None else found.tolist()) == places


def test_a_cut_chain_keeps_the_columns_of_its_residues(tmp_path: Path) -> None:
    chain = opened(tmp_path, "x.a3m", A3M)[0]
    assert chain.alignment is not None
    for residues in range(1, len(QUERY)):
        cut = chain.first(residues)
        assert cut.sequence == QUERY[:residues]
        assert cut.alignment is not None
        assert cut.alignment.query == cut.sequence
        assert len(cut.alignment) == 3
    assert chain.first(100) is chain


# Thinning.


def naive_diverse(rows: list[str], depth: int) -> list[int]:
    """The authors' rule in fractions: the largest mean distance, the earlier row of two equal."""
    chosen = [0]
    while len(chosen) < min(depth, len(rows)):
        best = max(
            (row for row in range(len(rows)) if row not in chosen),
            key=lambda row: (
                Fraction(
                    sum(
                        a != b for one in chosen for a, b in zip(rows[row], rows[one], strict=True)
                    ),
                    len(chosen),
                ),
                -row,
            ),
        )
        chosen.append(best)
    return sorted(chosen)


@given(
    st.lists(st.text("ACD-", min_size=6, max_size=6), min_size=1, max_size=12),
    st.integers(1, 14),
)
def test_the_diverse_rule_is_the_authors(rows: list[str], depth: int) -> None:
    codes = Alignment.of(rows).rows
    assert choose_diverse(codes, depth) == naive_diverse(rows, depth)


@pytest.mark.parametrize("rule", ["diverse", "random", "first"])
def test_every_rule_keeps_the_query_and_the_order(rule: str) -> None:
    rows = random_alignment(40, 30)
    alignment = Alignment.of(rows, [str(n) for n in range(40)])
    kept = Thinning(10, rule, 7).apply(alignment)
    numbers = [int(name) for name in kept.names]
    assert (numbers[0], len(numbers)) == (0, 10)
    assert numbers == sorted(set(numbers))
    assert kept.texts() == [rows[number] for number in numbers]
    assert Thinning(10, rule, 7).apply(alignment).names == kept.names
    assert Thinning(40, rule, 7).apply(alignment) is alignment
    assert len(Thinning(1, rule, 7).apply(alignment)) == 1


def test_a_smaller_draw_is_part_of_a_larger_and_seeds_differ() -> None:
    small, large = choose_random(100, 10, 1), choose_random(100, 30, 1)
    assert set(small) < set(large)
    assert choose_random(100, 10, 2) != small


def test_hhfilter_keeps_rows_of_the_alignment() -> None:
    thinning = Thinning(8, "hhfilter")
    try:
        thinning.check()
    except AtlasError as error:
        pytest.skip(str(error))
    chosen = choose_by_hhfilter(Alignment.of(random_alignment(60, 80)), 8)
    assert chosen[0] == 0
    assert len(chosen) == len(set(chosen)) <= 8
    assert chosen == sorted(chosen)


def test_an_absent_program_and_too_many_rows_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(AtlasError, match="needs the program hhfilter of HH-suite"):
        Thinning(8, "hhfilter").check()
    with pytest.raises(AtlasError, match="at most 1,024 rows"):
        Thinning(1025).check()
    Thinning(1024).check()


def test_rows_in_another_order_are_told(tmp_path: Path) -> None:
    """The model knows a row's place: the same rows in another order are another input."""
    first, second, third = FASTA.split(">")[1:]
    opened(tmp_path, "a.fasta", FASTA)
    opened(tmp_path, "b.fasta", f">{first}>{third}>{second}")
    opened(tmp_path, "c.sto", STOCKHOLM)
    chains = opened(tmp_path, "d.fasta", f">{first}>{second}")
    (told,) = [names for what, names in chains.remarks.items() if "in another order" in what]
    assert told == "b"
