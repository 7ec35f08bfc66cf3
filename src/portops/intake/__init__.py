"""Intake: any workbook becomes NUMBERS as written, with how its columns were understood."""
