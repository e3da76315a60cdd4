"""The Substitution page."""
