"""Read the atoms of an mmCIF file, whoever wrote it.

gemmi parses the text. Only the categories that say something of atoms, residues and chains
are looked at, so that a fault in another one keeps nobody from the structure.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from precompute.datasets.atom_table import AtomTable, Section
from precompute.datasets.numbering import read_scheme
from precompute.errors import AtlasError

if TYPE_CHECKING:
    import gemmi

_NONE = ("", ".", "?")
_LARGEST_NUMBER = 2**31 - 1
"""Of a residue, as programs hold it."""


def read_mmcif(data: bytes, name: str) -> list[Section]:
    """Read an mmCIF file.

    Parameters
    ----------
    data
        Its text.
    name
        Of the file, for messages.

    Returns
    -------
    list of Section
        The data blocks that hold atoms.

    Raises
    ------
    AtlasError
        When the atoms have no coordinates or no names.
    """
    import gemmi

    # Without gemmi's checks of duplicates, which are no business of atoms in most places.
    document = gemmi.cif.read_string(data, check_level=0)
    return [_read_block(block, name) for block in document if _has_atoms(block, name)]


def _has_atoms(block: gemmi.cif.Block, name: str) -> bool:
    tag = "_atom_site.Cartn_x"
    tables = sum(item.loop is not None and tag in item.loop.tags for item in block)
    if tables > 1:
        raise AtlasError(f"{name} has {tables} tables of atoms in one data block; part them.")
    return len(block.find_values(tag)) > 0


def _read_block(block: gemmi.cif.Block, name: str) -> Section:
    count = len(block.find_values("_atom_site.Cartn_x"))

    def column(*tags: str) -> NDArray[np.str_]:
        """Give the first of some columns that says something, row by row."""
        import gemmi

        values: list[str] | None = None
        for tag in tags:
            found = block.find_values(f"_atom_site.{tag}")
            if len(found) != count:
                continue
            raw = list(found)
            known = {one: gemmi.cif.as_string(one) for one in set(raw)}
            texts = [known[one] for one in raw]
            if values is None:
                values = texts
            else:
                values = [one or other for one, other in zip(values, texts, strict=True)]
            if "" not in known.values() or all(values):
                break
        return np.full(count, "") if values is None else np.array(values, dtype=np.str_)

    def coordinates(axis: str) -> NDArray[np.float64]:
        # Nearly every one is another, so that no table of texts helps.
        found = block.find_values(f"_atom_site.Cartn_{axis}")
        return _floats(np.array(list(found)) if len(found) == count else column(axis))

    names = column("label_atom_id", "auth_atom_id")
    components = column("label_comp_id", "auth_comp_id")
    if (names == "").any() or (components == "").any():
        raise AtlasError(
            f"{name} does not name all of its atoms and residues (_atom_site.label_atom_id and "
            "label_comp_id); write it anew with another program."
        )
    models = column("pdbx_PDB_model_num")
    segments = column("label_asym_id")
    numbers = _integers(column("auth_seq_id", "label_seq_id"), 0)
    insertions = column("pdbx_PDB_ins_code")
    single = all(len(one) <= 1 and one.isascii() for one in set(insertions.tolist()))
    if not single or ((numbers > _LARGEST_NUMBER) | (numbers < -_LARGEST_NUMBER)).any():
        raise AtlasError(
            f"{name} numbers its residues as no other file does (_atom_site.auth_seq_id and "
            "pdbx_PDB_ins_code, which is one letter); write it anew with another program."
        )
    occupancies = _floats(column("occupancy"))
    elements = np.char.capitalize(column("type_symbol"))
    entities, places = column("label_entity_id"), _integers(column("label_seq_id"), 0)
    polymers, sequences = _read_polymers(block), _read_sequences(block)
    if polymers is None:
        # Programs that tell no entities apart give every ligand a place, with its own number.
        places = np.where(np.isin(entities, np.array([*sequences], dtype=np.str_)), places, 0)
    table = AtomTable(
        hetero=column("group_PDB") == "HETATM",
        names=names,
        alternatives=column("label_alt_id"),
        components=components,
        chains=column("auth_asym_id", "label_asym_id"),
        segments=segments,
        pieces=np.zeros(count, dtype=np.int64),
        numbers=numbers,
        insertions=insertions,
        positions=np.stack([coordinates(axis) for axis in "xyz"], axis=1),
        occupancies=np.where(np.isnan(occupancies), 1.0, occupancies),
        elements=_atomic_numbers(elements),
        entities=entities,
        places=places,
    ).take(models == models[0])
    parents, linking = _read_components(block)
    return Section(
        table,
        models=len(np.unique(models)),
        sequences=sequences,
        polymers=polymers,
        parents=parents,
        linking=linking,
        scheme=read_scheme(block),
        title=_one(block, "_struct.title"),
    )


def _integers(texts: NDArray[np.str_], otherwise: int) -> NDArray[np.int64]:
    try:
        return texts.astype(np.int64)
    except ValueError:
        values = _floats(texts)
        return np.where(values == np.round(values), values, otherwise).astype(np.int64)


def _floats(texts: NDArray[np.str_]) -> NDArray[np.float64]:
    """Read numbers, NaN where there is none; a standard deviation in brackets is left out."""
    import gemmi

    try:
        values = texts.astype(np.float64)
    except ValueError:
        values = np.array([gemmi.cif.as_number(text) for text in texts.tolist()])
    return np.where(np.isfinite(values), values, np.nan)


def _atomic_numbers(symbols: NDArray[np.str_]) -> NDArray[np.uint8]:
    import gemmi

    known = {symbol: gemmi.Element(symbol).atomic_number for symbol in set(symbols.tolist())}
    return np.array([known[symbol] for symbol in symbols.tolist()], dtype=np.uint8)


def _read_sequences(block: gemmi.cif.Block) -> dict[str, list[str]]:
    """Read each entity's sequence; of components that share a place, the first."""
    places: dict[str, dict[int, str]] = defaultdict(dict)
    for row in block.find("_entity_poly_seq.", ["entity_id", "num", "mon_id"]):
        if row.str(1).isdecimal():
            places[row.str(0)].setdefault(int(row.str(1)), row.str(2))
    return {
        entity: list(found.values())
        for entity, found in places.items()
        if list(found) == list(range(1, len(found) + 1))
    }


def _read_polymers(block: gemmi.cif.Block) -> frozenset[str] | None:
    rows = [(row.str(0), row.str(1).lower()) for row in block.find("_entity.", ["id", "type"])]
    said = [(name, kind) for name, kind in rows if kind not in _NONE]
    return frozenset(name for name, kind in said if kind == "polymer") if said else None


def _read_components(block: gemmi.cif.Block) -> tuple[dict[str, str], frozenset[str]]:
    """Read which components are modified ones of others, and which are amino acids."""
    parents, linking = {}, set()
    for row in block.find("_chem_comp.", ["id", "?type", "?mon_nstd_parent_comp_id"]):
        kind = row.str(1).lower() if row.has(1) else ""
        parent = row.str(2).split(",")[0] if row.has(2) else ""
        if parent not in _NONE:
            parents[row.str(0)] = parent
        if "peptide" in kind and "link" in kind:
            linking.add(row.str(0))
    return parents, frozenset(linking)


def _one(block: gemmi.cif.Block, tag: str) -> str:
    import gemmi

    value = block.find_value(tag)
    return "" if value is None else str(gemmi.cif.as_string(value))
