"""What the pages share: reading results, choices, figures, tables, export.

`precompute` is imported from here and never imports this package.
"""
