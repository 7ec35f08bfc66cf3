"""The forecast on histories it has not seen: its shares come true, and it beats the overall rate."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
from tests.conftest import START, desk_of, event, rows

from portops.reporting.forecast import Forecaster, learn
from portops.settings import Settings
from portops.store.database import open_database
from portops.store.history import append, stamp

CARRIERS = [f"Carrier {n}" for n in range(6)]
CODES = ["contact.incomplete", "account.shape", "statement.too_old", "contact.too_long"]

#: Requests that are learned from, and held back, in each of the histories.
LEARNED, HELD_BACK, HISTORIES = 600, 600, 20

Request = tuple[str, list[str], float]


def _history(seed: int) -> list[Request]:
    """Draw requests: carriers of their own kind, some warnings that matter, two that go together."""
    draw = random.Random(seed)
    level = draw.uniform(0.4, 1.8)
    carriers = {name: draw.gauss(0, 0.8) for name in CARRIERS}
    effects = dict(
        zip(CODES, (-draw.uniform(0.5, 2), -draw.uniform(0, 1.5), 0.0, 0.0), strict=True)
    )
    made = []
    for _ in range(LEARNED + HELD_BACK):
        carrier = draw.choice(CARRIERS)
        codes = [code for code in CODES[:3] if draw.random() < 0.2]
        if CODES[0] in codes and draw.random() < 0.7:
            codes.append(CODES[3])
        odds = level + carriers[carrier] + sum(effects[code] for code in codes)
        made.append((carrier, codes, float(draw.random() < 1 / (1 + np.exp(-odds)))))
    return made


def _foreseen(forecaster: Forecaster, requests: list[Request]) -> np.ndarray:
    return np.array([forecaster.of(carrier, codes)["acceptance"] for carrier, codes, _ in requests])


def test_on_histories_held_back_it_is_calibrated_and_better_than_the_overall_rate() -> None:
    """In each fifth of the forecasts as many are accepted as foreseen, within five points."""
    foreseen, accepted, better = [], [], 0
    for seed in range(HISTORIES):
        history = _history(seed)
        past, held_back = history[:LEARNED], history[LEARNED:]
        shares = _foreseen(learn(past), held_back)
        came = np.array([share for _, _, share in held_back])
        overall = np.mean([share for _, _, share in past])
        better += np.mean((shares - came) ** 2) < np.mean((overall - came) ** 2)
        foreseen.append(shares)
        accepted.append(came)
    order = np.argsort(np.concatenate(foreseen), kind="stable")
    for fifth in np.array_split(order, 5):
        off = np.concatenate(foreseen)[fifth].mean() - np.concatenate(accepted)[fifth].mean()
        assert abs(off) < 0.05
    assert better == HISTORIES


def test_few_requests_say_little() -> None:
    """One rejection of a new carrier moves its forecast some way, and far from to nothing."""
    past: list[Request] = [("Granite Tel", [], 1.0)] * 36 + [("Granite Tel", [], 0.0)] * 4
    before = learn(past).of("Prairie Cable", [])
    after = learn([*past, ("Prairie Cable", [], 0.0)]).of("prairie  cable", [])
    assert 0.5 < after["acceptance"] < before["acceptance"] < 0.95
    assert before["high"] - before["low"] > 0.15
    assert after["reasons"] == [], "one request is no reason"


def test_reasons_name_what_moves_a_forecast() -> None:
    """The warning that was followed by rejections comes with its points and its requests."""
    past: list[Request] = [("A", [], 1.0)] * 60 + [("A", ["contact.incomplete"], 0.0)] * 12
    told = learn(past).of("A", ["contact.incomplete", "never.seen"])
    name, points, requests = told["reasons"][0]
    assert (name, requests) == ("contact.incomplete", 12)
    assert points < -0.3


def test_nothing_decided_gives_no_forecast() -> None:
    """A new store says so instead of guessing."""
    assert learn([]).of("Granite Tel", [])["acceptance"] is None


def test_a_plan_is_foreseen_by_the_stores_own_history(statement: Path, store_url: str) -> None:
    """Nothing is known without a store; with answers, the carrier's own count and say why."""
    desk = desk_of(Settings(store=store_url))
    checked = desk.check(rows(), documents=statement, as_of="2026-10-05")
    planned = desk.plan(checked)
    assert desk.forecast(planned).acceptance is None
    answers = [
        event(f"KW{n}", f"+121255501{n:02d}", "rejected", START, cause="pin") for n in range(9)
    ] + [
        event(f"KX{n}", f"+121255502{n:02d}", "completed", START, losing_carrier="Prairie Cable")
        for n in range(9)
    ]
    with open_database(store_url) as database, database.writing() as connection:
        made = [{name: row[name] for name in row if name != "event_id"} for row in answers]
        append(connection, [stamp(row, START) for row in made])
    foreseen = desk_of(Settings(store=store_url)).forecast(planned)
    assert (foreseen.learned_from, foreseen.numbers) == (18, 1)
    assert foreseen.acceptance < 0.35
    assert foreseen.requests["reasons"].iloc[0].startswith("Granite Tel -")
    assert "take it as a first guess" in foreseen.summary()
