"""The registry of models: what each one is, where it comes from, how it reads a sequence.

To add a model of a known architecture, add its line here; to add an architecture, add
a file beside this one, its line in `ARCHITECTURES` and one in `configuration`. Nothing here
imports torch.
"""

from __future__ import annotations

from dataclasses import dataclass

from precompute.errors import AtlasError


@dataclass(frozen=True)
class Model:
    """One pretrained model.

    Attributes
    ----------
    name, label
        Identifier in tables and URLs; what a reader sees.
    architecture
        Key of `ARCHITECTURES`: the adapter that runs it.
    source, revision
        Repository on the Hugging Face hub and the revision to take; without a revision it is
        on no hub, and `source` says where it is published.
    original
        Where the weights were first published.
    layers, heads, width
        Shape: layers, heads a layer, hidden size.
    vocabulary
        How residues become tokens: ``tape``, ``vocab.txt``, ``spiece.model``, ``columns`` of an
        alignment, or ``plus``.
    special_tokens
        Where the special tokens stand, such as ``first and last`` or ``last two``.
    in_paper
        Whether the paper has results of it.
    ships
        Whether its weights come with this project.
    reads_any
        Whether it reads every sequence; one that does not leaves chains out.
    reads_alignments
        Whether it reads a whole alignment at once, and not one sequence.
    terms
        Under which licence its authors give the weights, where it is known.
    longest_seen
        Residues of the longest input in its training, where it reads longer ones; else None.
    attends
        Whether it has attention.
    """

    name: str
    label: str
    architecture: str
    source: str
    revision: str
    original: str
    layers: int
    heads: int
    width: int
    vocabulary: str
    special_tokens: str
    in_paper: bool = True
    ships: bool = False
    reads_any: bool = True
    reads_alignments: bool = False
    terms: str = ""
    longest_seen: int | None = None
    attends: bool = True

    @property
    def causal(self) -> bool:
        """Whether a residue attends to none behind it, as in models that write sequences."""
        return self.architecture in ("gpt2", "progen")

    @property
    def attention(self) -> str:
        """Which attention its heads have, as tables name it: of a sequence, or along rows."""
        return "row" if self.reads_alignments else "self"

    @property
    def reads_pairs(self) -> bool:
        """Whether two proteins can be one input of it, as of a BERT."""
        return self.architecture in ("bert", "albert", "plus_tfm", "plus_rnn")


JOINED_TOKENS = "tokenizer.json, tokens of several residues"
"""The `Model.vocabulary` of ProtGPT2."""
_ROSTLAB = "Elnaggar et al., ProtTrans, 2021"
_PROT_TRANS_TERMS = "Academic Free License 3.0"


def _esm2(name: str, size: str, layers: int, heads: int, width: int) -> Model:
    return Model(
        f"esm2_{name.lower()}",
        f"ESM-2 {size}",
        "esm",
        f"facebook/esm2_{name}_UR50D",
        "main",
        "Lin et al., ESM-2, 2023",
        layers,
        heads,
        width,
        "vocab.txt",
        "first and last",
        in_paper=False,
        terms="MIT",
    )


def _esmc(size: str, layers: int, heads: int, width: int) -> Model:
    return Model(
        f"esmc_{size.lower()}",
        f"ESM-C {size}",
        "esmc",
        # The repositories without -hf are in the layout of Biohub's own package.
        f"biohub/ESMC-{size}-hf",
        "main",
        "EvolutionaryScale, ESM Cambrian, 2024",
        layers,
        heads,
        width,
        "tokenizer.json",
        "first and last",
        in_paper=False,
        terms="MIT since May 2026",
    )


def _t5(
    name: str, label: str, source: str, original: str, shape: tuple[int, int, int], terms: str
) -> Model:
    layers, heads, width = shape
    return Model(
        name,
        label,
        "t5",
        source,
        "main",
        original,
        layers,
        heads,
        width,
        "spiece.model, <AA2fold>" if name == "prost_t5" else "spiece.model",
        "first and last" if name == "prost_t5" else "last",
        in_paper=False,
        terms=terms,
    )


