"""A second protein beside the first."""
