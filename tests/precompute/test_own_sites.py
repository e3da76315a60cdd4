"""Residues of one's own as a property: the lists, and what a run counts of them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from precompute.command_line import main
from precompute.datasets import DATASETS
from precompute.datasets.own_sites import ChainsWithSites, read_sites
from precompute.errors import AtlasError
from precompute.examples.loading import list_examples, load_example
from precompute.tables import BACKGROUND, HEAD_COUNTS, list_runs, read_table
from tests.chains import records_of, write_lmdb
from tests.checkpoints import make_checkpoint

STRUCTURES = DATASETS["structures"]


@pytest.fixture(scope="module")
def structures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Examples that ship, as files."""
    folder = tmp_path_factory.mktemp("structures")
    entries = [entry.name for entry in list_examples()][:4]
    for name in entries:
        (folder / f"{name}.pdb").write_text(load_example(name).structure_text)
    return folder


def labels_of(sites: Path, data: Path, *kinds: str) -> dict[str, str]:
    """Each chain's labels as a text: 1 a site, 0 none, ? not known."""
    with STRUCTURES.open(data) as chains:
        own = ChainsWithSites(chains, read_sites(sites, kinds), STRUCTURES.properties, "Structures")
        found = [own[number] for number in range(len(own))]
    return {
        chain.identifier: "".join("?01"[int(label) + 1] for label in chain.own_site)
        for chain in found
        if chain.own_site is not None
    }


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_run_counts_own_sites_as_the_datasets_own(structures: Path, tmp_path: Path) -> None:
    """The glycines of the shipped examples, listed by hand, give glycine's counts."""
    lines = ["chain,residue,class"]
    with STRUCTURES.open(structures) as chains:
        known = [chains[number] for number in range(len(chains))]
    for chain in known:
        assert chain.numbers is not None
        there = [n for n, x in zip(chain.numbers, chain.sequence, strict=True) if x == "G"]
        lines += [f"{chain.identifier},{number},hinge" for number in there]
    assert len(lines) > 10
    sites = write(tmp_path / "sites.csv", *lines)
    folder = make_checkpoint(tmp_path / "weights", "prot_bert", sharpness=60)
    out = tmp_path / "out"
    arguments = ["run", "--model", "prot_bert", "--weights", str(folder), "--quiet"]
    arguments += ["--dataset", "structures", "--data", str(structures), "--out", str(out)]
    assert main([*arguments, "--sites", str(sites)]) == 0
    run = list_runs(out).iloc[0]
    notes = json.loads(run["notes"])
    assert notes["own sites"].startswith("sites.csv, SHA-256 ")
    assert f"lines by class: hinge ({len(lines) - 1:,})" in notes["own sites"]
    counts = read_table(out, HEAD_COUNTS, run=run["run"])
    key = ["threshold", "layer", "head"]
    both = [
        counts[counts["feature"] == name].set_index(key).sort_index()
        for name in ("own_site", "amino_acid:G")
    ]
    for column in ("arcs", "hits", "hits_squared", "hits_arcs"):
        assert both[0][column].tolist() == both[1][column].tolist()
    assert both[0]["hits"].sum() > 50
    assert both[0]["eligible"].tolist() == both[0]["arcs"].tolist()
    background = read_table(out, BACKGROUND, run=run["run"]).set_index("feature")
    assert background.loc["own_site", "positives"] == len(lines) - 1
    assert background.loc["own_site", "eligible"] == sum(map(len, known))


def test_chains_entries_ranges_and_classes(structures: Path, tmp_path: Path) -> None:
    with STRUCTURES.open(structures) as chains:
        first = chains[0]
    assert first.numbers is not None
    entry, name = first.identifier.split(".")
    a, b = first.numbers[3], first.numbers[6]
    expected = "0001111" + "0" * (len(first) - 7)
    for separator, owner in (
        (",", f"{entry}.{name}"),
        (";", f"{entry.lower()}_{name}"),
        ("\t", entry),
    ):
        rows = [separator.join(("Chain", "Residue")), separator.join((owner, f"{a}-{b}"))]
        found = labels_of(write(tmp_path / "sites.csv", *rows), structures)
        assert found[first.identifier] == expected
        assert {set(text) == {"?"} for own, text in found.items() if entry not in own} == {True}
    split = write(
        tmp_path / "classes.csv",
        "entry,chain,residue,class",
        f"{entry},{name},{a},active",
        f"{entry},{name},{b},other",
    )
    assert labels_of(split, structures)[first.identifier].count("1") == 2
    assert labels_of(split, structures, "other")[first.identifier] == "0000001" + expected[7:]
    bed = write(tmp_path / "sites.bed", "# mine", f"{first.identifier}\t3\t7\tactive")
    assert labels_of(bed, structures)[first.identifier] == expected


def test_insertion_codes_and_negative_numbers(tmp_path: Path) -> None:
    lines = []
    for place, number in enumerate(["  -2 ", "  -1 ", "  52 ", "  52A", "  52B", "  53 "]):
        x = 3.8 * place
        where = f"{x:8.3f}{0:8.3f}{0:8.3f}  1.00  0.00           C"
        lines.append(f"ATOM  {place + 1:5d}  CA  GLY A{number}   {where}")
    (tmp_path / "data").mkdir()
    write(tmp_path / "data" / "9abc.pdb", *lines, "TER", "END")
    for residue, expected in (
        ("52A", "000100"),
        ("52", "001000"),
        ("-2--1", "110000"),
        ("52-52B", "001110"),
        ("-1..53", "011111"),
    ):
        sites = write(tmp_path / "sites.csv", "chain,residue", f"9ABC.A,{residue}")
        assert labels_of(sites, tmp_path / "data") == {"9abc.A": expected}


