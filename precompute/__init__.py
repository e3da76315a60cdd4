"""Measure what attention heads of protein language models follow.

Nothing in this package imports Streamlit; torch and transformers are imported
only by the functions that run a model.
"""

__version__ = "0.1.0"
