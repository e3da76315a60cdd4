"""Binding sites and modified residues, read off a structure's hetero groups.

A hetero group says that something was in the crystal, not why. What is there because of
how the crystal was made is listed in `ADDITIVES`, with the reason, and binds nothing here.
Magnesium, calcium, manganese, iron, cobalt, nickel, copper and zinc count as ligands:
they hold folds and active sites together far more often than they come from a buffer
(a nickel from a purification column is the known exception). Sodium, potassium and the
halides do not, since every buffer has them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from precompute.datasets.components import MEMBRANE_LIPIDS, is_documented
from precompute.datasets.polymer import CAPS
from precompute.datasets.runs import LARGEST_BOND
from precompute.datasets.structure_model import Model

BINDING_DISTANCE = 4.5
"""Å between heavy atoms of a residue and of a ligand, at most."""

ADDITIVES: dict[str, str] = {
    **dict.fromkeys(("SO4", "SUL", "PO4", "PI", "2HP", "PO3", "NO3"), "salt of the solution"),
    **dict.fromkeys(("NA", "K", "LI", "RB", "CS", "CL", "BR", "IOD", "F", "NH4"), "salt ion"),
    **dict.fromkeys(("SCN", "AZI", "BCT", "CO3", "PER", "OXL"), "salt ion"),
    **dict.fromkeys(("CD", "SR", "BA", "Y1", "YB", "SM", "GD", "LU", "TB"), "phasing or packing"),
    **dict.fromkeys(("HG", "MMC", "EMC", "AU", "PT", "PB", "TL", "XE", "KR", "AR"), "heavy atom"),
    **dict.fromkeys(("I3C", "TA0", "W", "AG", "PD", "IR", "OS", "U1", "IUM"), "heavy atom"),
    **dict.fromkeys(("GOL", "EDO", "MPD", "MRD", "PGO", "PGR", "BU3", "BUD"), "cryoprotectant"),
    **dict.fromkeys(("PDO", "1BO", "HEZ", "IPA", "EOH", "MOH", "POL", "DIO"), "solvent"),
    **dict.fromkeys(("DMS", "DMF", "ACN", "CCN", "ACY", "BUQ", "TBU", "ACT"), "solvent or acetate"),
    **dict.fromkeys(("FMT", "FLC", "CIT", "TAR", "TLA", "MLI", "MLA"), "acid of a buffer"),
    **dict.fromkeys(("SIN", "CAC", "BO3", "BO4", "B3P", "MLT", "LMR"), "acid of a buffer"),
    **dict.fromkeys(("TRS", "MES", "EPE", "BTB", "BIS", "CXS", "NHE", "MPO", "PIN"), "buffer"),
    **dict.fromkeys(("IMD", "TAM", "BCN", "BES", "TEA", "CPS", "HED"), "buffer or oxidised BME"),
    **dict.fromkeys(("BME", "DTT", "DTV", "DTU", "DTD", "TCE"), "reducing agent"),
    **dict.fromkeys(
        ("PEG", "PGE", "PG4", "PG0", "PG5", "PG6", "1PE", "2PE", "P6G", "PE3", "PE4", "PE5"),
        "polyethylene glycol of the precipitant",
    ),
    **dict.fromkeys(
        ("PE8", "7PE", "XPE", "12P", "15P", "33O", "1PG", "P33", "P4C", "PEU", "ETE", "ME2"),
        "polyethylene glycol of the precipitant",
    ),
    **dict.fromkeys(
        ("M2M", "JEF", "PGF", "PE7", "TOE"),
        "polyethylene glycol of the precipitant",
    ),
    **dict.fromkeys(
        ("BOG", "BNG", "LDA", "LMT", "LMU", "DMU", "C8E", "C10", "SDS", "HTO", "HTG", "OLC"),
        "detergent or crystallisation lipid",
    ),
    **dict.fromkeys(
        ("OLB", "MA4", "LI1", "TRT", "UMQ"),
        "detergent or crystallisation lipid",
    ),
    **dict.fromkeys(MEMBRANE_LIPIDS, "membrane of a simulation"),
    **dict.fromkeys(("GAI", "URE", "SPM", "SPD", "GLV", "TMO", "EDT"), "additive of the screen"),
    **dict.fromkeys(("UNX", "DUM"), "an unknown atom, or a dummy"),
    **dict.fromkeys(("OH", "O", "OXY", "PEO", "H2S"), "gas or hydroxide"),
}
"""Components that are no ligands, and why each one tends to be in a crystal."""

NOT_MODIFICATIONS: dict[str, str] = {
    "MSE": "selenomethionine, fed to the cells for phasing",
    "CSE": "selenocysteine in place of cysteine, for phasing",
    "NLE": "norleucine in place of methionine",
    "CME": "cysteine that took up mercaptoethanol from the buffer",
    "CAS": "cysteine that took up arsenic from a cacodylate buffer",
    "CAF": "cysteine that took up arsenic from a cacodylate buffer",
    "SEC": "encoded by the gene",
    "PYL": "encoded by the gene",
    "UNK": "unknown",
    "ASX": "asparagine or aspartate",
    "GLX": "glutamine or glutamate",
}
"""Components other than the twenty that are no post-translational modification, and why."""

_GLYCOSYLATED = {b"ASN": b"ND2", b"SER": b"OG", b"THR": b"OG1"}

_MOST_IN_CELL = 8
"""Atoms in a cube of 1.15 Å (`_neighbours`): no two of a molecule are nearer than 0.9 Å."""

_RING = (b"C1", b"C2", b"C3", b"C4", b"C5", b"O5")


def binding_sites(model: Model) -> NDArray[np.bool_]:
    """Mark residues with a heavy atom within 4.5 Å of one of a ligand.

    Ligands of every chain of the model count for every chain. A sugar tree that is bonded
    to the protein is a modification, not a ligand.

    Returns
    -------
    numpy.ndarray
        Shape (residues of the model,).
    """
    ligand = ~model.polymer & ~_sugar_bonds(model)[1]
    ligand &= ~np.isin(model.residue_names, [*ADDITIVES, *CAPS]) & ~_water(model)
    return _near(model, model.protein, ligand, BINDING_DISTANCE)


def modifications(model: Model) -> NDArray[np.bool_]:
    """Mark protein residues that are modified, or bear a sugar.

    Modified are residues whose component is not of the twenty, those of
    `NOT_MODIFICATIONS` and D-amino acids apart, and those whose name neither a table of
    components nor the file itself knows as an amino acid's; sugars hang on ND2 of asparagine,
    OG of serine or OG1 of threonine, a bond's length away.

    Returns
    -------
    numpy.ndarray
        Shape (residues of the model,).
    """
    import gemmi

    def modified(name: str) -> bool:
        info = gemmi.find_tabulated_residue(name)
        known = is_documented(name) or name in model.described
        return (
            known
            and name not in NOT_MODIFICATIONS
            and not (info.is_standard() or info.kind == gemmi.ResidueKind.AAD)
        )

    verdicts = {name: modified(name) for name in set(model.residue_names)}
    own = np.array([verdicts[name] for name in model.residue_names], dtype=bool)
    return model.protein & (own | _sugar_bonds(model)[0])


def _sugars(model: Model) -> NDArray[np.bool_]:
    import gemmi

    kinds = (gemmi.ResidueKind.PYR, gemmi.ResidueKind.KET)
    infos = {name: gemmi.find_tabulated_residue(name) for name in set(model.residue_names)}
    sugars = {name for name, info in infos.items() if info.kind in kinds}
    # GLYCAM's 4YB and CHARMM's BGLN are in no table: what has the ring of a pyranose is one.
    unknown = np.isin(model.residue_names, sorted(n for n, i in infos.items() if not i.found()))
    ring = np.ones(len(unknown), dtype=bool)
    for atom in _RING:
        ring &= np.bincount(model.atom_residues[model.atom_names == atom], minlength=len(ring)) > 0
    return ~model.polymer & (np.isin(model.residue_names, sorted(sugars)) | (unknown & ring))


def _water(model: Model) -> NDArray[np.bool_]:
    import gemmi

    names = set(model.residue_names)
    waters = sorted(name for name in names if gemmi.find_tabulated_residue(name).is_water())
    return np.isin(model.residue_names, waters)


def _near(
    model: Model, residues: NDArray[np.bool_], others: NDArray[np.bool_], distance: float
) -> NDArray[np.bool_]:
    """Mark those of some residues with a heavy atom within a distance of one of others."""
    from scipy.spatial import KDTree

    near = np.zeros(len(model.residue_names), dtype=bool)
    own = np.flatnonzero(model.heavy & residues[model.atom_residues])
    other = np.flatnonzero(model.heavy & others[model.atom_residues])
    if len(own) and len(other):
        distances, _ = KDTree(model.positions[other]).query(model.positions[own])
        near[model.atom_residues[own[distances <= distance]]] = True
    return near


def _sugar_bonds(model: Model) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Mark residues that bear a sugar, and all sugars of the trees that hang on them.

    Returns
    -------
    tuple of numpy.ndarray
        Two of shape (residues of the model,).
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    size = len(model.residue_names)
    sugars = _sugars(model)
    if not sugars.any():
        return np.zeros(size, dtype=bool), sugars
    bearing = np.zeros(len(model.atom_names), dtype=bool)
    names = np.array(model.residue_names, dtype=np.bytes_)[model.atom_residues]
    for residue, atom in _GLYCOSYLATED.items():
        bearing |= (names == residue) & (model.atom_names == atom)
    bearing &= model.protein[model.atom_residues]
    of_sugar = sugars[model.atom_residues] & model.heavy
    # Sugars first: what shares a cell with one is tied to it.
    atoms = np.concatenate([np.flatnonzero(of_sugar), np.flatnonzero(bearing)])
    one, other = model.atom_residues[atoms][_neighbours(model.positions[atoms]).T]
    # Two bearing atoms that clash are no bond between two residues.
    bond = sugars[one] | sugars[other]
    one, other = one[bond], other[bond]
    graph = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(size, size))
    _, tree = connected_components(graph, directed=False)
    borne = np.zeros(size, dtype=bool)
    for first, second in ((one, other), (other, one)):
        borne[first[model.protein[first] & sugars[second]]] = True
    return borne, sugars & np.isin(tree, tree[borne])


def _neighbours(positions: NDArray[np.float64]) -> NDArray[np.int64]:
    """List pairs of points that are a bond's length apart or less; shape (pairs, 2).

    All are listed where no more than `_MOST_IN_CELL` share a cell, whose points are all that near
    to each other. Of more, which no molecule has, the others are tied to the first alone: so many
    pairs there are as points, and not as their square.
    """
    from scipy.spatial import KDTree

    places = np.floor(positions / (LARGEST_BOND / 3**0.5))
    _, cells = np.unique(places, axis=0, return_inverse=True)
    order = np.argsort(cells.ravel(), kind="stable")
    ordered = cells.ravel()[order]
    first = np.searchsorted(ordered, ordered)
    few = np.arange(len(order)) - first < _MOST_IN_CELL
    near = KDTree(positions[order[few]]).query_pairs(LARGEST_BOND, output_type="ndarray")
    tied = np.stack([order[first[~few]], order[~few]], axis=1)
    return np.concatenate([order[few][near], tied])
