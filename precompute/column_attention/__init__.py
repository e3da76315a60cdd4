"""Column attention: what rows of an alignment see of one another, and how unlike they are."""
