"""The Amino acids page."""
