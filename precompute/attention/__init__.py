"""Attention itself as a file: arcs as a table, or whole maps, of many proteins."""