def _progen2(size: str, layers: int, heads: int, width: int) -> Model:
    return Model(
        f"progen2_{size}",
        f"ProGen2-{size}",
        "progen",
        f"hugohrban/progen2-{size}",
        "main",
        "Nijkamp et al., ProGen2, 2023",
        layers,
        heads,
        width,
        "tokenizer.json",
        "first and last",
        in_paper=False,
        terms="BSD 3-Clause",
    )


MODELS: dict[str, Model] = {
    model.name: model
    for model in (
        Model(
            "tape_bert",
            "TapeBert",
            "bert",
            "mlnotes/tape",
            "main",
            "Rao et al., TAPE, 2019",
            12,
            12,
            768,
            "tape",
            "first and last",
            terms="BSD 3-Clause",
        ),
        Model(
            "prot_albert",
            "ProtAlbert",
            "albert",
            "Rostlab/prot_albert",
            "main",
            _ROSTLAB,
            12,
            64,
            4096,
            "spiece.model",
            "first and last",
            terms=_PROT_TRANS_TERMS,
        ),
        Model(
            "prot_bert",
            "ProtBert",
            "bert",
            "Rostlab/prot_bert",
            "main",
            _ROSTLAB,
            30,
            16,
            1024,
            "vocab.txt",
            "first and last",
            terms=_PROT_TRANS_TERMS,
        ),
        Model(
            "prot_bert_bfd",
            "ProtBert-BFD",
            "bert",
            "Rostlab/prot_bert_bfd",
            "main",
            _ROSTLAB,
            30,
            16,
            1024,
            "vocab.txt",
            "first and last",
            terms=_PROT_TRANS_TERMS,
        ),
        Model(
            "prot_xlnet",
            "ProtXLNet",
            "xlnet",
            "Rostlab/prot_xlnet",
            "main",
            _ROSTLAB,
            30,
            16,
            1024,
            "spiece.model",
            "last two",
            terms=_PROT_TRANS_TERMS,
        ),
        _esm2("t6_8M", "8M", 6, 20, 320),
        _esm2("t12_35M", "35M", 12, 20, 480),
        _esm2("t30_150M", "150M", 30, 20, 640),
        _esm2("t33_650M", "650M", 33, 20, 1280),
        _esm2("t36_3B", "3B", 36, 40, 2560),
        Model(
            "esm1b",
            "ESM-1b",
            "esm",
            "facebook/esm1b_t33_650M_UR50S",
            "main",
            "Rives et al., ESM-1b, 2021",
            33,
            20,
            1280,
            "vocab.txt",
            "first and last",
            in_paper=False,
            terms="MIT",
        ),
        _esmc("300M", 30, 15, 960),
        _esmc("600M", 36, 18, 1152),
        _esmc("6B", 80, 40, 2560),
        _t5(
            "prot_t5_xl",
            "ProtT5-XL",
            "Rostlab/prot_t5_xl_half_uniref50-enc",
            _ROSTLAB,
            (24, 32, 1024),
            _PROT_TRANS_TERMS,
        ),
        _t5(
            "prost_t5",
            "ProstT5",
            "Rostlab/ProstT5",
            "Heinzinger et al., ProstT5, 2024",
            (24, 32, 1024),
            "MIT",
        ),
        _t5(
            "ankh_base",
            "Ankh base",
            "ElnaggarLab/ankh-base",
            "Elnaggar et al., Ankh, 2023",
            (48, 12, 768),
            "CC BY-NC-SA 4.0, not for commerce",
        ),
        _t5(
            "ankh_large",
            "Ankh large",
            "ElnaggarLab/ankh-large",
            "Elnaggar et al., Ankh, 2023",
            (48, 16, 1536),
            "CC BY-NC-SA 4.0, not for commerce",
        ),
        Model(
            "zymctrl",
            "ZymCTRL",
            "gpt2",
            "nferruz/ZymCTRL",
            "main",
            "Munsamy et al., ZymCTRL, 2022",
            36,
            20,
            1280,
            "tokenizer.json",
            "first and last",
            in_paper=False,
            terms="Apache 2.0",
        ),
        Model(
            "protgpt2",
            "ProtGPT2",
            "gpt2",
            "nferruz/ProtGPT2",
            "main",
            "Ferruz et al., ProtGPT2, 2022",
            36,
            20,
            1280,
            JOINED_TOKENS,
            "first and last, and line breaks",
            in_paper=False,
            terms="Apache 2.0",
        ),
        _progen2("small", 12, 16, 1024),
        _progen2("medium", 27, 16, 1536),
        _progen2("large", 32, 32, 2560),
        _progen2("xlarge", 32, 16, 4096),
        Model(
            "antiberty",
            "AntiBERTy",
            "bert",
            "jeffruffolo/AntiBERTy",
            "main",
            "Ruffolo et al., AntiBERTy, 2021",
            8,
            8,
            512,
            "vocab.txt",
            "first and last",
            in_paper=False,
            terms="MIT",
        ),
        Model(
            "esm_msa1b",
            "MSA Transformer",
            "msa_transformer",
            "github.com/facebookresearch/esm, esm_msa1b_t12_100M_UR50S",
            "",
            "Rao et al., MSA Transformer, 2021",
            12,
            12,
            768,
            "columns",
            "first",
            in_paper=False,
            reads_alignments=True,
            terms="MIT",
        ),
        Model(
            "plus_tfm",
            "PLUS-TFM",
            "plus_tfm",
            "PLUS-TFM.pt of ailab.snu.ac.kr/PLUS (github.com/mswzeus/PLUS)",
            "",
            "Min et al., PLUS, 2021",
            12,
            12,
            768,
            "plus",
            "first and last",
            in_paper=False,
            terms="not said of the weights; MIT of its code",
            longest_seen=256,
        ),
        Model(
            "demo",
            "Demo: 8 families, trained here",
            "aligned_bert",
            "this project",
            "",
            "this project: a model of eight protein families, not of proteins",
            1,
            16,
            256,
            "columns",
            "columns without a residue",
            in_paper=False,
            ships=True,
            reads_any=False,
        ),
    )
}
"""Every model by name, in the order in which lists show them."""


