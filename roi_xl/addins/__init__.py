"""How do the functions get into a spreadsheet program, and out of it again?"""
