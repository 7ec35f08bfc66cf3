"""Learn what the words of a title say about its column: `python benchmarks/titles.py`.

Writes `src/portops/intake/titles.json`: for each word, and each pair of words that follow one
another, how much it speaks for each field. The examples are made here, by putting the field's
words together (who, what, which), and from the synonyms in `tables/columns.toml`. No title of a
customer's workbook is among them. The model is a multinomial logistic regression with an L2
penalty; the same examples give the same file.

Classes that are no field of ours begin with a dash: they stand for columns that intake workbooks
have beside a port request's own (SIM numbers, extensions, the new account, a site contact).
"""

from __future__ import annotations

import itertools
import json
import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy import sparse
from scipy.optimize import minimize

from portops.intake.titles import RESULT, features, readings

GRAMMAR = Path(__file__).with_name("titles.toml")
PENALTY, STEPS, SMALLEST = 5e-5, 200, 0.06
MOST_PHRASES = 70


def _expand(template: str, words: dict[str, list[str]]) -> Iterator[str]:
    """Give every phrase of a template such as `{losing} {account} number`."""
    parts = template.split("{")
    choices = [[parts[0]]]
    for part in parts[1:]:
        name, rest = part.split("}", 1)
        choices += [words[name], [rest]]
    for pieces in itertools.product(*choices):
        yield " ".join("".join(pieces).split())


def _some(phrases: list[str]) -> list[str]:
    """Take so many phrases of a template, spread evenly: thousands teach no more than dozens."""
    step = len(phrases) / MOST_PHRASES
    return phrases if step <= 1 else [phrases[int(n * step)] for n in range(MOST_PHRASES)]


def examples() -> list[tuple[str, str, float]]:
    """Return titles with their class and weight; each template counts alike, however many it makes."""
    grammar = tomllib.loads(GRAMMAR.read_text(encoding="utf-8"))
    rows = []
    for name, templates in grammar["classes"].items():
        for template in templates:
            phrases = _some(sorted(set(_expand(template, grammar["words"]))))
            weight = min(len(phrases), 6 + len(phrases) ** 0.5) / len(phrases)
            rows += [(phrase, name, weight) for phrase in phrases]
    from portops.tables.columns import FIELDS

    for field in FIELDS.values():
        for phrase in (field.label, *field.synonyms):
            rows.append((phrase, field.name, 1.0))
    return rows


def train() -> dict[str, object]:
    """Fit the weights, and return what the reader loads."""
    rows = examples()
    classes = sorted({name for _, name, _ in rows})
    counted = [features(readings(title)) for title, _, _ in rows]
    vocabulary = {name: place for place, name in enumerate(sorted({k for c in counted for k in c}))}
    cells = [
        (place, vocabulary[name], value)
        for place, row in enumerate(counted)
        for name, value in row.items()
    ]
    rows_at, columns_at, values = zip(*cells, strict=True)
    inputs = sparse.csr_matrix((values, (rows_at, columns_at)), (len(rows), len(vocabulary)))
    target = np.array([classes.index(name) for _, name, _ in rows])
    weight = np.array([weight for _, _, weight in rows])
    # A class with many phrases is not likelier than one with few.
    size = np.bincount(target, weight, len(classes))
    weight = weight * (size.mean() / size[target]) ** 0.5
    weight /= weight.sum()
    shape = (len(vocabulary), len(classes))

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights = flat.reshape(shape)
        scores = inputs @ weights
        logs = scores - scores.max(axis=1, keepdims=True)
        logs -= np.log(np.exp(logs).sum(axis=1, keepdims=True))
        picked = logs[np.arange(len(rows)), target]
        wrong = np.exp(logs)
        wrong[np.arange(len(rows)), target] -= 1
        slope = inputs.T @ (wrong * weight[:, None]) + PENALTY * weights
        return float(-(weight * picked).sum() + PENALTY / 2 * (weights**2).sum()), slope.ravel()

    start = np.zeros(shape[0] * shape[1])
    fitted = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": STEPS})
    weights = fitted.x.reshape(shape)
    right = ((inputs @ weights).argmax(axis=1) == target).mean()
    print(f"{len(rows):,} titles, {len(vocabulary):,} words, {right:.1%} of them read back")
    table = {}
    for name, place in vocabulary.items():
        values = {
            classes[column]: round(float(value), 2)
            for column, value in enumerate(weights[place])
            if abs(value) >= SMALLEST
        }
        if values:
            table[name] = values
    return {"classes": classes, "weights": table}


if __name__ == "__main__":
    RESULT.write_text(json.dumps(train(), sort_keys=True, separators=(",", ":")) + "\n", "utf-8")
    print(RESULT, f"{RESULT.stat().st_size:,} bytes")
