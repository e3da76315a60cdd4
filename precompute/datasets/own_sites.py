"""A list of residues of one's own, which becomes a property: from a table, or from a BED file.

A table (commas, semicolons or tabs, with a header) names a chain or an entry, and residues by
their author's numbers. A BED file has no header and counts places in the sequence from 0, the
end not included.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from precompute.chain import Chain
from precompute.datasets.chains import Chains
from precompute.datasets.text import decode, is_binary, unpack
from precompute.errors import AtlasError
from precompute.one_line import one_line

PROPERTY = "own_site"
"""What the residues have, in `precompute.features.FEATURES` and `Chain`."""

MOST_BYTES = 50_000_000
_NAMES = ("chain", "entry", "protein", "id")
_RESIDUES = ("residue", "number", "position")
_CLASSES = ("class", "kind", "name")
_PLACE = re.compile(r"[0-9]{1,12}")
_RANGE = re.compile(r"(-?\d+[A-Za-z]?)(?:\s*(?:-|–|\.\.)\s*(-?\d+[A-Za-z]?))?")


@dataclass(frozen=True)
class Site:
    """One line of a list.

    Attributes
    ----------
    line
        Where it stands, from 1.
    name
        A chain or an entry.
    first, last
        Author's numbers with insertion codes, or places in the sequence; both included.
    kind
        Its class, empty where the list has none.
    """

    line: int
    name: str
    first: str
    last: str
    kind: str


@dataclass(frozen=True)
class Sites:
    """A list of residues.

    Attributes
    ----------
    file
        Its name, for messages and notes.
    sha256
        Of its bytes.
    by_place
        Whether residues are places in the sequence, from 0, instead of author's numbers.
    sites
        Its lines.
    """

    file: str
    sha256: str
    by_place: bool
    sites: tuple[Site, ...]


def read_sites(path: Path, kinds: Sequence[str] = ()) -> Sites:
    """Read a list of residues.

    Parameters
    ----------
    path
        ``.bed`` (chain, start, end and a class where there are four columns), or a table with
        the columns chain or entry, residue (``45``, ``52A`` or ``67-72``) and, if wanted, class.
    kinds
        Classes that are wanted; all by default.

    Raises
    ------
    AtlasError
        Naming the line at fault and what to write there.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise AtlasError(
            f"The list of sites {path} cannot be read ({error.strerror or error}); name a file."
        ) from error
    if len(data) > MOST_BYTES:
        raise AtlasError(f"{path} has more than {MOST_BYTES // 10**6} MB; give a shorter list.")
    unpacked = unpack(data, str(path), MOST_BYTES) if data.strip() else b""
    if is_binary(unpacked.rstrip(b"\0")):
        raise AtlasError(
            f"The list of sites {path} is no text; save it as CSV, not as a spreadsheet."
        )
    text = decode(unpacked)
    bed = path.name.lower().removesuffix(".gz").endswith(".bed")
    found = tuple(_read_bed(text, path) if bed else _read_table(text, path))
    if not found:
        raise AtlasError(f"{path} names no residue; write one a line under a header.")
    there = sorted({site.kind for site in found if site.kind})
    if absent := [kind for kind in kinds if kind not in there]:
        known = ", ".join(map(one_line, there[:20])) or "no class at all"
        raise AtlasError(f"{path} has no class {one_line(absent[0])}; it has {known}.")
    if kinds:
        found = tuple(site for site in found if site.kind in kinds)
    return Sites(path.name, hashlib.sha256(data).hexdigest(), bed, found)


def _read_bed(text: str, path: Path) -> Iterator[Site]:
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split("\t") if "\t" in line else line.split()
        if not words or words[0].startswith(("#", "track", "browser")):
            continue
        if len(words) < 3 or not all(_PLACE.fullmatch(word.strip()) for word in words[1:3]):
            raise AtlasError(
                f"{path}, line {number}: write a chain, a start and an end, counted from 0 with "
                "the end not included, as BED does."
            )
        start, end = int(words[1]), int(words[2])
        if end <= start:
            raise AtlasError(
                f"{path}, line {number}: the end {end} is not behind the start {start}; BED does "
                "not include the end."
            )
        kind = words[3].strip() if len(words) > 3 else ""
        yield Site(number, words[0].strip(), str(start), str(end - 1), kind)


