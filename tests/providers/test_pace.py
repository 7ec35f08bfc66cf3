"""Manners towards a provider: not too fast, not too many at once, silent when asked to be."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portops.errors import AccessError
from portops.providers import open_provider
from portops.providers.pace import Pace
from portops.redaction import Secret
from portops.settings import Settings


@dataclass
class _Time:
    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@given(rate=st.floats(0.5, 100), burst=st.integers(1, 20), calls=st.integers(1, 200))
def test_the_rate_is_kept_and_used(rate: float, burst: int, calls: int) -> None:
    """Of any number of calls in a row, the last comes neither too early nor later than it may."""
    time_ = _Time()
    pace = Pace(rate=rate, places=1, burst=burst, clock=time_.clock, sleep=time_.sleep)
    for _ in range(calls):
        with pace.turn():
            pass
    due = max(0.0, (calls - burst) / rate)
    assert time_.now == pytest.approx(due, abs=1e-6)


def test_a_pause_holds_for_everybody() -> None:
    """Nobody calls before the pause is over."""
    time_ = _Time()
    pace = Pace(rate=1_000, places=4, clock=time_.clock, sleep=time_.sleep)
    pace.pause(7)
    with pace.turn():
        assert time_.now == pytest.approx(7)


def test_no_more_calls_at_once_than_places() -> None:
    """Twenty threads, three places."""
    pace, inside, most, lock = Pace(rate=10_000, places=3), 0, 0, threading.Lock()

    def call() -> None:
        nonlocal inside, most
        with pace.turn():
            with lock:
                inside += 1
                most = max(most, inside)
            time.sleep(0.01)
            with lock:
                inside -= 1

    threads = [threading.Thread(target=call) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 3


@pytest.mark.parametrize(
    ("account", "token", "words", "remedy"),
    [
        ("1", "sandbox-member", "role member", "give this key the role admin"),
        ("2", "sandbox-nolabs", "Labs", "under Labs"),
        ("1", "wrong", "credentials", "account SID and the token"),
    ],
)
def test_who_may_not_is_told_why_and_who_can_change_it(
    settings: Settings, account: str, token: str, words: str, remedy: str
) -> None:
    """A member, an account without the switch and a wrong token are three different things."""
    other = settings.but(sandbox_account="AC" + account.zfill(32), sandbox_token=Secret(token))
    with open_provider(other) as provider, pytest.raises(AccessError) as raised:
        provider.portability("+12125550100")
    assert words in str(raised.value)
    assert remedy in raised.value.remedy
    assert token not in str(raised.value)
