"""Every way to a protein."""
