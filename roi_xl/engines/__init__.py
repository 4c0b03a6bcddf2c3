"""Who evaluates a workbook: the embedded engine, or an installed LibreOffice."""
