"""A package of somebody else: it brings a provider (`example`), a rule and a report.

What installing it would do, its `dist-info` beside it does: it is on the path of the tests
that ask for it (the fixture `plugin`).
"""
