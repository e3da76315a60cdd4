"""Contacts: what all heads of a model know together, protein by protein."""
