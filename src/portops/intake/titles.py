"""What the words of a title say about its column, as learned by `benchmarks/titles.py`.

A title is taken apart into words: camel case and dots part them, parentheses and group headings
count as words of their own, short forms are written out, and a slip of the pen is put right. Each
word then speaks for and against every field; no title has to be known as a whole.
"""

from __future__ import annotations

import itertools
import json
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

_HERE = files("portops.intake")

#: Where the learned weights are kept.
RESULT = Path(str(_HERE)) / "titles.json"

#: A word of a heading above, or before the last dot, counts for less than the title's own.
CONTEXT = 0.45

#: Over a title that could be anybody's, it counts for more.
BARE_CONTEXT = 0.8
_BARE = frozenset(
    ["email", "mail", "address", "name", "first", "last", "phone", "street", "city", "state", "zip"]
)

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NOISE = re.compile(
    r"\b(?:required|optional|mandatory|if (?:any|applicable)|please|list|exactly as)\b"
)
_DIGITS_APART = re.compile(r"(?<=[a-z]{2})(?=\d)|(?<=\d)(?=[a-z]{3})")


_OF_A_STREET = frozenset({"address", "addr", "name", "no", "number", "num", "nbr", "nm"})


class Words(NamedTuple):
    """The words of a title, and those of what stands over or before it."""

    own: tuple[str, ...]
    context: tuple[str, ...] = ()


@cache
def _abbreviations() -> Mapping[str, str]:
    return dict(tomllib.loads((_HERE / "abbreviations.toml").read_text(encoding="utf-8")))


@cache
def _model() -> tuple[list[str], dict[str, np.ndarray], frozenset[str]]:
    data = json.loads((_HERE / "titles.json").read_text(encoding="utf-8"))
    classes = data["classes"]
    place = {name: number for number, name in enumerate(classes)}
    counts = [len(values) for values in data["weights"].values()]
    table = np.zeros((len(counts), len(classes)))
    columns = [place[name] for values in data["weights"].values() for name in values]
    spoken = [value for values in data["weights"].values() for value in values.values()]
    table[np.repeat(np.arange(len(counts)), counts), columns] = spoken
    weights = dict(zip(data["weights"], table, strict=True))
    words = frozenset(word for name in weights for word in name.split("_") if name[0] != "^")
    return classes, weights, words


def classes() -> list[str]:
    """Return the fields and other kinds of column that a title may name, in a fixed order."""
    return _model()[0]


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    plain = _CAMEL.sub(" ", plain.replace("#", " number "))
    return _DIGITS_APART.sub(" ", plain.casefold())


def _spelled(text: str) -> list[str]:
    folded = _NOISE.sub(" ", _fold(text).replace("e-mail", "email").replace("e mail", "email"))
    words = re.findall(r"[a-z0-9]+", folded.replace("'s", "s").replace("\u2019s", "s"))
    words = [
        # `St. address` is the street's, and `ST` alone the state.
        "street" if word == "st" and after in _OF_A_STREET else word
        for word, after in itertools.zip_longest(words, words[1:], fillvalue="")
        if word
    ]
    short = _abbreviations()
    return " ".join(short.get(word, word) for word in words).split()


def _parts(title: str) -> tuple[str, str]:
    """Part a title into its own words and those that only place it: `end_user.location.zip`."""
    bare = title.strip().rstrip(":*? ")
    dotted = re.fullmatch(r"[\w\[\]-]+(?:[./][\w\[\]-]+)+", bare)
    if dotted and " " not in bare and "." in bare:
        before, _, last = bare.rpartition(".")
        return last, before
    return bare, ""


def readings(title: str, *above: str) -> Words:
    """Return the words of a title; `above` are the headings over it."""
    own, before = _parts(title)
    context = [word for text in (*above, before) if text for word in _spelled(text)]
    return Words(tuple(_spelled(own)), tuple(context))


def _put_right(word: str) -> str:
    """Put a slip of the pen right; cut words that were written together."""
    vocabulary = _model()[2]
    if word in vocabulary or word.isdigit():
        return word
    if len(word) < 5:
        return _shortened(word)
    if word.endswith("s") and word[:-1] in vocabulary:
        return word[:-1]
    for cut in range(3, len(word) - 1):
        left, right = word[:cut], word[cut:]
        short = _abbreviations()
        if (left in vocabulary or left in short) and (right in vocabulary or right in short):
            return f"{short.get(left, left)} {short.get(right, right)}"
    # One slip in a short word, two in a long one: `counter` is no `country`.
    slips = 1 if len(word) < 9 else 2
    near = process.extractOne(word, vocabulary, scorer=OSA.distance, score_cutoff=slips)
    return str(near[0]) if near and len(str(near[0])) >= 5 else _shortened(word)


