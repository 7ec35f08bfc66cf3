"""Check: a workbook becomes NUMBERS and FINDINGS."""
