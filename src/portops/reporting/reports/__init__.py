"""The reports: a module or folder each, with everything of it; `REPORT` is what it gives."""
