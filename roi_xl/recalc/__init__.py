"""The workbook you bring: read it, evaluate it, put the values back in place."""
