"""Live: one protein, one model, and where its heads look."""
