"""Place a sequence on the columns of the family it belongs to, by profile HMMs.

One profile is built from each alignment with every column as a match state, so that a
profile's states are the alignment's columns. HMMER does the work, through pyhmmer.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from precompute.demo.families import GAP_TOKEN, TOKENS, Family
from precompute.errors import AtlasError

if TYPE_CHECKING:
    from pyhmmer.plan7 import HMM, Alignment

NO_COLUMN = -1
LARGEST_E_VALUE = 1e-3
SEARCH_SIZE = 20_000
"""E-values are those of a search through this many families, about as many as Pfam has."""
SMALLEST_SHARE = 0.5
"""Of the family's columns that the match must span: a fragment of less is not drawn."""


@dataclass(frozen=True, eq=False)
class Placement:
    """Where a sequence stands in a family.

    Attributes
    ----------
    accession
        The family.
    score, e_value
        Of the best-scoring domain: bits, and the E-value in a search through
        `SEARCH_SIZE` families.
    first, last
        The residues that the domain spans, counted from 1.
    columns
        For each residue its column, from 0, or `NO_COLUMN` where it is outside the
        domain or an insertion; shape (residues,). Columns ascend.
    others
        Accessions of further families that match, and were not chosen.
    """

    accession: str
    score: float
    e_value: float
    first: int
    last: int
    columns: NDArray[np.int64]
    others: tuple[str, ...] = ()

    @property
    def placed(self) -> int:
        """Residues that have a column."""
        return int((self.columns != NO_COLUMN).sum())


class Profiles:
    """The profiles of some families.

    Parameters
    ----------
    profiles
        By accession.
    """

    def __init__(self, profiles: dict[str, HMM[Any]]) -> None:
        self.profiles = profiles

    @property
    def accessions(self) -> tuple[str, ...]:
        """The families there are."""
        return tuple(self.profiles)

    def place(self, sequence: str) -> Placement | None:
        """Find the family of a sequence and the column of each of its residues.

        Parameters
        ----------
        sequence
            Letters of residues.

        Returns
        -------
        Placement or None
            The domain of highest score; None when no family matches with an E-value of
            at most `LARGEST_E_VALUE` over `SMALLEST_SHARE` of its columns.
        """
        from pyhmmer.easel import Alphabet, DigitalSequenceBlock, TextSequence
        from pyhmmer.plan7 import Pipeline

        alphabet = Alphabet.amino()
        digital = TextSequence(name="query", sequence=sequence).digitize(alphabet)
        block = DigitalSequenceBlock(alphabet, [digital])
        found: list[tuple[float, Placement]] = []
        for accession, profile in self.profiles.items():
            pipeline = Pipeline(
                alphabet, Z=SEARCH_SIZE, domZ=1, E=LARGEST_E_VALUE, incE=LARGEST_E_VALUE
            )
            for hit in pipeline.search_hmm(profile, block):
                for domain in hit.domains:
                    spanned = domain.alignment.hmm_to - domain.alignment.hmm_from + 1
                    # i_evalue counts one sequence (domZ = 1): scale it to the search.
                    e_value = domain.i_evalue * SEARCH_SIZE
                    if e_value > LARGEST_E_VALUE or spanned < SMALLEST_SHARE * profile.M:
                        continue
                    found.append(
                        (
                            domain.score,
                            Placement(
                                accession,
                                float(domain.score),
                                float(e_value),
                                domain.alignment.target_from,
                                domain.alignment.target_to,
                                _columns(domain.alignment, len(sequence)),
                            ),
                        )
                    )
        if not found:
            return None
        best = max(found, key=lambda pair: pair[0])[1]
        others = dict.fromkeys(
            placement.accession
            for _, placement in sorted(found, key=lambda pair: -pair[0])
            if placement.accession != best.accession
        )
        return Placement(
            best.accession,
            best.score,
            best.e_value,
            best.first,
            best.last,
            best.columns,
            tuple(others),
        )


def _columns(alignment: Alignment, residues: int) -> NDArray[np.int64]:
    """Read the column of each residue off HMMER's two aligned lines."""
    columns = np.full(residues, NO_COLUMN, dtype=np.int64)
    residue = alignment.target_from - 1
    column = alignment.hmm_from - 1
    pairs = zip(alignment.hmm_sequence, alignment.target_sequence, strict=True)
    for state, letter in pairs:
        if state != "." and letter != "-":
            columns[residue] = column
        residue += letter != "-"
        column += state != "."
    return columns


def build_profile(family: Family) -> HMM[Any]:
    """Build the profile of an alignment; its match states are the columns.

    HMMER weighs the sequences itself (position-based, Henikoff and Henikoff, J. Mol.
    Biol. 1994); nothing random is involved beyond its calibration, which is seeded.
    """
    from pyhmmer.easel import Alphabet, TextMSA, TextSequence
    from pyhmmer.plan7 import Background, Builder

    letters = np.array([ord(token) if len(token) == 1 else ord("X") for token in TOKENS])
    text = letters.astype(np.uint8)[family.rows]
    text[family.rows == GAP_TOKEN] = ord("-")
    alphabet = Alphabet.amino()
    msa = TextMSA(
        name=family.accession,
        sequences=[
            TextSequence(name=f"{number}", sequence=row.tobytes().decode())
            for number, row in enumerate(text)
        ],
    ).digitize(alphabet)
    builder = Builder(alphabet, architecture="fast", symfrac=0.0, seed=42)
    profile, _, _ = builder.build_msa(msa, Background(alphabet))
    if family.columns != profile.M:
        raise AtlasError(
            f"The alignment {family.accession} has columns without residues; remove them."
        )
    return profile


def write_profiles(families: Sequence[Family], path: Path) -> None:
    """Build the families' profiles and write them as HMMER's text, gzipped."""
    sink = io.BytesIO()
    for family in families:
        build_profile(family).write(sink, binary=False)
    # HMMER writes the date of building, which would make every rebuild a new file.
    lines = [line for line in sink.getvalue().split(b"\n") if not line.startswith(b"DATE ")]
    path.write_bytes(gzip.compress(b"\n".join(lines), mtime=0))


def read_profiles(path: Path) -> Profiles:
    """Read the profiles of a demo checkpoint.

    Raises
    ------
    AtlasError
        When the file is missing or damaged.
    """
    from pyhmmer.plan7 import HMMFile

    try:
        with HMMFile(io.BytesIO(gzip.decompress(path.read_bytes()))) as file:
            profiles = {_text(profile.name): profile for profile in file}
    except FileNotFoundError as error:
        raise AtlasError(f"There is no {path}: take the checkpoint's folder whole.") from error
    except Exception as error:  # gzip and HMMER raise many kinds on damage
        raise AtlasError(f"{path} is damaged ({type(error).__name__}): take it anew.") from error
    if not profiles:
        raise AtlasError(f"{path} holds no profile: take it anew.")
    return Profiles(profiles)


def _text(name: str | bytes) -> str:
    return name.decode() if isinstance(name, bytes) else name
