"""Workbooks that portops writes: the marked copy, the template, corrections, receipts, the ledger."""
