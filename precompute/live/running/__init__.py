"""Models run on a protein, in a process of their own."""
