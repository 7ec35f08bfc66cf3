"""The press: prints any report as notebook, page, paper and workbook, and writes index and mail."""