@cache
def _shortened(word: str) -> str:
    """Write out a word that was shortened by leaving letters out: `rmks`, `zp`, `carr`."""
    if not 2 <= len(word) <= 7 or not word.isalpha():
        return word
    skeleton = re.sub(r"(?<!^)[aeiou]", "", word)
    best: tuple[int, int, str] | None = None
    for name in _model()[2]:
        if len(name) <= len(word) or name[0] != word[0] or not name.isalpha():
            continue
        bones = re.sub(r"(?<!^)[aeiou]", "", name)
        letters = iter(name)
        inside = all(letter in letters for letter in word)
        rank = (
            1
            if bones == skeleton and (len(word) > 2 or len(name) == 3)
            else 2
            if len(word) >= 3 and inside and name[-1] == word[-1] and len(name) <= 3 * len(word)
            else 3
            if len(word) >= 3 and bones.startswith(skeleton) and len(name) <= 9
            else 4
            if len(word) >= 3 and inside and len(name) <= 2 * len(word)
            else 0
        )
        if rank and (best is None or (rank, len(name), name) < best):
            best = (rank, len(name), name)
    return best[2] if best else word


def features(words: Words) -> dict[str, float]:
    """Return what counts of a title: words, pairs that follow one another, the last word."""
    own = [word if len(word) < 9 or not word.isdigit() else "digits" for word in words.own]
    counted: dict[str, float] = {"^bias": 1.0}
    for word in own:
        counted[word] = 1.0
    for left, right in itertools.pairwise(own):
        counted[f"{left}_{right}"] = 1.0
    if own:
        counted[f"^last_{own[-1]}"] = 1.0
        counted[f"^first_{own[0]}"] = 1.0
        if len(own) == 1:
            counted[f"^only_{own[0]}"] = 1.0
    # `Name` and `E-mail` say nothing of whose they are; the heading over them does.
    weight = BARE_CONTEXT if own and not set(own) - _BARE else CONTEXT
    for word in words.context:
        counted[word] = max(counted.get(word, 0.0), weight)
    return counted


class Opinion(NamedTuple):
    """What a title says: the log of each class's share, how much of it is known, the words that count."""

    logs: np.ndarray
    known_share: float
    telling: Mapping[str, tuple[str, ...]]


@cache
def opinion(title: str, above: Sequence[str] = ()) -> Opinion:
    """Weigh a title, with the headings above it; every class alike where it has no known word."""
    names, weights, vocabulary = _model()
    words = readings(title, *above)
    own = [part for word in words.own for part in _put_right(word).split()]
    context = [part for word in words.context for part in _put_right(word).split()]
    counted = features(Words(tuple(own), tuple(context)))
    scores = np.zeros(len(names))
    for name, value in counted.items():
        if name in weights:
            scores += value * weights[name]
    understood = [word for word in own if word in vocabulary]
    share = len(understood) / len(own) if own else 0.0
    # Words that were never seen make the rest less sure.
    scores *= 0.35 + 0.65 * share if own else 0.0
    logs = scores - scores.max()
    logs = logs - np.log(np.exp(logs).sum())
    return Opinion(logs, share, {})


def telling_words(title: str, field: str, above: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the words of a title that speak most for a field, strongest first, three at most."""
    names, weights, _ = _model()
    place = names.index(field)
    words = readings(title, *above)
    own = [part for word in words.own for part in _put_right(word).split()]
    ranked = sorted(
        ((weights[word][place], word) for word in dict.fromkeys(own) if word in weights),
        reverse=True,
    )
    return tuple(word for weight, word in ranked[:3] if weight > 0.3)


def telling_field(title: str) -> str:
    """Return the class that a title alone names likeliest; empty for a title without a known word."""
    view = opinion(title)
    return classes()[int(view.logs.argmax())] if view.known_share else ""


def guesses(title: str) -> Iterator[tuple[str, float]]:
    """Give the classes that a title may name, likeliest first, with their share."""
    names, logs = classes(), opinion(title).logs
    for place in np.argsort(-logs):
        yield names[place], float(np.exp(logs[place]))
