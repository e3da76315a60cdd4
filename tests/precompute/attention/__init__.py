"""Attention as a file."""
