"""What a column holds: which share of its values looks like a telephone number, a ZIP code, a name.

A sample of distinct values is looked at, so that a million rows cost no more than a hundred.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise

from portops.facts.nanp import plausible
from portops.facts.places import state_code

#: So many distinct values of a column are looked at.
LOOKED_AT = 48

PHONE = r"(?:\+?1[\s.\-]*)?\(?[2-9]\d{2}\)?[\s.\-/]*[2-9]\d{2}[\s.\-]*\d{4}"
_NEAR_PHONE = r"\+?[\dOoIl(][\dOoIl\s().\-/+]{5,18}(?:\s*(?:x|ext\.?)\s*\d{1,6})?"
_DIRECTION = (
    r"(?:N|S|E|W|NE|NW|SE|SW|North|South|East|West|North(?:east|west)|South(?:east|west))\.?"
)
_SUFFIX = (
    r"(?:St|Str|Street|Ave|Av|Avenue|Rd|Road|Dr|Drive|Ln|Lane|Blvd|Boulevard|Ct|Court|Cir|Circle|Pl|"
    r"Place|Sq|Square|Pkwy|Parkway|Ter|Terrace|Trl|Trail|Way|Plz|Plaza|Hwy|Highway|Rte|Route|Loop|"
    r"Aly|Alley|Xing|Crossing|Row|Run|Walk|Broadway|Expy|Fwy|Pike|Tpke|Wharf|Pt|Point|Path|Park|"
    r"Landing|Lndg|Ridge|Rdg|Cove|Cv|Commons?|Mews)\.?"
)
_UNIT = r"(?:ste|suite|unit|apt|apartment|fl|floor|rm|room|bldg|building|#|lot|level|lvl|penthouse|ph|dept|mezz\w*)"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_KEEP_WORDS = (
    r"(?:keep|port|port ?in|migrate|move|moving|transfer|cancel(?:l?ed)?|disconnect(?:ed)?|disco|"
    r"retain|stay|stays|staying|leave|remain|active|inactive|in service|live|out of service|"
    r"do not port|don'?t port|no port|not porting|drop|delete|exclude|include|suspended|dead|"
    r"ported|release|terminate|retire|convert|in|out|skip|go|no go|hold|working|bring over)(?:[ ,:(/-].{0,30})?"
)
_WORD = r"[^\W\d_][\w'\u2019.\-]*"

_PATTERNS: Mapping[str, re.Pattern[str]] = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        "phone": PHONE,
        "phone_noted": rf"{PHONE}\s*[-\u2013(:,]?\s*(?!x\b|ext)[A-Za-z][\w #&/().-]*",
        # Lists, also as running text, and a second number of four digits: `505-555-0110 / 0111`.
        "phones": rf"{PHONE}(?:\s*(?:[,;|&/\n]|and)\s*{PHONE})+(?:[,;\s].*)?|"
        rf"{PHONE}\s*[/,&]\s*\d{{4}}|[A-Za-z][\w &'-]{{0,30}}\s{PHONE}(?:[,;\n].{{0,40}}\D{PHONE})+\W*",
        "phone_range": rf"{PHONE}\s*(?:to|thru|through|[-\u2013\u2014])\s*(?:\d{{1,4}}|{PHONE})(?:\s*[,;].*)?",
        "near_phone": _NEAR_PHONE,
        "ten_digits": r"(?:[^\w\n]|tel|sip|phone|ph|us|e)*(?:\d\W*){10,11}(?:@.*)?",
        "digits10": r"1?\d{10}(?:\.0)?",
        "digits": r"\d+",
        "digits1_5": r"\d{1,5}",
        "digits3_5": r"\d{3,5}",
        "digits4": r"\d{4}",
        "digits4_8": r"\d{4,8}",
        "digits1_3": r"\d{1,3}",
        "digits11": r"\d{11,}",
        "zip5": r"\d{5}(?:-\d{4})?",
        "zip4": r"\d{4}",
        "email": r"[^@\s,;]+@[^@\s,;]+\.[a-z]{2,}",
        "emails": r"[^@\s,;]+@[^@\s,;]+(?:\s*[,;\s]\s*[^@\s,;]+@[^@\s,;]+)+",
        "near_email": r"[^@\s]+(?:@|\s*\(at\)\s*|\s+at\s+)[^@\s]+",
        "date": rf"\d{{4}}-\d{{1,2}}-\d{{1,2}}(?:[ T].*)?|\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{2,4}}(?:\s.*)?|{_MONTH}\.? \d{{1,2}}(?:,? \d{{4}})?|\d{{1,2}}[ -]{_MONTH}[ -]\d{{2,4}}|[34567]\d{{4}}|(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])20\d\d|20\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])",
        "direction": _DIRECTION,
        "suffix": _SUFFIX,
        "street": rf"(?=.*[A-Za-z]{{2}})(?:\d+[\w\-/]*|one|two|three)\s+(?:{_WORD}|\d+\w*|[#\-&.,/])(?:[\s,]+(?:{_WORD}|\d+[\w\-]*|#\s*\w+|[&\-]))*",
        "street_words": rf"(?:.*\b{_SUFFIX}(?:\s+{_DIRECTION})?(?:[\s,]+{_UNIT}.*)?|.*\b(?:county road|state route|us)\s+\d+)",
        "po_box": r"p\.?\s*o\.?\s*box\b.*",
        "unit": rf"{_UNIT}\b\.?\s*#?\s*[\w-]+.*|#\s*\w+|(?!\d+\s+\w+\s+\w).{{0,24}}\b(?:floor|fl|flr|suite)\b.{{0,12}}",
        "short_code": r"[A-Z]?\d{1,4}[A-Z]?|[A-Z]",
        "locality": r"[A-Za-z][A-Za-z .'\-]+,?\s+[A-Za-z]{2}\.?,?\s+\d{4,5}(?:-\d{4})?|\d{5}\s+[A-Za-z .'\-]+,?\s+[A-Z]{2}|[A-Za-z][A-Za-z .'\-]+,\s*[A-Z]{2}",
        "whole_address": r"(?s)\d+.*[\s,]+[A-Za-z.]{2,}[\s,]+\d{5}(?:-\d{4})?(?:,?\s*(?:USA?|United States))?",
        "scientific": r"\d(?:[.,]\d+)?E\+?\d+",
        "account": r"(?=(?:.*\d){3})[A-Z0-9][A-Z0-9 ./#_-]{3,34}",
        "pin": r"(?=.*\d)[A-Z0-9]{4,15}|\u2022{2,4}.*",
        "letters": r"[^\W\d_].*",
        "words": rf"{_WORD}(?:[\s,&/.\-]+(?:{_WORD}|&|\d{{1,4}}))*\.?",
        "one_word": rf"{_WORD}",
        "person": r"(?:(?:dr|mr|mrs|ms|prof)\.?\s+)?[^\W\d_][\w'\u2019\-]+(?:\s+[^\W\d_]\.?)?(?:\s+(?:de|da|van|von|del|la|di|al|el|le|bin|der))*\s+[^\W\d_][\w'\u2019\-]+(?:\s+[^\W\d_][\w'\u2019\-]+)?(?:,?\s+(?:jr|sr|ii|iii)\.?)?|[^\W\d_][\w'\u2019\-]+,\s+[^\W\d_][\w'\u2019\-]+(?:\s+[^\W\d_]\.?)?",
        "letter": r"[A-Z]\.?",
        "file": r".*\.(?:pdf|png|jpe?g|tiff?|gif|bmp|heic|docx?|xlsx?|zip)",
        "res_bus": r"(?:an? |for (?:my |a )?)?(?:household|private|personally|res(?:i|idential|idence)?|bus(?:iness)?|biz|consumer|commercial|corporate|personal|home|individual|b|r|company|enterprise|government|soho|small business|small biz)\.?",
        "line_word": r"(?:.*\b(?:cell ?phone|landline|desk ?line|office line|home line|mobile phone|land line)|desk|land[\s-]?lines?|wire(?:[\s-]?line)?|wired|fixed(?:[\s-]line)?|pots(?: line)?|voip|sip|wireless|mobile(?: phone)?|cell(?:ular)?(?: ?phone)?|cell ?phone|copper|analog|digital voice|pri|business line|fax(?: line)?|centrex|l|w|m|local|did|toll[\s-]?free|hosted|smartphone|trunk)",
        "yes_no": r"(?:y|n|yes|no|true|false|x|\u2713|\u2714|\u2717|\u2715)",
        "bit": r"[01]",
        "keep_port": _KEEP_WORDS,
        "money": r"\$\s*[\d,]+(?:\.\d{2})?|\d+\.\d{2}",
        "mac": r"(?:[0-9a-f]{2}[:-]?){5}[0-9a-f]{2}",
        "iccid": r"89\d{17,18}F?",
        "imei": r"(?:35|86|01|99|45)\d{13}",
        "url": r"https?://\S+",
        "mask": r"\u2022+.*",
        "country": r"(?:us|usa|u\.s\.a?\.?|united states(?: of america)?|canada|ca)",
        "code_with_dash": r"[A-Z]{1,6}[-_]?\d{1,6}[A-Z]?",
    }.items()
}


@cache
def _lists() -> Mapping[str, re.Pattern[str]]:
    lists = tomllib.loads((files("portops.intake") / "contents.toml").read_text(encoding="utf-8"))
    return {
        name: re.compile(rf"(?i)(?:^|\b)(?:{'|'.join(map(re.escape, words))})(?:\b|$)")
        for name, words in lists.items()
    }


_CACHED: dict[str, frozenset[str]] = {}


def kinds(text: str) -> frozenset[str]:
    """Return everything that a value looks like."""
    if text in _CACHED:
        return _CACHED[text]
    matched = {name for name, pattern in _PATTERNS.items() if pattern.fullmatch(text)}
    if "phone" in matched and not plausible(text):
        # Ten digits alone are an account number as well.
        matched = (matched - {"phone"}) | {"near_phone"}
    for name, pattern in _lists().items():
        if pattern.search(text):
            matched.add(name)
    if state_code(text) is not None and len(text) <= 24:
        matched.add("state" if len(text.strip(". ")) == 2 else "state_name")
    if len(text) > 60:
        matched.add("long")
    if len(_CACHED) > 50_000:
        _CACHED.clear()
    _CACHED[text] = frozenset(matched)
    return _CACHED[text]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a column holds.

    `shares` is the share of the values that look like each kind; `filled` the share of the rows
    that hold anything; `distinct` the share of distinct values among those filled; `first` is the
    first value; `values` are the sampled rows' values, blank ones included.
    """

    shares: Mapping[str, float]
    filled: float
    distinct: float
    first: str
    values: tuple[str, ...]
    counted: int

    def share(self, *names: str, where: Callable[[frozenset[str]], bool] | None = None) -> float:
        """Return the share of the values that look like any of these kinds."""
        some = [kinds(value) for value in dict.fromkeys(v for v in self.values if v)]
        if not some:
            return 0.0
        wanted = set(names)
        return sum(bool(matched & wanted) for matched in some) / len(some)


