"""Read the columns of a PDB file, as programs of every sort write them.

The format is eighty columns wide and says nothing of what does not fit: numbers above 9,999
come in hexadecimal, in hybrid-36, as ``****`` or begin anew; a serial number of six digits
shifts all that follows. What can be read for certain is read, the rest is refused.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from precompute.datasets.atom_table import AtomTable, Section
from precompute.datasets.numbering import read_missing
from precompute.datasets.residue_numbers import decode_numbers
from precompute.errors import AtlasError

_WIDTH = 80
_COORDINATES = (slice(30, 38), slice(38, 46), slice(46, 54))
_POINTS = (34, 42, 50)
"""Columns, from 0, of the decimal points of the three coordinates."""

_NO_NUMBER = re.compile(rb"\*+|[+-]?(?:nan|inf|infinity|ind|1\.#\w*|n/?a|none|null|[?.-])", re.I)
"""What programs write where they have no coordinate."""


@dataclass(eq=False)
class _Lines:
    """The lines of a section: header, and atoms of the first model with their pieces."""

    header: list[bytes] = field(default_factory=list)
    atoms: list[bytes] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    pieces: list[int] = field(default_factory=list)
    models: int = 0
    ended: bool = False


def read_pdb(data: bytes, name: str) -> list[Section]:
    """Read a PDB file.

    Parameters
    ----------
    data
        Its text, one byte a column.
    name
        Of the file, for messages.

    Returns
    -------
    list of Section
        What stands between END records; sections without atoms are left out.

    Raises
    ------
    AtlasError
        When a coordinate does not stand in its columns.
    """
    return [_read_section(lines, name) for lines in _split(data) if lines.atoms]


def _split(data: bytes) -> Iterator[_Lines]:
    """Part the lines at END records, and leave the atoms of later models out.

    ENDMDL that no MODEL opened is an END too.
    """
    lines, open_model, modelled, filled, piece = _Lines(), False, False, False, 0
    for place, line in enumerate(data.splitlines(), 1):
        record = line[:6]
        if record not in (b"ATOM  ", b"HETATM"):
            record = record.rstrip().upper()
        if record in (b"ATOM  ", b"ATOM", b"HETATM"):
            if not filled:
                filled, lines.models = True, lines.models + 1
            if lines.models == 1:
                lines.atoms.append(line)
                lines.places.append(place)
                lines.pieces.append(piece)
                lines.ended = False
        elif record == b"TER":
            piece += 1
            lines.ended = True
        elif record == b"MODEL":
            if lines.atoms and not modelled:
                # A receptor, and poses of its ligand as models after it.
                yield lines
                lines = _Lines()
            open_model, filled, modelled = True, False, True
        elif record in (b"END", b"ENDMDL"):
            piece += 1
            if record == b"ENDMDL" and open_model:
                open_model = False
            elif lines.atoms:
                yield lines
                lines, open_model, modelled = _Lines(), False, False
            filled = open_model and filled
        elif record in (b"SEQRES", b"MODRES", b"REMARK", b"TITLE"):
            lines.header.append(line)
    yield lines


def _read_section(lines: _Lines, name: str) -> Section:
    columns = np.array(lines.atoms, dtype=f"S{_WIDTH}").view(np.uint8).reshape(-1, _WIDTH)
    columns = np.where(columns == 0, ord(" "), columns)

    def text(first: int, end: int) -> NDArray[np.bytes_]:
        cut = np.ascontiguousarray(columns[:, first:end]).view(f"S{end - first}")[:, 0]
        stripped: NDArray[np.bytes_] = np.char.strip(cut)
        return stripped

    def words(first: int, end: int) -> NDArray[np.str_]:
        # A byte of ASCII widened to four is the same letter of NumPy's texts.
        wide = np.ascontiguousarray(columns[:, first:end].astype(np.uint32))
        stripped: NDArray[np.str_] = np.char.strip(wide.view(f"U{end - first}")[:, 0])
        return stripped

    coordinates = [text(one.start, one.stop) for one in _COORDINATES]
    positions = np.stack([_floats(one) for one in coordinates], axis=1)
    _refuse_shifted(columns, coordinates, positions, lines, name)
    threes = np.ascontiguousarray(columns[:, 17:20]).view("S3")[:, 0]
    components, chains = _names_and_chains(threes, words(20, 21), words(21, 22))
    names, alternatives, segments = words(12, 16), words(16, 17), words(72, 76)
    numbers, insertions = decode_numbers(
        words(22, 26),
        words(26, 27),
        np.array(lines.pieces),
        [chains, components],
        names,
        alternatives,
        positions,
    )
    occupancies = _floats(text(54, 60))
    modified = [line for line in lines.header if line[:6] == b"MODRES"]
    parents = {line[12:15].strip().decode(): line[24:27].strip().decode() for line in modified}
    titles = [line[10:80].decode() for line in lines.header if line[:5] == b"TITLE"]
    table = AtomTable(
        hetero=np.char.upper(words(0, 6)) == "HETATM",
        names=names,
        alternatives=alternatives,
        components=components,
        chains=chains,
        segments=_believed_segments(segments, [chains, components, numbers, insertions]),
        pieces=np.array(lines.pieces, dtype=np.int64),
        numbers=numbers,
        insertions=insertions,
        positions=positions,
        occupancies=np.where(np.isnan(occupancies), 1.0, occupancies),
        elements=_elements(columns, words(76, 78)),
        entities=np.full(len(names), ""),
        places=np.zeros(len(names), dtype=np.int64),
    )
    return Section(
        table,
        models=lines.models,
        sequences=_read_sequences(lines.header),
        parents={one: parent for one, parent in parents.items() if one and parent},
        missing=read_missing([line.decode() for line in lines.header if line[:6] == b"REMARK"]),
        title=" ".join("".join(titles).split()),
        ended=lines.ended,
    )


def _floats(texts: NDArray[np.bytes_]) -> NDArray[np.float64]:
    """Read numbers, NaN where there is none."""
    try:
        values = texts.astype(np.float64)
    except ValueError:
        values = np.array([_float(text) for text in texts.tolist()])
    return np.where(np.isfinite(values), values, np.nan)


def _float(text: bytes) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _refuse_shifted(
    columns: NDArray[np.uint8],
    texts: list[NDArray[np.bytes_]],
    positions: NDArray[np.float64],
    lines: _Lines,
    name: str,
) -> None:
    """Refuse lines whose coordinates stand elsewhere than in columns 31 to 54."""
    short = (columns[:, _COORDINATES[2].stop - 4 :] == ord(" ")).all(axis=1)
    if short.any():
        raise AtlasError(
            f"{name} is damaged: line {lines.places[int(np.argmax(short))]:,} ends before its "
            "coordinates do; fetch it anew."
        )
    wrong = np.zeros(len(columns), dtype=bool)
    for one, values in zip(texts, positions.T, strict=True):
        for row in np.flatnonzero(np.isnan(values)).tolist():
            text = bytes(one[row])
            wrong[row] |= bool(text) and not _NO_NUMBER.fullmatch(text)
    serials = columns[:, 10:14]
    digit = (serials >= ord("0")) & (serials <= ord("9"))
    # Where the serial number has a sixth digit, the points stand as many columns further on.
    for shift in range(1, 4):
        points = np.all([columns[:, point + shift] == ord(".") for point in _POINTS], axis=0)
        wrong |= points & digit[:, : 1 + shift].all(axis=1)
    if wrong.any():
        place = int(np.argmax(wrong))
        serial = lines.atoms[place][6:14].split()
        six = bool(serial) and re.fullmatch(rb"\d{6,}", serial[0])
        reason = (
            "its serial number has more than five digits, which shifts every column after it"
            if six
            else "something before them shifts the columns, or they are no numbers"
        )
        raise AtlasError(
            f"{name}: the coordinates in line {lines.places[place]:,} do not stand in columns 31 "
            f"to 54: {reason}. Save the structure as mmCIF, or with its atoms numbered anew."
        )


def _names_and_chains(
    threes: NDArray[np.bytes_], fourths: NDArray[np.str_], chains: NDArray[np.str_]
) -> tuple[NDArray[np.str_], NDArray[np.str_]]:
    """Tell residue names of four letters (``TIP3``) from chains of two.

    Column 21 is nobody's in the format: some programs begin a chain of two letters there,
    others end a residue name of four, or move every name one column on.

    Parameters
    ----------
    threes
        Columns 18 to 20 as they are, shape (atoms,).
    fourths, chains
        Columns 21 and 22, shape (atoms,).
    """
    from precompute.datasets.components import is_known, is_standard

    raw = threes.astype(np.str_)
    components = np.char.strip(raw)
    long = np.flatnonzero(fourths != "")
    if not len(long):
        return components, chains
    keys = list(zip(*(one[long].tolist() for one in (raw, fourths, chains)), strict=True))
    moved = any(
        three[:1] == " " and is_standard(three.strip() + fourth) for three, fourth, _ in set(keys)
    )
    # Of one of the twenty before a letter that makes no name of it, the chain is certain.
    begun = {
        (fourth, chain)
        for three, fourth, chain in set(keys)
        if is_standard(three.strip()) and not is_known((three + fourth).strip())
    }
    read = {}
    for three, fourth, chain in set(keys):
        name, short = (three + fourth).strip(), three.strip()
        whole, part = is_known(name), is_known(short)
        two = (part and not whole) or (part == whole and (fourth, chain) in begun)
        two &= bool(chain) and not moved
        read[three, fourth, chain] = (short, fourth + chain) if two else (name, chain)
    names, owners = components.astype(object), chains.astype(object)
    names[long] = [read[key][0] for key in keys]
    owners[long] = [read[key][1] for key in keys]
    return names.astype(np.str_), owners.astype(np.str_)


def _believed_segments(
    segments: NDArray[np.str_], keys: list[NDArray[np.str_] | NDArray[np.int64]]
) -> NDArray[np.str_]:
    """Give the segment identifiers, none where other things stand in their columns.

    A residue is of one segment; partial charges or line numbers change within residues.
    """
    same = np.ones(max(len(segments) - 1, 0), dtype=bool)
    for key in keys:
        same &= key[1:] == key[:-1]
    if (same & (segments[1:] != segments[:-1])).any():
        return np.full(len(segments), "")
    return segments


def _elements(columns: NDArray[np.uint8], symbols: NDArray[np.str_]) -> NDArray[np.uint8]:
    """Read the elements: from their own columns, else from where the atom's name begins."""
    import gemmi

    known = {symbol: gemmi.Element(symbol).atomic_number for symbol in set(symbols.tolist())}
    elements = np.array([known[symbol] for symbol in symbols.tolist()], dtype=np.uint8)
    without = np.flatnonzero(elements == 0)
    fields = [bytes(one).decode() for one in columns[without, 12:16]]
    # A name of one letter in column 13 says that the program puts every name there.
    if any(one in ("N   ", "C   ", "O   ") for one in fields):
        return elements
    guessed = {one: gemmi.Element(_symbol(one)).atomic_number for one in set(fields)}
    elements[without] = [guessed[one] for one in fields]
    return elements


def _symbol(name: str) -> str:
    """Give the symbol that an atom name in its four columns stands for (``CA  `` is calcium)."""
    if name[0].isalpha() and not (name.strip()[3:] and name[0] in "HD"):
        return name[:2].strip()
    return next((sign for sign in name if sign.isalpha()), "")


def _read_sequences(header: list[bytes]) -> dict[str, list[str]]:
    sequences: dict[str, list[str]] = defaultdict(list)
    for line in header:
        if line[:6] == b"SEQRES":
            sequences[line[10:12].decode().strip()] += line[19:].decode().split()
    return dict(sequences)
