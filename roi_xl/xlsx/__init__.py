"""The file: its parts, sheets and cells, and how it is replaced; nothing here knows about formulas."""
