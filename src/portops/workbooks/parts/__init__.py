"""The parts of a workbook's package (.xlsx, .xlsm): read, patched, and put together again.

What is not changed is copied as it lies in the file, byte for byte. ECMA-376 part 1 (SpreadsheetML)
and part 2 (packages) say what the parts are; Strict workbooks have other names for the same things.
"""
