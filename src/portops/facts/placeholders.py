"""What people write where they have no value, and where they mean the one above.

Source: the industry's intake sheets; see `docs/findings.md` for what is made of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from portops.texts import arrow

if TYPE_CHECKING:
    import pandas as pd

#: No placeholder and no ditto is longer, brackets and spaces around it included.
LONGEST = 24

#: A cell that says one of these says nothing; compared in small letters, without dots and brackets.
PLACEHOLDERS = frozenset(
    {
        "tbd",
        "tba",
        "tbc",
        "t.b.d",
        "n/a",
        "na",
        "n.a",
        "n / a",
        "none",
        "unknown",
        "unk",
        "pending",
        "?",
        "??",
        "???",
        "-",
        "--",
        "---",
        "\u2013",
        "\u2014",
        ".",
        "..",
        "...",
        "x",
        "xx",
        "xxx",
        "xxxx",
        "see bill",
        "see invoice",
        "see statement",
        "on file",
        "same",
        "same as above",
        "as above",
        "ditto",
        '"',
        "''",
        "\u3003",
        "nil",
        "null",
        "not available",
        "not applicable",
        "to be determined",
        "to be confirmed",
        "to follow",
        "will send",
        "will advise",
        "waiting",
        "awaiting",
        "need",
        "needed",
        "missing",
        "ask",
        "ask customer",
        "check",
        "verify",
        "unavailable",
        "not known",
        "not sure",
        "dont know",
        "don't know",
        "#",
        "*",
        "blank",
        "empty",
        "todo",
        "to do",
        "see notes",
        "see note",
        "see above",
        "per bill",
        "on bill",
        "attached",
        "see attached",
        "requested",
        "coming",
        "later",
        "idem",
        "same as btn",
        "do",
        "no info",
        "undefined",
        "nan",
        "see csr",
        "refer to bill",
        "same as prev",
    }
)

#: A cell that says one of these means what the cell above it says.
DITTOS = frozenset(
    {
        '"',
        "''",
        "\u3003",
        "same",
        "same as above",
        "as above",
        "ditto",
        "idem",
        '" "',
        '-"-',
        "do",
        "see above",
        "same above",
        "same as prev",
        "\u2033",
        "\u2191",
        "^",
        '"same"',
        "same as last",
        "same as previous",
        "igual",
        "lo mismo",
    }
)


#: What a cell shows whose formula failed, or was not saved with its value.
SHOWN_ERROR = (
    r"#(?:UNSAVED!|N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|"
    r"SPILL!|CALC!|GETTING_DATA|FIELD!|BLOCKED!|CONNECT!)$"
)


def fold(text: str) -> str:
    """Fold a cell for comparison: small letters without accents, no brackets, no dot at its end."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    folded = " ".join(plain.casefold().strip().strip("()<>*").split())
    return folded if set(folded) <= set(".") else folded.rstrip(".!")


def is_placeholder(text: str) -> bool:
    """Tell whether a cell says nothing."""
    folded = fold(text)
    return folded in PLACEHOLDERS or folded.startswith(("same as ", "see ", "as per ", "refer to "))


def is_error(text: str) -> bool:
    """Tell whether a cell shows an error instead of its value."""
    return re.match(SHOWN_ERROR, text) is not None


def is_ditto(text: str) -> bool:
    """Tell whether a cell means what is above it."""
    return fold(text) in DITTOS


def speechless(column: pd.Series, tell: Callable[[str], bool]) -> list[str]:
    """Return the distinct texts of a column that `tell` says say nothing.

    All of them are short and without a digit, so that most texts need no folding.
    """
    distinct = pc.unique(arrow(column)).drop_null()
    digits = pc.match_substring_regex(distinct, "[0-9]")
    likely = pc.and_(pc.less_equal(pc.utf8_length(distinct), LONGEST), pc.invert(digits))
    return [text for text in distinct.filter(likely).to_pylist() if tell(text)]


def digitless(column: pd.Series) -> list[str]:
    """Return the distinct texts of a column of account numbers that are words: `ask AP`, `XXXXXXX`.

    One word in capitals may be a customer's code; several words, small letters or one letter again
    and again are no account number.
    """
    distinct = pc.unique(arrow(column)).drop_null()
    texts = distinct.filter(pc.invert(pc.match_substring_regex(distinct, "[0-9]"))).to_pylist()
    return [text for text in texts if re.search(r"[a-z]|\w\W+\w", text) or _one_sign(text)]


def _one_sign(text: str) -> bool:
    return len(set(re.sub(r"[\W_]", "", text).casefold())) <= 1
