"""The highest heads of a property."""
