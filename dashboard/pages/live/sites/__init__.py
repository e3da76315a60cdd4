"""Residues of the visitor's own, and heads ranked by them."""
