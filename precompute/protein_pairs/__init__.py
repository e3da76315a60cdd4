"""Pairs of proteins in one input: how much attention stays in each, and how much crosses over."""
