"""A workbook as a function of a million inputs: plan, evaluate over arrays, check against the engine."""
