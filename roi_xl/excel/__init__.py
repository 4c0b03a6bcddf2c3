"""What do Excel's functions mean? Each one once, over columns of values."""
