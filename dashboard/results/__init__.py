"""What is loaded, and the readers of it; no widget and no figure."""
