"""The file: its parts, its sheets and cells, and how a new one takes its place; nothing here knows a formula."""
