"""The rules: one module a family, each with what it derives (`STEPS`) and its `RULES`.

A new rule is one entry in a family's `RULES`, or a module of its own here: nothing lists them.
"""
