"""Read a megabyte of each sort of structure that is worst to read; run by `test_worst_structures`.

Every one is a valid file of many records of one sort: what is compared with everything else,
or looked up in a list, takes minutes on them.
"""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator

SIZE = 1_000_000
MEMORY = 1_500 * 1024**2
"""Bytes of address space for a megabyte of any sort: what takes its square ends."""
COLUMNS = (
    *("group_PDB", "id", "type_symbol", "label_atom_id", "label_alt_id", "label_comp_id"),
    *("label_asym_id", "auth_asym_id", "label_seq_id", "auth_seq_id", "Cartn_x", "Cartn_y"),
    "Cartn_z",
)
LINE = 81


def atom(
    number: int, name: str, residue: str, place: tuple[float, float, float], *, hetero: bool = False
) -> str:
    x, y, z = place
    return (
        f"{'HETATM' if hetero else 'ATOM':<6}{number % 100000:5d}  {name:<3} {residue:>3} A"
        f"{number % 10000:4d}    {x:8.3f}{y:8.3f}{z:8.3f}"
        f"{1.0:6.2f}{10.0:6.2f}          {name[0]:>2}\n"
    )


ONE = (1.0, 1.0, 1.0)
ALANINE = atom(1, "CA", "ALA", (0.0, 0.0, 0.0))


def on_a_grid(number: int) -> tuple[float, float, float]:
    return number % 100 * 3.8, number // 100 % 100 * 3.8, number // 10_000 * 3.8


def in_a_crowd(number: int) -> tuple[float, float, float]:
    """Give places in a cube of 0.4 Å, each another: those that are shared count as none."""
    return number % 40 / 100, number // 40 % 40 / 100, number // 1600 % 400 / 1000


def many(line: Callable[[int], str], size: int = SIZE) -> str:
    return "".join(line(number) for number in range(size // len(line(1))))


def mmcif(row: Callable[[int], str]) -> str:
    head = "data_x\nloop_\n" + "".join(f"_atom_site.{column}\n" for column in COLUMNS)
    return head + many(row)


def chain_row(number: int) -> str:
    """An atom of a chain of its own; the names share their first letters."""
    name = f"c_{number:05d}"
    return f"ATOM {number} C CA . ALA {name} {name} 1 1 {number * 3.8:.1f} 0 0\n"


def short_chain_row(number: int) -> str:
    name, place = f"c_{number // 3:05d}", number % 3 + 1
    return f"ATOM {number} C CA . ALA {name} {name} {place} {place} {number * 3.8:.1f} 0 0\n"


SEQRES = "ALA GLY SER THR TRP ASP LYS LEU VAL ILE MET TYR PHE"
FILES: dict[str, Callable[[], str]] = {
    "x.pdb: REMARK 465": lambda: many(lambda i: f"REMARK 465     MET A{i:6d}    \n") + ALANINE,
    "y.pdb: sugars at one place": lambda: (
        many(lambda i: atom(i, "C1", "NAG", ONE, hetero=True)) + ALANINE
    ),
    "z.pdb: ligands at one place": lambda: (
        many(lambda i: atom(i, "C1", "LIG", ONE, hetero=True), SIZE // 2)
        + many(lambda i: atom(i, "CA", "ALA", ONE), SIZE // 2)
    ),
    "a.pdb: residues at one place": lambda: many(lambda i: atom(i, "CA", "ALA", ONE)),
    "b.pdb: a long SEQRES": lambda: (
        many(lambda i: f"SEQRES {i % 1000:3d} A {9999:4d}  {SEQRES}\n", SIZE // 2)
        + many(lambda i: atom(i, "CA", "ALA", on_a_grid(i)), SIZE // 2)
    ),
    "s.pdb: sugars in a crowd, beside a chain": lambda: (
        many(lambda i: atom(i, "C1", "NAG", in_a_crowd(i), hetero=True))
        + many(lambda i: atom(i, "CA", "ALA", on_a_grid(i)), SIZE // 10)
    ),
    "t.pdb: a SEQRES beside as many residues again": lambda: (
        many(lambda i: f"SEQRES {i % 1000:3d} A {9999:4d}  {SEQRES}\n", SIZE // 2)
        + many(lambda i: atom(i, "CA", "ALA", on_a_grid(i)), 2 * SIZE)
    ),
    "c.pdb: waters": lambda: many(lambda i: atom(i, "O", "HOH", ONE, hetero=True)) + ALANINE,
    "d.pdb: TER after each": lambda: many(lambda i: atom(i, "CA", "ALA", on_a_grid(i)) + "TER\n"),
    "e.pdb: models": lambda: many(lambda i: f"MODEL     {i % 10000:4d}\n{ALANINE}ENDMDL\n"),
    "f.pdb: MODRES": lambda: (
        many(lambda i: f"MODRES 1XYZ Q{i % 100:02d} A {i % 10000:4d}  LYS  A LYSINE\n") + ALANINE
    ),
    "g.pdb: free amino acids": lambda: many(
        lambda i: atom(i, "CA", "ALA", on_a_grid(i), hetero=True)
    ),
    "h.cif: a chain each": lambda: mmcif(chain_row),
    "i.cif: short chains": lambda: mmcif(short_chain_row),
}


def read(name: str, text: str) -> None:
    """Read a file and label its chains, as a run and Live do."""
    from precompute.datasets.structure_file import parse_structure
    from precompute.datasets.structures import label_chains
    from precompute.live.writing import safe_names

    model = parse_structure(text.encode(), name)
    label_chains(model, [chain.name for chain in model.chains], "mdtraj")
    safe_names(key.chain for key in model.residue_ids)


def texts() -> Iterator[tuple[str, str]]:
    for title, make in FILES.items():
        yield title, make()


def main() -> None:
    from precompute.errors import AtlasError

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for title, text in texts():
        print(title, flush=True)
        try:
            read(title.partition(":")[0], text)
        except AtlasError as error:
            print(str(error)[:300])
    print("done")


if __name__ == "__main__":
    main()
