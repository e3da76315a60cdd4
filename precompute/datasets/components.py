"""What a residue name stands for: force fields and programs have names of their own.

The names of the PDB's chemical components are what the rest of the atlas knows. Programs
for simulation tell protonation states and ends of chains by the name (``HSD``, ``NALA``,
``DA5``), and call waters and ions as their authors liked (``SOL``, ``TIP3``, ``SOD``). Some of
those names are other components in the PDB (``HSE`` is homoserine, ``CLA`` chlorophyll,
``DGN`` D-glutamine), so that a name counts only where the atoms are those of what it is to
stand for. gemmi's table of components comes first; Biopython's and mdtraj's know the parents
of further modified residues.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from runpy import run_path

from precompute.chain import RESIDUE_LETTERS

WATER = "HOH"

_AMINO_VARIANTS: dict[str, str] = {
    variant: name
    for name, variants in {
        "HIS": "HSD HSE HSP HSH HID HIE HIP HIH HISA HISB HISD HISE HISH HISP HIS1 HIS2 HISN",
        "CYS": "CYX CYM CYN CYZ CYH CYS1 CYS2 CYSH CYSX CYSS CYSM CYSP CYXD",
        "ASP": "ASH ASPP ASPH ASPN AS4",
        "GLU": "GLH GLUP GLUH GLUN GL4",
        "LYS": "LYN LYP LSN LYSH LYSN LYSP LYSD",
        "ARG": "ARN ARGN ARGP ARP",
        "TYR": "TYM TYRU TYN TYO",
        "GLN": "QLN",
        "SER": "SRO SERD OLS",
        "THR": "THO THRD OLT",
        "ASN": "NLN",
    }.items()
    for variant in variants.split()
}
"""Protonation states, disulfides, deprotonated and glycosylated forms: Amber with GLYCAM, CHARMM,
GROMOS, OPLS, Desmond."""

_NUCLEIC_VARIANTS: dict[str, str] = {
    "ADE": "A", "GUA": "G", "CYT": "C", "URA": "U", "THY": "DT",
    "DADE": "DA", "DGUA": "DG", "DCYT": "DC", "DTHY": "DT",
    "RADE": "A", "RGUA": "G", "RCYT": "C", "RURA": "U",
    "DAD": "DA", "DGU": "DG", "DCY": "DC", "DTH": "DT",
}  # fmt: skip
"""CHARMM's, OPLS's and old Amber's names of nucleotides."""

_NUCLEIC = re.compile(r"([DR]?)([ACGTUI])[35N]?")

_ION_NAMES: dict[str, str] = {
    "SOD": "NA", "NIO": "NA", "POT": "K", "CLA": "CL", "CIO": "CL", "CHL": "CL", "CES": "CS",
    "LIT": "LI", "RUB": "RB", "IOD": "IOD", "IDO": "IOD", "FLU": "F", "CAL": "CA", "C0": "CA",
    "BAR": "BA", "CAD": "CD",
}  # fmt: skip
"""Names of single ions that are no symbols; symbols with charges are read as such."""

_SALT = {3: "LI", 9: "F", 11: "NA", 17: "CL", 19: "K", 35: "BR", 37: "RB", 53: "IOD", 55: "CS"}
"""Ions that every buffer has, by atomic number."""

_WATER_NAMES = frozenset(
    (
        *("HOH", "DOD", "WAT", "H2O", "H20", "D2O", "HHO", "OHH", "OH2", "SOL", "W", "WTR"),
        *("TIP", "TIP2", "TIP3", "TIP4", "TIP5", "TP3", "TP4", "TP5", "T3P", "T4P", "T5P"),
        *("SPC", "SPCE", "SPX", "OPC", "OPC3", "SWM4", "SWM6"),
    )
)

MEMBRANE_LIPIDS = (
    *("POPC", "POPE", "POPG", "POPS", "POPA", "POPI", "DPPC", "DOPC", "DOPE", "DOPS", "DMPC"),
    *("DLPC", "DSPC", "DPPE", "DLPE", "DMPE", "DOPG", "DPPG", "CHL1", "CHOL", "PSM", "SAPI"),
)
"""Of simulations; no chemical component of the PDB has four letters."""

