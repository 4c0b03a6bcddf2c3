"""Formulas: each shape is parsed once; references, tables and names; and the translation for the engine."""