def _read_table(text: str, path: Path) -> Iterator[Site]:
    header = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=header.count)
    try:
        rows = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
        names = [name.strip().lower() for name in next(rows, [])]
        columns = [
            next((names.index(name) for name in some if name in names), None)
            for some in (_NAMES, _RESIDUES, _CLASSES)
        ]
        owner, residue, kind = columns
        if owner is None or residue is None:
            raise AtlasError(
                f"{path} begins with no header that has chain (or entry) and residue; write "
                "chain,residue or chain,residue,class in its first line."
            )
        entry = names.index("entry") if {"entry", "chain"} <= set(names) else None
        for row in rows:
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            cells += [""] * (len(names) - len(cells))
            read = _RANGE.fullmatch(cells[residue])
            if not cells[owner] or read is None:
                shown = one_line(delimiter.join(row))[:60]
                raise AtlasError(
                    f"{path}, line {rows.line_num}: {shown!r} names no chain with a residue; write "
                    "the author's number, such as 45, 52A or 67-72."
                )
            name = cells[owner] if entry is None else f"{cells[entry]}.{cells[owner]}"
            first, last = read[1], read[2] or read[1]
            yield Site(rows.line_num, name, first, last, cells[kind] if kind is not None else "")
    except csv.Error as error:
        raise AtlasError(f"{path} is no readable CSV ({error}); save it anew.") from error


class ChainsWithSites(Chains):
    """A dataset whose chains carry a list of residues of one's own.

    Of a chain that the list names, every residue is a site or none; of any other it is not
    known, and it is eligible for nothing. An entry stands for all its chains that have the
    residue.

    Parameters
    ----------
    chains
        The dataset.
    sites
        The list.
    properties
        What the dataset has labels of.
    label
        The dataset's name, for messages.

    Raises
    ------
    AtlasError
        Naming the first line whose chain or residue is not there, and what is.
    """

    def __init__(self, chains: Chains, sites: Sites, properties: Sequence[str], label: str) -> None:
        self._chains = chains
        self._marked = _mark(chains, sites, label)
        marked = sum(int((labels == 1).sum()) for labels in self._marked.values())
        kinds = Counter(site.kind for site in sites.sites if site.kind)
        what = ", ".join(f"{kind} ({count:,})" for kind, count in sorted(kinds.items())[:20])
        self.skipped, self.skipped_files = chains.skipped, chains.skipped_files
        self.remarks = chains.remarks
        self.notes: Mapping[str, str] = {
            **chains.notes,
            "own sites": f"{one_line(sites.file)}, SHA-256 {sites.sha256[:16]}: {marked:,} "
            f"residues of {len(self._marked):,} chains"
            + (f"; lines by class: {what}" if what else ""),
        }
        own = chains.properties if chains.properties is not None else properties
        self.properties = (*own, PROPERTY)

    def __len__(self) -> int:
        return len(self._chains)

    def __getitem__(self, number: int) -> Chain:
        chain = self._chains[number]
        labels = self._marked.get(number)
        unknown = np.full(len(chain), -1, dtype=np.int8)
        return replace(chain, own_site=unknown if labels is None else labels)

    def sha256(self) -> str:
        """SHA-256 over the dataset; that of the list is among the notes."""
        return self._chains.sha256()

    def close(self) -> None:
        """Give files back."""
        self._chains.close()


