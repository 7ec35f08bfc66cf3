"""What must not move: sheets, sections and rows that say so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from portops.intake.titles import classes, opinion, readings

if TYPE_CHECKING:
    import pandas as pd

    from portops.intake.contents import Contents

_VERB = (
    r"(?:port\w*|mov\w+|transfer\w*|migrat\w*|submit\w*|includ\w+|bring\w*|go|in scope|switch\w*)"
)
_STAY = re.compile(
    rf"\b(?:not (?:to )?(?:be )?(?:being )?{_VERB}|do(?:es)? not {_VERB}|don'?t {_VERB}|won'?t {_VERB}|"
    rf"no port\b|non[- ]?port\w*|(?:remain|stay|retain)\w*|keep(?:ing|s)?|kept|leav(?:e|ing)\b|"
    r"out of scope|exclud\w*|cancel\w*|disconnect\w*|disco'?d|retired?|retiring|ported (?:out|away)|"
    r"already ported|archived?|decommission\w*|terminat\w*|off[- ]?board\w*|do not touch|hands off|dead|obsolete|removed?|"
    r"dropp?(?:ed|ing)?|(?:leave|take)s? (?:it )?out|skip\w*|omit\w*|not needed|no longer|abandon\w*|released?|deactivat\w*|inactive|discontinu\w*)\b",
    re.IGNORECASE,
)
_MOVE = re.compile(
    rf"\b(?:(?:to|being|be|for|we|please|are|will) {_VERB}|{_VERB} (?:these|the following|in\b|list)|numbers to|in scope|"
    r"(?:all|these|those|they|lines|numbers|both) (?:are |will |also |all )?(?:mov|port|transfer|migrat)\w*|"
    r"moves? too|included|covered by this|existing (?:phone )?numbers)\b",
    re.IGNORECASE,
)
_INSTRUCTION = re.compile(
    r"^\W*\d+[.)]\s|\b(?:please|must|should|copy the|one row|fill|enter|questions|upload\w*|"
    r"(?:this|the|each|sample|example) (?:rows?|sheet|tab|file|form|columns?|header)|edit|never)\b",
    re.IGNORECASE,
)
_SAMPLE = re.compile(r"^\W*(?:examples?|samples?)\b", re.IGNORECASE)
#: Said of a number or of all below, whatever stands around it; unless it only waits for something.
_NEVER = (
    r"(?i)\b(?:do not|don'?t|dont|not (?:to )?be|never) (?:port|mov|transfer|migrat|touch)(?:e?d|e)?\b|"
    r"\bnot (?:porting|moving|transferring|migrating|being (?:ported|moved)|to (?:port|move))\b|"
    r"\b(?:must stay|stays? (?:with|at|on|put|where|here)|staying (?:with|at|on|put|where|here))\b"
)
_WAITS = r"(?i)\b(?:until|till|before|yet|after|unless|without|prior|earlier than|first)\b"
_SHEETS = re.compile(
    r"\b(?:instructions?|read ?me|legend|lookups?|lists?|drop ?downs?|help|how to|template|"
    r"definitions?|glossary|changelog|cover)\b",
    re.IGNORECASE,
)

_OVER = re.compile(
    r"\b(?:complet(?:e|ed)|done|finished|ported|migrated|history|historical|closed|previous(?:ly)?|"
    r"past|last year)\b",
    re.IGNORECASE,
)

_YES = frozenset({"y", "yes", "true", "1", "x", "\u2713", "\u2714", "ok"})
_NO = frozenset({"n", "no", "false", "0", "\u2717", "\u2715"})
_MARKS = frozenset({"x", "\u2713", "\u2714", "*", "\u2022"})
_OUT = re.compile(
    r"^(?:keep\w*|stay\w*|retain\w*|leav\w*|remain\w*|cancel\w*|disconnect\w*|disco\b|disco'?d\b|no\b|not\b|do not|don'?t|drop\w*|"
    r"delet\w*|exclud\w*|dead|inactive|deactivat\w*|out\b|suspend\w*|terminat\w*|retir\w*|releas\w*|skip\w*|"
    r"ported|already|complet\w*|convert\w*|none|nothing|hold\w*|removed?|decommission\w*|abandon\w*|closed|expired|pending cancel\w*|n/?a$)",
    re.IGNORECASE,
)
_IN = re.compile(
    r"^(?:port\b|port[ -]?in|porting|to port|mov\w+|migrat\w*|transfer\w*|bring\w*|includ\w*|in\b|go\b|active|"
    r"live|in service|working|yes|ready|take\b|switch\w*|assigned|current|open|existing|new provider|take over|good)",
    re.IGNORECASE,
)
_AGAINST = frozenset(
    [
        "keep",
        "retain",
        "stay",
        "stays",
        "staying",
        "exclude",
        "excluded",
        "disconnect",
        "cancel",
        "not",
        "leave",
        "remove",
        "drop",
        "omit",
        "out",
        "skip",
        "no",
    ]
)


#: So many different cells of one column are read as words; more are no remarks.
_MOST_WORDS = 5_000


class Flag(NamedTuple):
    """What a flag column says of each row: 1 it moves, -1 it stays, 0 nobody can tell."""

    says: np.ndarray
    asks: bool


def stays(words: str) -> bool:
    """Tell whether a heading, or a sheet's name, says that what is under it does not move."""
    if not words or len(words) > 120 or _INSTRUCTION.search(words):
        return False
    says = _STAY.search(words) or _SAMPLE.search(words)
    return bool(says) and not re.search(r"do not (?:cancel|disconnect)", words, re.I)


