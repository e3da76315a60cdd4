"""Why contacts of a causal model are not measured."""

CAUSAL = (
    "its attention is causal: a residue attends to none behind it, so that a map has one triangle "
    "only and the mean of heads collapses, as it does for ProGen2 (arXiv 2606.21876). Contacts are "
    "not measured; take a model that reads both ways."
)
"""The end of a sentence that names the model."""
