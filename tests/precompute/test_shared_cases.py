"""The maintainers' folder of problem files: each is read as its README says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from precompute.datasets.structures import StructureChains
from precompute.errors import AtlasError
from tests.precompute.strange import FEATURES, facts

TWINS = {
    "01-md-residue-names/charmm.pdb": "plain.pdb",
    "02-md-water-ions/charmm.pdb": "crystal.pdb",
    "02-md-water-ions/gromacs.pdb": "crystal.pdb",
    "03-tleap-no-chain-names/tleap.pdb": "with-names.pdb",
    "03-tleap-no-chain-names/dimer-tleap.pdb": "dimer-named.pdb",
    "04-left-justified-no-element/md.pdb": "good.pdb",
    "05-end-between-partners/docked.pdb": "one-end.pdb",
    "07-mmcif-label-seq-for-some-chains/dimer-second-without.cif": "dimer-both.cif",
    "08-sifts-per-model/two-models.cif": "two-models-no-sifts.cif",
    "10-md-nucleic-names/amber.pdb": "pdb.pdb",
    "14-assembly-models/9xyz.pdb1": "9xyz-renamed.pdb",
    "15-large-numbers/resnum-hex.pdb": "resnum-h36.pdb",
    "23-bom-gz-columns/bom.cif": "crlf.cif",
    "23-bom-gz-columns/bom.pdb": "crlf.pdb",
    "25-docked-ligand/UNL-hetatm.pdb": "LIG-hetatm.pdb",
    "25-docked-ligand/UNK-atom-chain-A.pdb": "LIG-hetatm.pdb",
}

# Read off the folder's README: residues of the chains, then positives and eligible.
FIGURES: dict[str, tuple[list[int], dict[str, tuple[int | None, int | None]]]] = {
    "01-md-residue-names/charmm.pdb": (
        [100],
        {"amino_acid:H": (6, None), "modification": (0, 100)},
    ),
    "02-md-water-ions/charmm.pdb": ([100], {"binding_site": (0, 100)}),
    "02-md-water-ions/gromacs.pdb": ([100], {"binding_site": (0, 100)}),
    "03-tleap-no-chain-names/tleap.pdb": ([121, 74], {"contact": (736, 18_032)}),
    "03-tleap-no-chain-names/dimer-tleap.pdb": ([240, 222], {"contact": (582, 101_862)}),
    "04-left-justified-no-element/md.pdb": ([100], {"contact": (260, None)}),
    "05-end-between-partners/docked.pdb": ([121, 74], {}),
    "07-mmcif-label-seq-for-some-chains/dimer-second-without.cif": (
        [100, 100],
        {"binding_site": (0, 200)},
    ),
    "10-md-nucleic-names/amber.pdb": ([100], {"binding_site": (0, 100)}),
    "15-large-numbers/resnum-hex.pdb": ([100], {"contact": (260, None)}),
    "16-seqres-repeat/linker-second.pdb": ([136], {"contact": (None, 14_580)}),
    "24-unplaced-atoms/stars-x.pdb": ([100], {"contact": (188, None)}),
    "25-docked-ligand/UNL-hetatm.pdb": ([100], {"binding_site": (2, 100)}),
    "25-docked-ligand/UNK-atom-chain-A.pdb": ([100], {"binding_site": (2, 100)}),
}


@pytest.mark.shared
@pytest.mark.parametrize("name", TWINS)
def test_a_case_counts_as_its_twin(shared: Path, name: str) -> None:
    path = shared / "data" / "cases" / name
    assert facts(StructureChains(path)) == facts(StructureChains(path.parent / TWINS[name]))


@pytest.mark.shared
@pytest.mark.parametrize("name", FIGURES)
def test_a_case_has_the_figures_that_its_readme_names(shared: Path, name: str) -> None:
    chains = StructureChains(shared / "data" / "cases" / name)
    lengths, expected = FIGURES[name]
    assert [len(chains[number]) for number in range(len(chains))] == lengths
    background = facts(chains)["background"]
    assert isinstance(background, dict)
    assert set(expected) <= set(FEATURES.names)
    for feature, figures in expected.items():
        pairs = zip(figures, background[feature], strict=True)
        assert all(wanted in (None, found) for wanted, found in pairs), (
            feature,
            background[feature],
        )


@pytest.mark.shared
def test_what_else_the_readme_says(shared: Path) -> None:
    cases = shared / "data" / "cases"
    with pytest.raises(AtlasError, match="more than five digits"):
        StructureChains(cases / "15-large-numbers" / "serial-six.pdb")
    linker = StructureChains(cases / "16-seqres-repeat" / "linker-second.pdb")[0]
    assert linker.resolved is not None
    assert linker.resolved[45:50].all()
    assert not linker.resolved[40:45].any()
    assert not linker.resolved[50:55].any()
    stars = StructureChains(cases / "24-unplaced-atoms" / "stars-x.pdb")[0]
    assert stars.resolved is not None
    assert (~stars.resolved).sum() == 15
    assembly = StructureChains(cases / "14-assembly-models" / "9xyz.pdb1")
    assert assembly.skipped == {"models after the first of their file": 1}


@pytest.mark.shared
def test_every_structure_of_the_folder_is_among_these(shared: Path) -> None:
    # A case that is added to the folder is not to go unread.
    told = {Path(name).name for name in (*TWINS, *FIGURES)} | set(TWINS.values())
    told |= {"serial-six.pdb", "left-out.pdb"}
    found = {
        path.name
        for path in (shared / "data" / "cases").glob("*/*")
        if re.search(r"\.(pdb\d?|cif)$", path.name)
    }
    assert found <= told