def _counts_up(texts: Sequence[str]) -> bool:
    """Tell whether a column numbers its rows: each one more than the one before."""
    if len(texts) < 3 or not all(re.fullmatch(r"\d{1,5}", text) for text in texts[:40]):
        return False
    numbers = [int(text) for text in texts[:30]]
    return numbers[0] <= 2 and all(b - a == 1 for a, b in pairwise(numbers))


def look_at(
    values: Sequence[str], is_blank: Callable[[str], bool] = lambda text: not text
) -> Contents:
    """Look at a column's sampled values, in the order of their rows; blanks and dittos say nothing."""
    filled = [text for text in values if text and not is_blank(text)]
    distinct = list(dict.fromkeys(filled))
    some = distinct[:LOOKED_AT]
    counts: dict[str, int] = {}
    for text in some:
        # In a fixed order: a set has another one in every process.
        for name in sorted(kinds(text)):
            counts[name] = counts.get(name, 0) + 1
    if _counts_up(filled):
        counts["sequence"] = len(some)
    return Contents(
        shares={name: count / len(some) for name, count in counts.items()},
        filled=len(filled) / len(values) if values else 0.0,
        distinct=len(distinct) / len(filled) if filled else 0.0,
        first=filled[0] if filled else "",
        values=tuple("" if is_blank(text) else text for text in values),
        counted=len(some),
    )
