"""The demo: a small model of a few protein families, trained here, that ships with the project."""

from pathlib import Path

MODEL_FOLDER = Path(__file__).parent / "model"
"""The checkpoint."""
RESULTS_FOLDER = Path(__file__).parent / "results"
"""Its tables: a results folder like any other."""