def forbids(words: str) -> bool:
    """Tell whether words say outright that numbers do not move: of everything below them."""
    return bool(re.search(_NEVER, words)) and not re.search(_WAITS, words)


def forbidden(values: pd.Series) -> np.ndarray:
    """Tell which rows of a column of words say outright that their number does not move."""
    distinct = {text for text in values.dropna().unique()[:_MOST_WORDS] if forbids(str(text))}
    return values.isin(distinct).to_numpy() if distinct else np.zeros(len(values), dtype=bool)


def moves(words: str) -> bool:
    """Tell whether a heading says that what is under it moves."""
    return bool(_MOVE.search(words)) and not stays(words)


def is_over(sheet: str) -> bool:
    """Tell whether a sheet's name says that its numbers have moved already."""
    return bool(_OVER.search(sheet))


def explains(sheet: str) -> bool:
    """Tell whether a sheet's name says that it holds no data."""
    return bool(_SHEETS.search(sheet))


def _decide(text: str, *, against: bool) -> int:
    folded = text.casefold().strip(" .!")
    if folded in _YES:
        return -1 if against else 1
    if folded in _NO:
        return 1 if against else -1
    if _OUT.match(folded) or (_STAY.search(folded) and not _IN.match(folded)):
        return -1
    return 1 if _IN.match(folded) else 0


def may_be_flag(title: str, other: str, contents: Contents) -> bool:
    """Tell whether a column may say which rows move: by its title's kind, or by its words."""
    words = contents.shares.get("keep_port", 0.0)
    if other in _REMARKS and not set(readings(title).own) & _PAPERS and _tells(contents):
        return True
    answers = contents.shares.get("yes_no", 0.0) + contents.shares.get("bit", 0.0)
    if answers >= 0.9 and _ASKS.search(title):
        return True
    share = np.exp(opinion(title).logs[classes().index("-flag")]) if title else 0.0
    return (
        other == "-flag"
        or share >= 0.4
        or (other in {"-internal", "-plan", ""} and words >= 0.9 and bool(title))
    )


#: A title that asks whether a line moves.
_ASKS = re.compile(
    r"(?i)\b(?:moving|moves?|porting|ports? (?:it|this|over)|transferr?ing|migrating|coming|bringing|"
    r"taking|going) (?:with|to|over|along|it|this|in)\b"
)

#: Kinds of column that may tell what becomes of a line, whatever its title.
_REMARKS = frozenset({"-internal", "-plan", "-flag", "-portion", "-billing_address", ""})


#: What is said of a line, and not of a letter or of a payment: `completed` and `not yet` are not.
_FATE = re.compile(
    r"\b(?:ported|port(?:ing)? out|cancel\w*|disco|disco'?d|disconnect\w*|terminat\w*|deactivat\w*|"
    r"stay\w*|keep\w*|retain\w*|do not (?:port|move)|don'?t (?:port|move)|not (?:porting|moving)|"
    r"retir\w*|released|abandon\w*|decommission\w*|dead|out of service)\b",
    re.IGNORECASE,
)
_PAPERS = frozenset(
    [
        "loa",
        "csr",
        "foc",
        "docusign",
        "contract",
        "invoice",
        "bill",
        "letter",
        "form",
        "training",
        "survey",
        "approval",
        "payment",
        "paid",
        "credit",
        "invoices",
        "signature",
        "quote",
    ]
)


def _tells(contents: Contents) -> bool:
    """Tell whether nearly all values say what becomes of a line, and one of them that it stays."""
    texts = [text for text in dict.fromkeys(contents.values) if text]
    says = [_decide(text, against=False) for text in texts]
    return (
        bool(says)
        and -1 in says
        and sum(map(bool, says)) >= 0.9 * len(says)
        and any(map(_FATE.search, texts))
    )


def flag(title: str, values: pd.Series) -> Flag | None:
    """Read a column that says which rows move; None where it says nothing of the kind.

    A column with marks only (`x`) means the rows without one the other way round. Where the title
    asks about the port itself, a row that says neither yes nor no is nobody's to decide.
    """
    words = set(readings(title).own)
    against = bool(words & _AGAINST) or stays(title)
    filled = values.dropna()
    distinct = {text: _decide(text, against=against) for text in filled.unique()[:500]}
    if not distinct or not any(distinct.values()):
        return None
    told = filled.map(distinct).fillna(0).to_numpy(dtype=int)
    if (told != 0).mean() < 0.6 and -1 not in told:
        return None
    says = np.zeros(len(values), dtype=int)
    says[values.notna().to_numpy()] = told
    marks_only = {text.casefold() for text in distinct} <= _MARKS
    if marks_only and len(filled) < len(values):
        says[values.isna().to_numpy()] = 1 if against else -1
    asks = bool(
        words & {"port", "move", "moving", "migrate", "transfer", "include", "porting", "scope"}
    )
    return Flag(says, asks and not marks_only and (told != 0).mean() > 0.5)


def is_example(row: Sequence[str]) -> bool:
    """Tell whether a row is there to show how rows are filled in."""
    first = next((text for text in row if text), "")
    return bool(
        re.match(r"(?i)^\W*(?:example|sample|e\.g\.|eg:|for example|ex:|delete this)\b", first)
    )
