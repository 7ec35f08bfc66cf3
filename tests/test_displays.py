"""What a notebook shows of figures: words as people write them, and nothing that could run."""

from __future__ import annotations

import pandas as pd
import pytest

from portops.results.displays import Tables
from portops.wording import counted, part, percent, words


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("foc_confirmed", "FOC confirmed"),
        ("in_review", "in review"),
        ("pin", "pin"),
        ("not_portable", "not portable"),
    ],
)
def test_names_are_words(name: str, shown: str) -> None:
    """Underscores are for programs; FOC is an abbreviation."""
    assert words(name) == shown


def test_a_table_has_its_caption_and_people_read_its_values() -> None:
    """Shares in percent, dashes for unknown, words to the left."""
    table = pd.DataFrame(
        {
            "status": ["foc_confirmed", "submitted"],
            "losing_carrier": ["A_B & Sons", "<b>"],
            "n": [1200, 3],
            "median": [9.9, None],
            "share": [0.5, None],
        }
    )
    shown = Tables([("Days in each status", table)])._repr_html_()
    assert "<figcaption>Days in each status</figcaption>" in shown
    assert "<td class='words' style='text-align:left'>FOC confirmed</td>" in shown
    assert "A_B &amp; Sons" in shown
    assert "<b>" not in shown
    assert "<td>9.9</td><td>50%</td>" in shown
    assert "<td>–</td><td>–</td>" in shown
    assert "<th scope='col'>median</th>" in shown


def test_an_empty_table_says_so() -> None:
    """With the name of what there is nothing of."""
    shown = Tables([("By line type", pd.DataFrame()), ("", pd.DataFrame())])._repr_html_()
    assert "By line type: nothing to show." in shown
    assert "Nothing to show for this period." in shown


def test_percent_of_nothing() -> None:
    """A dash, never NaN."""
    assert [percent(share) for share in (None, float("nan"), 0.0, 0.166)] == [
        "–",
        "–",
        "0%",
        "17%",
    ]


def test_one_is_not_many() -> None:
    """And thousands are set apart."""
    shown = [counted(count, "number") for count in (0, 1, 2, 1200)]
    assert shown == ["0 numbers", "1 number", "2 numbers", "1,200 numbers"]


def test_most_is_more_than_half() -> None:
    """Half is not most, and the whole is all."""
    assert [part(count, 10) for count in (10, 6, 5, 1)] == ["all", "most", "5", "1"]