def _mark(chains: Chains, sites: Sites, label: str) -> dict[int, NDArray[np.int8]]:
    """Label the residues of each chain that a list names: 1 a site, 0 none."""
    marked: dict[int, NDArray[np.int8]] = {}
    for number, _, places in find_residues(chains, sites, label):
        if number not in marked:
            marked[number] = np.zeros(len(chains[number]), dtype=np.int8)
        marked[number][places] = 1
    return marked


def find_residues(
    chains: Chains | Sequence[Chain], sites: Sites, label: str
) -> Iterator[tuple[int, Site, slice]]:
    """Find the residues that a list names.

    Parameters
    ----------
    chains
        All chains of the data, whole.
    sites
        The list.
    label
        What the data are called, for messages.

    Yields
    ------
    tuple
        The place of a chain, a line that names it, and which of its residues; nothing of them for
        a chain of the entry that lacks a residue which another has.

    Raises
    ------
    AtlasError
        At the end, naming the first line whose chain or residue is not there, and what is.
    """
    wanted: dict[str, list[Site]] = {}
    for site in sites.sites:
        wanted.setdefault(_folded(site.name), []).append(site)
    named: set[str] = set()
    found: set[int] = set()
    known: list[str] = []
    lacking: dict[int, Chain] = {}
    for number in range(len(chains)):
        chain = chains[number]
        known.append(chain.identifier)
        names = {_folded(name) for name in _names(chain.identifier)} & wanted.keys()
        for site in (site for name in names for site in wanted[name]):
            places = _places(chain, site, by_place=sites.by_place)
            if places is None:
                lacking[site.line] = chain
            else:
                found.add(site.line)
            yield number, site, places if places is not None else slice(0, 0)
        named |= names
    for site in sites.sites:
        where = f"{sites.file}, line {site.line}"
        if _folded(site.name) not in named:
            raise AtlasError(
                f"{where}: {label} has no chain or entry {one_line(site.name)}; it has "
                f"{_some(known)}: write it so."
            )
        if site.line not in found:
            chain = lacking[site.line]
            numbers = _numbers(chain, by_place=sites.by_place)
            of = "places in the sequence" if chain.numbers is None else "the author's numbers"
            ends = [end[:20] for end in dict.fromkeys((site.first, site.last))]
            what = " to ".join(ends)
            raise AtlasError(
                f"{where}: {one_line(chain.identifier)} has no residue {what}; by {of} it has "
                f"{numbers[0]} to {numbers[-1]}, insertion codes as in 52A."
            )


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - 3:,} more" if len(names) > 3 else ""
    return ", ".join(one_line(name) for name in names[:3]) + more


def _names(identifier: str) -> list[str]:
    """Give the names under which a list may call a chain: its own, and its entry's."""
    parts = re.split(r"[._:]", identifier)
    if len(parts) == 1:
        return [identifier]
    # A file's name may have dots and underscores of its own.
    entry = re.split(r"[._:](?=[^._:]*$)", identifier)[0]
    return [identifier, entry, parts[0], f"{parts[0]}.{parts[-1]}"]


def _folded(name: str) -> str:
    """Make names alike: entries in any letters, chains as they are written, one separator."""
    entry, separator, chain = re.sub(r"[_:]", ".", name.strip()).rpartition(".")
    return f"{entry.lower()}.{chain}" if separator else name.strip().lower()


def _numbers(chain: Chain, *, by_place: bool) -> list[str]:
    """Give each residue's number as a list names it; empty where nobody knows it."""
    if by_place:
        return [str(place) for place in range(len(chain))]
    if chain.numbers is None:
        return [str(place) for place in range(1, len(chain) + 1)]
    return list(chain.numbers)


def _places(chain: Chain, site: Site, *, by_place: bool) -> slice | None:
    """Find a site's residues in a chain; None where an end of its range is not there."""
    numbers = _numbers(chain, by_place=by_place)
    if site.first not in numbers or site.last not in numbers:
        return None
    first, last = numbers.index(site.first), len(numbers) - 1 - numbers[::-1].index(site.last)
    return slice(first, last + 1) if first <= last else None
