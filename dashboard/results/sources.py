"""What is loaded, and where a model's heads can come from; pure, nothing is read here.

In addresses a source is ``model:published`` or ``model:run``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from precompute.heads import PUBLISHED
from precompute.models import MODELS
from precompute.models.weights import Remembered
from precompute.one_line import one_line
from precompute.published import THRESHOLD

PUBLISHED_PROTEINS = 5000
DEFAULT_THRESHOLD = f"{THRESHOLD:.2f}"
"""The paper's only threshold, as addresses have it."""


@dataclass(frozen=True)
class Run:
    """One finished run: what a page says about it.

    Attributes
    ----------
    name, folder
        The run, and the results folder it is in.
    model, dataset, proteins, residues
        What was measured.
    layers, heads
        Shape of the model.
    started, weights_sha256
        When, and with which weights.
    thresholds
        Attentions from which on weights were counted as arcs, ascending.
    rows
        Which rows of alignments were read, where the model reads any.
    checkpoint
        Where its weights lay, where it was measured with a folder of this machine.
    """

    name: str
    folder: str
    model: str
    dataset: str
    proteins: int
    residues: int
    layers: int
    heads: int
    started: str
    weights_sha256: str
    thresholds: tuple[float, ...] = ()
    rows: str = ""
    checkpoint: Remembered | None = None

    @property
    def sample(self) -> str:
        """How many proteins the values rest on, or alignments and which rows of them."""
        return self.sample_of(self.proteins)

    def sample_of(self, counted: int) -> str:
        """Say the same of values that rest on some of them."""
        said = sample_of(counted, self.proteins, "alignment" if self.rows else "protein")
        return f"{said}, {self.rows}" if self.rows else said


@dataclass(frozen=True)
class Loaded:
    """Everything that can be shown.

    Attributes
    ----------
    folders
        The results folders that were looked into.
    runs
        The runs found, newest first.
    problems
        One sentence for each folder that cannot be used.
    """

    folders: tuple[str, ...] = ()
    runs: tuple[Run, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def labels(self) -> dict[str, str]:
        """Models by name with the label a reader sees: the paper's, then runs' own."""
        names = {name: MODELS[name].label for name in paper_models()}
        for name in sorted({run.model for run in self.runs}):
            label = label_of_model(name)
            # A model of one's own may be called as one of the registry's is.
            names.setdefault(name, f"{label} (own)" if label in names.values() else label)
        return names

    @property
    def shapes(self) -> dict[str, tuple[int, int]]:
        """The largest layer and head that any loaded result of a model has."""
        shapes = {name: (MODELS[name].layers, MODELS[name].heads) for name in paper_models()}
        for run in self.runs:
            layers, heads = shapes.get(run.model, (0, 0))
            shapes[run.model] = (max(layers, run.layers), max(heads, run.heads))
        return shapes


@dataclass(frozen=True)
class HeadSource:
    """Where a model's heads come from: the paper, or one run.

    Attributes
    ----------
    model, label
        Identifier and name of the model.
    run
        The measured run; None for published values.
    """

    model: str
    label: str
    run: Run | None = None

    @property
    def key(self) -> str:
        """Name in addresses."""
        return f"{self.model}:{self.results}"

    @property
    def results(self) -> str:
        """``published`` or the name of the run."""
        return self.run.name if self.run else PUBLISHED

    @property
    def dataset(self) -> str:
        """The proteins of a run; empty for published values."""
        return self.run.dataset if self.run else ""

    @property
    def shape(self) -> tuple[int, int]:
        """Layers and heads."""
        if self.run:
            return self.run.layers, self.run.heads
        return MODELS[self.model].layers, MODELS[self.model].heads

    @property
    def thresholds(self) -> tuple[str, ...]:
        """The thresholds there are, as addresses have them, ascending."""
        if self.run is None:
            return (DEFAULT_THRESHOLD,)
        return tuple(f"{value:.2f}" for value in self.run.thresholds)

    @property
    def origin(self) -> str:
        """The source in words."""
        return f"measured, {self.dataset}" if self.run else PUBLISHED

    @property
    def title(self) -> str:
        """Model and source in words."""
        return f"{self.label}, {self.origin}"

    @property
    def sample(self) -> str:
        """How many proteins the values rest on."""
        if self.run:
            return self.run.sample
        # ProtXLNet's published values silently leave some of the proteins out
        equals = "≤" if self.model == "prot_xlnet" else "="
        return f"n {equals} {PUBLISHED_PROTEINS:,} proteins"

    @property
    def basis(self) -> str:
        """The source and its n in words."""
        return f"{self.origin}, {self.sample}"

    @property
    def name(self) -> str:
        """The source by its name: no two of a model have the same."""
        return f"run {self.run.name}" if self.run else PUBLISHED

    @property
    def long_title(self) -> str:
        """Model, source and n; what tells two sources apart comes first."""
        dataset = f", {self.dataset}" if self.run else ""
        return f"{self.label}, {self.name}{dataset}, {self.sample}"


def run_among(source: HeadSource, sources: Iterable[HeadSource]) -> str:
    """Give the end of a run's name where its model is there more than once over its dataset."""
    alike = {one.key for one in sources if (one.model, one.origin) == (source.model, source.origin)}
    return f"run {source.results[-8:]}" if source.run and len(alike) > 1 else ""


def label_of_model(name: str) -> str:
    """Give what a reader calls a model."""
    return MODELS[name].label if name in MODELS else one_line(name)


def sample_of(counted: int, of: int, what: str = "protein") -> str:
    """Say how many proteins, or other things, values rest on, of how many that there are."""
    some = "" if counted == of else f"{counted:,} of "
    return f"n = {some}{of:,} {what}{'' if of == 1 else 's'}"


def paper_models() -> list[str]:
    """Name the paper's models."""
    return [name for name, model in MODELS.items() if model.in_paper]


def list_sources(loaded: Loaded) -> dict[str, HeadSource]:
    """Give every source by its key: the published models, then the runs, newest first."""
    labels = loaded.labels
    published = [HeadSource(model, labels[model]) for model in paper_models()]
    runs = [HeadSource(run.model, labels[run.model], run) for run in loaded.runs]
    return {source.key: source for source in [*published, *runs]}


def every_threshold(sources: Iterable[HeadSource]) -> tuple[str, ...]:
    """Give the thresholds that any of some sources has, as addresses have them, ascending."""
    found = {value for source in sources for value in source.thresholds}
    return tuple(sorted({DEFAULT_THRESHOLD, *found}))