def _plus_rnn(name: str, label: str, width: int) -> Model:
    return Model(
        f"plus_rnn_{name}",
        f"PLUS-RNN {label}",
        "plus_rnn",
        f"PLUS-RNN_{name.upper()}.pt of ailab.snu.ac.kr/PLUS (github.com/mswzeus/PLUS)",
        "",
        "Min et al., PLUS, 2021",
        3,
        0,
        width,
        "plus",
        "first and last",
        in_paper=False,
        attends=False,
    )


WITHOUT_ATTENTION: dict[str, Model] = {
    model.name: model
    for model in (_plus_rnn("base", "base", 1024), _plus_rnn("large", "large", 2048))
}
"""Models by name whose vectors and scores are read, but no attention: nothing else lists them."""

ARCHITECTURES: dict[str, str] = {
    name: f"precompute.models.{name}"
    for name in (
        "bert",
        "albert",
        "xlnet",
        "esm",
        "esmc",
        "t5",
        "gpt2",
        "progen",
        "roberta",
        "aligned_bert",
        "msa_transformer",
        "plus_tfm",
    )
}
"""The module of each architecture's adapter."""

RECURRENT: dict[str, str] = {"plus_rnn": "precompute.models.plus_rnn"}
"""As `ARCHITECTURES`, of those without attention."""


def find_model(name: str) -> Model:
    """Look a model with attention up by name.

    Raises
    ------
    AtlasError
        When the registry does not have it, or it has no attention.
    """
    if name in WITHOUT_ATTENTION:
        raise AtlasError(
            f"{WITHOUT_ATTENTION[name].label} is a recurrent network and has no attention to "
            "measure: it takes part in probes, and with --pairs it tells families."
        )
    if name not in MODELS:
        raise AtlasError(f"There is no model {name}; there are {', '.join(MODELS)}.")
    return MODELS[name]


def find_any_model(name: str) -> Model:
    """Look a model up by name, also one without attention.

    Raises
    ------
    AtlasError
        When the registry does not have it.
    """
    return WITHOUT_ATTENTION[name] if name in WITHOUT_ATTENTION else find_model(name)
