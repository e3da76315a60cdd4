"""Structure files as programs write them, made of the shipped examples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

from precompute.datasets import find_dataset
from precompute.datasets.structures import StructureChains
from precompute.examples import load_example
from precompute.labels import FeatureSet, background_counts

FEATURES = FeatureSet(find_dataset("structures").features)


@lru_cache(maxsize=16)
def example(name: str) -> str:
    """The atoms of a shipped example, waters and ligands apart, TER after every chain."""
    lines = [
        line.ljust(80)
        for line in load_example(name).structure_text.splitlines()
        if line[:6] in ("ATOM  ", "HETATM") or line.startswith("TER")
    ]
    return "\n".join([*lines, "END", ""])


def change(text: str, edit: Callable[[str, int], str]) -> str:
    """Rewrite every atom's line; `edit` is given the line and counts atoms from 0."""
    lines, number = [], 0
    for line in text.splitlines():
        if line[:6] in ("ATOM  ", "HETATM"):
            line, number = edit(line, number), number + 1
        lines.append(line)
    return "\n".join([*lines, ""])


def put(line: str, first: int, text: str) -> str:
    """Write a text into a line from a column, counted from 1 as the format does."""
    return line[: first - 1] + text + line[first - 1 + len(text) :]


def renamed(text: str, names: dict[str, Sequence[str]]) -> str:
    """Give residues other names, in turn; names of four letters reach into column 21."""
    turns: dict[str, int] = {}
    last: dict[str, str] = {}

    def edit(line: str, _: int) -> str:
        name, key = line[17:20].strip(), line[21:27]
        if name not in names:
            return line
        if last.get(name) != key:
            last[name], turns[name] = key, turns.get(name, -1) + 1
        chosen = names[name][turns[name] % len(names[name])]
        return put(line, 18, f"{chosen:<4}" if len(chosen) == 4 else f"{chosen:>3}")

    return change(text, edit)


def add(
    text: str, atoms: Sequence[tuple[str, str, str, str, int, tuple[float, float, float]]]
) -> str:
    """Add atoms before the END: record, atom field of four columns, name, chain, number, place."""
    lines = text.removesuffix("END\n").splitlines()
    for serial, (record, atom, name, chain, number, (x, y, z)) in enumerate(atoms, 9000):
        field = f"{name:<4}" if len(name) == 4 else f"{name:>3} "
        lines.append(
            f"{record:<6}{serial:5d} {atom:<4} {field}{chain}{number:4d}    "
            f"{x:8.3f}{y:8.3f}{z:8.3f}  1.00  0.00".ljust(80)
        )
    return "\n".join([*lines, "END", ""])


def near(text: str, away: float = 3.5) -> tuple[float, float, float]:
    """A place beside the first C-beta, as far as a ligand that binds."""
    line = next(one for one in text.splitlines() if one[12:16] == " CB ")
    return float(line[30:38]) + away, float(line[38:46]), float(line[46:54])


def lines_of(text: str, chain: str) -> list[str]:
    return [line for line in text.splitlines() if line[21:22] == chain and line[:3] != "TER"]


def text_of(*parts: list[str] | str) -> str:
    return "\n".join(line for part in parts for line in ([part] if isinstance(part, str) else part))


def columns(edit: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: change(text, lambda line, _: edit(line))


def with_ligand(text: str, record: str = "HETATM", name: str = "LIG", chain: str = "X") -> str:
    x, y, z = near(text)
    return add(
        text,
        [(record, f" C{i} ", name, chain, 501, (x + 1.5 * i, y, z)) for i in range(2)],
    )


def read(folder: Path, text: str | bytes, name: str = "x.pdb") -> StructureChains:
    """Read a text as a folder run does."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return StructureChains(folder / name)


def facts(chains: StructureChains) -> dict[str, object]:
    """Everything that a run counts of a file: sequences and backgrounds."""
    every = [chains[number] for number in range(len(chains))]
    hits, eligible = background_counts(every, FEATURES)
    return {
        "sequences": [chain.sequence for chain in every],
        "resolved": [int(chain.resolved.sum()) for chain in every if chain.resolved is not None],
        "background": dict(
            zip(FEATURES.names, zip(hits.tolist(), eligible.tolist(), strict=True), strict=True)
        ),
    }


_twins: dict[str | bytes, dict[str, object]] = {}


def same(folder: Path, text: str | bytes, twin: str | bytes, name: str = "x.pdb") -> None:
    """Assert that a file counts as its clean twin does."""
    if twin not in _twins:
        _twins[twin] = facts(read(folder / "twin", twin))
    assert facts(read(folder / "given", text, name)) == _twins[twin]
