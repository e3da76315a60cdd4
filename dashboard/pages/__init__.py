"""A room a page; none knows another."""
