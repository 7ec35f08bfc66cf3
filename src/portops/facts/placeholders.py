"""What people write where they have no value, and where they mean the one above.

Source: the industry's intake sheets; see `docs/findings.md` for what is made of them.
"""

from __future__ import annotations

#: A cell that says one of these says nothing; compared in small letters, without dots and brackets.
PLACEHOLDERS = frozenset(
    {
        "tbd", "tba", "tbc", "t.b.d", "n/a", "na", "n.a", "n / a", "none", "unknown", "unk", "pending", "?", "??",
        "???", "-", "--", "---", "\u2013", "\u2014", ".", "..", "...", "x", "xx", "xxx", "xxxx", "see bill", "see invoice",
        "see statement", "on file", "same", "same as above", "as above", "ditto", '"', "''", "\u3003",
        "nil", "null", "not available", "not applicable", "to be determined", "to be confirmed",
        "to follow", "will send", "will advise", "waiting", "awaiting", "need", "needed", "missing",
        "ask", "ask customer", "check", "verify", "unavailable", "not known", "not sure", "dont know",
        "don't know", "#", "*", "blank", "empty", "todo", "to do", "see notes", "see note", "see above",
        "per bill", "on bill", "attached", "see attached", "requested", "coming", "later", "idem",
        "same as btn", "do", "no info", "undefined", "nan", "see csr", "refer to bill", "same as prev",
    }
)

#: A cell that says one of these means what the cell above it says.
DITTOS = frozenset(
    {
        '"', "''", "\u3003", "same", "same as above", "as above", "ditto", "idem", '" "', '-"-', "do",
        "see above", "same above", "same as prev", "\u2033", "\u2191", "^", '"same"', "same as last",
        "same as previous",
    }
)


def fold(text: str) -> str:
    """Fold a cell for comparison: small letters, no brackets, no dot at its end."""
    folded = " ".join(text.casefold().strip().strip("()[]<>*").split())
    return folded if set(folded) <= set(".") else folded.rstrip(".!")


def is_placeholder(text: str) -> bool:
    """Tell whether a cell says nothing."""
    folded = fold(text)
    return folded in PLACEHOLDERS or folded.startswith(("same as ", "see ", "as per ", "refer to "))


def is_ditto(text: str) -> bool:
    """Tell whether a cell means what is above it."""
    return fold(text) in DITTOS
