"""What every page has: opening, address, take-along, tables, changes."""