_BACKBONE = frozenset(
    (
        *(
            "N",
            "CA",
            "C",
            "O",
            "OXT",
            "OT1",
            "OT2",
            "O1",
            "O2",
            "OC1",
            "OC2",
            "OT",
            "OTX",
            "O'",
            "O''",
        ),
        # CHARMM's caps, which are patches of the residue at the end: ACE, ACP, CT3, CT1, CNEU.
        *("CAY", "CY", "OY", "NT", "CAT", "CT", "CY2"),
    )
)

_SIDE_CHAINS: dict[str, frozenset[str]] = {
    name: frozenset(atoms.split()) | _BACKBONE
    for name, atoms in {
        "ALA": "CB",
        "ARG": "CB CG CD NE CZ NH1 NH2",
        "ASN": "CB CG OD1 ND2",
        "ASP": "CB CG OD1 OD2",
        "CYS": "CB SG",
        "GLN": "CB CG CD OE1 NE2",
        "GLU": "CB CG CD OE1 OE2",
        "GLY": "",
        "HIS": "CB CG ND1 CD2 CE1 NE2",
        "ILE": "CB CG1 CG2 CD1 CD",
        "LEU": "CB CG CD1 CD2",
        "LYS": "CB CG CD CE NZ",
        "MET": "CB CG SD CE",
        "PHE": "CB CG CD1 CD2 CE1 CE2 CZ",
        "PRO": "CB CG CD",
        "SER": "CB OG",
        "THR": "CB OG1 CG2",
        "TRP": "CB CG CD1 CD2 NE1 CE2 CE3 CZ2 CZ3 CH2",
        "TYR": "CB CG CD1 CD2 CE1 CE2 CZ OH",
        "VAL": "CB CG1 CG2",
    }.items()
}
"""Heavy atoms of the twenty, each with the backbone's and what programs call the end's oxygens."""


def is_standard(name: str) -> bool:
    """Tell whether a name is one of the twenty amino acids'."""
    return name in _SIDE_CHAINS


@lru_cache(maxsize=4096)
def is_known(name: str) -> bool:
    """Tell whether a name alone says what it may be: a residue, nucleotide, water, ion or lipid."""
    return (
        _variant(name) is not None
        or _tabulated(name)
        or bool(_modified_letter(name))
        or name.upper() in _WATER_NAMES
        or name.upper() in _ION_NAMES
        or name in MEMBRANE_LIPIDS
    )


def is_polymer_name(name: str) -> bool:
    """Tell whether a name is an amino acid's or a nucleotide's, as a force field's too."""
    import gemmi

    info = gemmi.find_tabulated_residue(name)
    return bool(
        _variant(name) is not None
        or info.is_amino_acid()
        or info.is_nucleic_acid()
        or _modified_letter(name)
    )


def stands_for(name: str, atoms: frozenset[str], elements: frozenset[int]) -> str:
    """Give the chemical component that a residue is.

    Parameters
    ----------
    name
        As the file has it.
    atoms
        Names of its heavy atoms.
    elements
        Their atomic numbers, 0 where unknown.

    Returns
    -------
    str
        The name itself where nothing else is meant.
    """
    upper = name.upper()
    sugar = _has_sugar(atoms)
    if (variant := _variant(name)) is not None:
        if variant in _SIDE_CHAINS and not sugar and atoms <= _SIDE_CHAINS[variant]:
            return variant
        if variant not in _SIDE_CHAINS and sugar:
            return variant
    if _tabulated(upper) and upper not in _WATER_NAMES and len(atoms) != 1:
        return upper
    # Models of water have sites that are no atoms.
    if 8 in elements <= {0, 8} and (
        upper in _WATER_NAMES or (len(atoms) == 1 and not _polymer(upper))
    ):
        return WATER
    if atoms == {"N"} and upper in ("NHE", "NH2", "CONH"):
        return "NH2"
    if len(atoms) == 1 and len(elements) == 1 and not _polymer(upper):
        return _ion(upper, next(iter(elements)))
    return upper if _tabulated(upper) else name