def test_places_count_from_1_where_nobody_knows_numbers(tmp_path: Path) -> None:
    records = records_of("proteinnet")
    data = write_lmdb(tmp_path / "data.lmdb", records)
    name = records[0]["id"].decode()
    sites = write(tmp_path / "sites.csv", "protein,position", f"{name},2-3")
    dataset = DATASETS["proteinnet"]
    with dataset.open(data) as chains:
        own = ChainsWithSites(chains, read_sites(sites), dataset.properties, dataset.label)
        assert own.properties == ("contact", "own_site")
        first = own[0].own_site
    assert first is not None
    assert first.tolist()[:5] == [0, 1, 1, 0, 0]


@pytest.mark.parametrize(
    ("name", "lines", "sentence"),
    [
        (
            "s.csv",
            ["chain,residue", "9XYZ.A,4"],
            "line 2: Structures has no chain or entry 9XYZ.A; it has ",
        ),
        (
            "s.csv",
            ["chain,residue", "1T8K.A,900"],
            "line 2: 1T8K.A has no residue 900; by the author",
        ),
        ("s.csv", ["chain,residue", "1T8K.A,9-3"], "line 2: 1T8K.A has no residue 9 to 3"),
        (
            "s.csv",
            ["chain,residue", "1T8K.A,Ser5"],
            "line 2: '1T8K.A,Ser5' names no chain with a residue",
        ),
        ("s.csv", ["chain,residue", ",5"], "names no chain with a residue"),
        ("s.csv", ["name,where", "1T8K.A,5"], "begins with no header that has chain"),
        ("s.csv", [""], "begins with no header"),
        ("s.csv", ["chain,residue"], "names no residue; write one a line"),
        ("s.csv", ["chain,residue", '1T8K.A,"5'], "is no readable CSV"),
        ("s.bed", ["1T8K.A\t5"], "line 1: write a chain, a start and an end"),
        ("s.bed", ["1T8K.A\t5\t5"], "line 1: the end 5 is not behind the start 5"),
        ("s.bed", ["1T8K.A 0 9999"], "has no residue 0 to 9998; by"),
        ("s.bed", ["track name=x"], "names no residue"),
        ("s.bed", [f"1T8K.A 1 {'9' * 5_000}"], "line 1: write a chain, a start and an end"),
        ("s.csv", ["chain,residue", f"1T8K.A,{'9' * 5_000}"], f"no residue {'9' * 20}; by"),
    ],
)
def test_bad_lists_are_one_sentence(
    name: str,
    lines: list[str],
    sentence: str,
    structures: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    sites = write(tmp_path / name, *lines)
    arguments = ["run", "--model", "demo", "--dataset", "structures", "--data", str(structures)]
    assert main([*arguments, "--out", str(tmp_path / "out"), "--sites", str(sites), "--quiet"]) == 1
    said = capsys.readouterr().err
    assert sentence in said
    assert said.startswith("precompute: ")
    assert said.count("\n") == 1


@pytest.mark.parametrize("name", ["s.csv", "s.bed"])
@pytest.mark.parametrize(
    ("encoding", "end"),
    [("utf-8-sig", "\r\n"), ("utf-16", "\n"), ("utf-8", "\r"), ("cp1252", "\n")],
)
def test_lists_are_read_in_any_encoding_with_any_ends_packed_or_not(
    name: str, encoding: str, end: str, tmp_path: Path
) -> None:
    lines = ["chain\tresidue\tclass", "1T8K.A\t5-6\tKnäuel"]
    lines = ["1T8K.A\t5\t7\tKnäuel"] if name == "s.bed" else lines
    data = end.join([*lines, ""]).encode(encoding)
    (tmp_path / name).write_bytes(data)
    (tmp_path / f"{name}.gz").write_bytes(gzip.compress(data))
    for file in (name, f"{name}.gz"):
        (site,) = read_sites(tmp_path / file).sites
        assert (site.name, site.first, site.last, site.kind) == ("1T8K.A", "5", "6", "Knäuel")


def test_lists_that_are_no_lists(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(AtlasError, match="cannot be read"):
        read_sites(tmp_path / "missing.csv")
    with pytest.raises(AtlasError, match="cannot be read"):
        read_sites(tmp_path)
    (tmp_path / "sheet.csv").write_bytes(b"PK\x03\x04\xff\xfe\x00")
    with pytest.raises(AtlasError, match="is a zip archive"):
        read_sites(tmp_path / "sheet.csv")
    sites = write(tmp_path / "sites.csv", "chain,residue,class", "A,5,active")
    with pytest.raises(AtlasError, match="has no class rare; it has active"):
        read_sites(sites, ["rare"])
    for more, sentence in (
        (["--site-class", "active"], "--site-class chooses among --sites"),
        (["--dataset", "structures,proteinnet", "--sites", str(sites)], "give one --dataset"),
    ):
        arguments = ["run", "--model", "demo", "--dataset", "structures", "--out", "nowhere"]
        assert main([*arguments, *more]) == 1
        assert sentence in capsys.readouterr().err
