"""Which proteins are examples, and what is certain about them without their files.

Sequences, coordinates, folds and ligands are read off the files; here stand only the names
of the proteins and organisms. The eight first are the solved chains of the demo model's
families, the others show what those lack.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Choice:
    """One protein to take.

    Attributes
    ----------
    name
        Identifier of the PDB entry.
    protein
        What it is.
    organism
        Where it comes from; None where that is not certain.
    family
        Accession of its Pfam family, where the demo model knows it.
    shows
        Why it is here; of a family's chain the family says it.
    """

    name: str
    protein: str
    organism: str | None
    family: str | None = None
    shows: str = ""

    @property
    def source(self) -> str:
        """The file in the maintainers' data folder."""
        if self.family:
            return f"families/{self.family}_{self.name}_A.pdb.gz"
        return f"structures/{self.name.lower()}.pdb.gz"


CHOICES: tuple[Choice, ...] = (
    Choice("1MVO", "PhoP, receiver domain", "Bacillus subtilis", "PF00072"),
    Choice("1T8K", "Acyl carrier protein", "Escherichia coli", "PF00550"),
    Choice("2ZXJ", "YycF (WalR), DNA-binding domain", "Staphylococcus aureus", "PF00486"),
    Choice("2X1B", "Rna15, RNA recognition motif", "Saccharomyces cerevisiae", "PF00076"),
    Choice("2O37", "Sis1, J-domain", "Saccharomyces cerevisiae", "PF00226"),
    Choice("2EVB", "Biotin carboxyl carrier protein", "Pyrococcus horikoshii", "PF00364"),
    Choice("1GN0", "Thiosulfate sulfurtransferase GlpE", "Escherichia coli", "PF00581"),
    Choice("1OAP", "Pal, periplasmic domain", "Escherichia coli", "PF00691"),
    Choice(
        "1JYR",
        "Grb2, SH2 domain, with a peptide",
        "Homo sapiens",
        shows="a phosphorylated tyrosine; a peptide bound to a domain",
    ),
    Choice(
        "1MHW",
        "Cathepsin L with inhibitors",
        "Homo sapiens",
        shows="ligands in the active site; an oxidised cysteine; several chains; insertion codes",
    ),
    Choice(
        "2FP7",
        "NS2B–NS3 protease with an inhibitor",
        "West Nile virus",
        shows="strands nearly alone; a ligand in the active site; a loop that was not resolved",
    ),
    Choice(
        "2D1L",
        "Missing in metastasis (MIM), IMD domain",
        None,
        shows="helices alone; the largest; residues that one of two copies of a chain lacks",
    ),
)
"""The twelve, in the order of a menu."""
