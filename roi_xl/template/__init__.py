"""The workbook we give away: layout, style, one module per sheet, build."""
