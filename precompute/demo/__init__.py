"""The demo: a small model of a few protein families, trained here, that ships with the project."""