def ion_element(name: str) -> int:
    """Give the atomic number of an ion by its name, 0 where the name is none's."""
    import gemmi

    upper = name.upper()
    symbol = _ION_NAMES.get(upper) or re.sub(r"[^A-Z]", "", upper)
    symbol = "I" if symbol == "IOD" else symbol
    # gemmi takes the first two letters of a longer text.
    return int(gemmi.Element(symbol).atomic_number) if len(symbol) <= 2 else 0


def is_documented(name: str) -> bool:
    """Tell whether a table of components knows a name as an amino acid's."""
    import gemmi

    return bool(
        gemmi.find_tabulated_residue(name).is_amino_acid()
        or _modified_letter(name)
        or name in _modified_names()
    )


def residue_letter(component: str, parents: Mapping[str, str]) -> str:
    """Give a component's letter, a modified residue's parent's, X where nobody knows it."""
    import gemmi

    for name in (component, parents.get(component, "")):
        info = gemmi.find_tabulated_residue(name)
        letter = info.one_letter_code.upper()
        if info.is_amino_acid() and letter in RESIDUE_LETTERS:
            return letter
    return _modified_letter(component) or "X"


@lru_cache(maxsize=4096)
def _variant(name: str) -> str | None:
    """Give the amino acid or nucleotide that a force field's name stands for, if it is one."""
    upper = name.upper()
    if upper in _AMINO_VARIANTS:
        return _AMINO_VARIANTS[upper]
    if upper in _SIDE_CHAINS and upper != name:
        return upper
    # Amber's and OPLS's ends of a chain: NALA, CHIE, ZGLY.
    if len(upper) >= 4 and upper[0] in "NCZ":
        inner = _AMINO_VARIANTS.get(upper[1:], upper[1:])
        if inner in _SIDE_CHAINS:
            return inner
    if upper in _NUCLEIC_VARIANTS:
        return _NUCLEIC_VARIANTS[upper]
    match = _NUCLEIC.fullmatch(upper)
    if match:
        return f"{'D' if match[1] == 'D' or match[2] == 'T' else ''}{match[2]}"
    return None


@lru_cache(maxsize=4096)
def _tabulated(name: str) -> bool:
    import gemmi

    return bool(gemmi.find_tabulated_residue(name).found())


def _polymer(name: str) -> bool:
    import gemmi

    info = gemmi.find_tabulated_residue(name)
    return bool(info.is_amino_acid() or info.is_nucleic_acid() or name in _AMINO_VARIANTS)


@lru_cache(maxsize=4096)
def _modified_letter(name: str) -> str:
    """Look up a modified residue's letter where gemmi does not know it; empty for none."""
    from Bio.Data.PDBData import protein_letters_3to1_extended

    letter = protein_letters_3to1_extended.get(f"{name:<3}", "")
    return letter if letter in RESIDUE_LETTERS else ""


@lru_cache(maxsize=1)
def _modified_names() -> frozenset[str]:
    """List the amino acids that mdtraj knows, those without a parent among them.

    Of the package its list of names alone is read: all of it takes 0.1 s and more to import.
    """
    package = find_spec("mdtraj")
    assert package is not None, "is installed"
    names = Path(package.origin or "").with_name("core") / "residue_names.py"
    return frozenset(run_path(str(names))["_PROTEIN_RESIDUES"]) - {"UNK"}


def _has_sugar(atoms: frozenset[str]) -> bool:
    """Tell whether atoms are those of a nucleotide, in today's or yesterday's names."""
    primed = {atom.replace("*", "'") for atom in atoms}
    return {"C1'", "C4'"} <= primed


def _ion(name: str, element: int) -> str:
    import gemmi

    if element in _SALT:
        return _SALT[element]
    known = element > 1 and gemmi.Element(element).is_metal
    return gemmi.Element(element).name.upper() if known and not _tabulated(name) else name
