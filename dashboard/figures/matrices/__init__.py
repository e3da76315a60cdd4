"""Square matrices of what has a tree: amino acids, the rows of an alignment."""
