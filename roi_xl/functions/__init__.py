"""What do the numbers mean? One question per module; pure; numbers, arrays or symbols.

The formulas here trust their arguments. Bounds are checked once, at the doors:
`roi_xl` for Python, `roi_xl.cells` for every spreadsheet.
"""
