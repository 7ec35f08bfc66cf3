"""How well what a column holds fits each field: points for what it looks like, less for what not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from portops.intake.contents import Contents, kinds
from portops.intake.titles import classes

_PHONES = {
    "ten_digits": 1.2,
    "phone": 4.0,
    "phone_noted": 3.6,
    "phones": 4.0,
    "phone_range": 4.0,
    "near_phone": 0.8,
}
_ADDRESS = {
    "street": 2.5,
    "street_words": 3.0,
    "po_box": 2.5,
    "whole_address": 2.5,
    "zip5": 2.0,
    "state": 2.0,
    "locality": 2.0,
    "words": 1.0,
    "unit": 1.5,
}

#: Points for a value that looks like a kind, and for one that looks like none of them.
POINTS: Mapping[str, tuple[Mapping[str, float], float]] = {
    "phone_number": (_PHONES, -5.0),
    "landline_numbers": (_PHONES, -5.0),
    "wireless_numbers": (_PHONES, -5.0),
    "range": ({"phone": 4.0, "near_phone": 0.8, "digits1_5": 0.5}, -5.0),
    "billing_number": ({"phone": 3.8, "near_phone": 0.6}, -4.0),
    "account_number": (
        {
            "account": 2.4,
            "scientific": 2.0,
            "phone": 0.4,
            "zip5": -0.5,
            "digits3_5": -0.5,
            "date": -1.0,
            "street": -2.0,
            "imei": 0.5,
            "iccid": -2.0,
            "mac": -0.5,
            "digits4": -0.6,
            "digits10": 1.4,
            "file": -4.0,
            "unit": -2.0,
        },
        -2.5,
    ),
    "losing_carrier": ({"carrier": 4.0, "words": 0.9, "one_word": 0.6}, -2.5),
    "customer_name": (
        {
            "company": 3.2,
            "words": 1.3,
            "person": 1.0,
            "state": -1.5,
            "one_word": 0.4,
            "res_bus": -2.0,
            "line_word": -2.0,
            "yes_no": -3.0,
            "carrier": 0.2,
        },
        -2.0,
    ),
    "authorized_name": (
        {"person": 2.6, "role": 1.2, "one_word": 0.6, "words": 0.2, "company": -1.4, "plan": -2.0},
        -3.0,
    ),
    "first_name": (
        {"one_word": 1.8, "person": 0.2, "letter": 0.2, "state": -0.5, "direction": -1.0},
        -3.0,
    ),
    "last_name": ({"one_word": 1.8, "person": 0.4, "state": -0.5, "direction": -1.0}, -3.0),
    "email": ({"email": 4.0, "near_email": 2.2, "emails": 1.0}, -5.0),
    "notification_emails": ({"email": 3.0, "emails": 4.0, "near_email": 1.5}, -5.0),
    "line_type": ({"line_word": 4.0, "yes_no": 1.8, "bit": 1.6}, -2.5),
    "customer_type": ({"res_bus": 4.2, "yes_no": 0.2, "bit": 0.2}, -3.0),
    "pin": (
        {
            "digits4_8": 2.4,
            "digits4": 2.6,
            "mask": 3.0,
            "pin": 1.2,
            "digits1_3": 0.4,
            "phone": -2.0,
            "zip5": 1.2,
            "date": 0.4,
        },
        -3.0,
    ),
    "ssn_last4": ({"digits4": 2.6, "mask": 2.5, "digits1_3": 0.5}, -3.0),
    "street": (
        {"street": 2.6, "street_words": 3.0, "po_box": 2.5, "whole_address": 3.0, "words": -0.5},
        -3.0,
    ),
    "house_number": ({"digits1_5": 2.4, "short_code": 1.2}, -3.0),
    "house_suffix": ({"letter": 2.0, "short_code": 0.8}, -3.0),
    "pre_direction": ({"direction": 3.6, "state": -0.5}, -4.0),
    "post_direction": ({"direction": 3.6, "state": -0.5}, -4.0),
    "street_name": (
        {"words": 1.2, "one_word": 1.2, "street_words": 2.0, "street": 0.6, "short_code": 0.5},
        -2.5,
    ),
    "street_suffix": ({"suffix": 4.2}, -4.0),
    "street_2": (
        {
            "unit": 4.0,
            "short_code": 1.4,
            "digits1_5": 1.2,
            "words": 0.1,
            "street": -2.0,
            "whole_address": -6.0,
        },
        -2.0,
    ),
    "city": (
        {
            "locality": 2.6,
            "words": 1.3,
            "one_word": 1.2,
            "company": 0.4,
            "state_name": 0.4,
            "state": -2.0,
        },
        -4.0,
    ),
    "state": ({"state": 4.0, "state_name": 3.2, "one_word": 0.2}, -4.0),
    "postal_code": ({"zip5": 3.4, "zip4": 1.4}, -4.0),
    "statement": ({"file": 4.4, "url": 2.0, "words": -0.6, "yes_no": -1.5}, -2.5),
    "target_date": ({"date": 3.6, "words": -0.6}, -3.5),
    "request_name": (
        {
            "words": 0.6,
            "code_with_dash": 1.0,
            "short_code": 0.2,
            "one_word": 0.4,
            "company": 0.6,
            "state_name": 0.4,
        },
        -0.4,
    ),
    "notes": ({"long": 1.5, "words": 0.7, "letters": 0.4}, 0.1),
    "-flag": ({"yes_no": 2.6, "keep_port": 3.2, "bit": 1.6}, -2.0),
    "-portion": (
        {"yes_no": 1.2, "bit": 1.2, "keep_port": 0.8, "words": 0.8, "one_word": 0.8, "letter": 1.0},
        -1.5,
    ),
    # What the new carrier gives looks like what the old one has.
    "-gaining": (
        {
            "phone": 3.6,
            "near_phone": 1.0,
            "account": 2.0,
            "carrier": 3.4,
            "pin": 1.6,
            "line_word": 2.4,
            "street": 2.2,
            "digits3_5": 1.6,
        },
        0.4,
    ),
    "-contact_phone": ({"phone": 3.8, "near_phone": 1.2, "phone_noted": 3.4, "phones": 2.0}, -3.0),
    "-person": (
        {"person": 2.2, "email": 3.4, "role": 2.4, "one_word": 1.2, "letter": 1.4, "words": 0.6},
        -1.5,
    ),
    "-billing_address": (_ADDRESS, -2.5),
    "-country": ({"country": 4.2, "one_word": 1.0, "words": 0.8}, -2.0),
    "-device": (
        {
            "mac": 4.5,
            "iccid": 4.5,
            "imei": 4.2,
            "words": 0.6,
            "digits11": 1.5,
            "code_with_dash": 0.6,
        },
        -0.5,
    ),
    "-extension": ({"digits3_5": 2.6, "digits1_5": 1.6, "short_code": 1.2}, -1.5),
    "-plan": ({"money": 3.5, "plan": 2.2, "digits1_3": 1.4, "short_code": 0.9, "words": 0.4}, -0.6),
    "-internal": ({"date": 2.2, "sequence": 3.2}, 0.4),
}

_ORDER: list[tuple[Mapping[str, float], float]] = []


def _points() -> list[tuple[Mapping[str, float], float]]:
    if not _ORDER:
        _ORDER.extend(POINTS.get(name, ({}, 0.0)) for name in classes())
    return _ORDER


def _of_value(matched: frozenset[str]) -> np.ndarray:
    row = np.empty(len(classes()))
    for place, (points, none) in enumerate(_points()):
        hits = [points[name] for name in matched if name in points]
        worst = min(hits, default=0.0)
        row[place] = none if not hits else (max(hits) if worst >= 0 else worst + max(*hits, 0.0))
    return row


_BY_KINDS: dict[frozenset[str], np.ndarray] = {}


def fit(contents: Contents) -> np.ndarray:
    """Return the points of every class for what a column holds; 0 for a column that is blank."""
    distinct: Sequence[str] = list(dict.fromkeys(value for value in contents.values if value))
    if not distinct:
        return np.zeros(len(classes()))
    rows = []
    for value in distinct[:48]:
        matched = kinds(value)
        if matched not in _BY_KINDS:
            _BY_KINDS[matched] = _of_value(matched)
        rows.append(_BY_KINDS[matched])
    # One odd value in a column of good ones is a fault to find, not another field.
    total = np.sort(np.array(rows), axis=0)[len(rows) // 8 :]
    mean: np.ndarray = total.mean(axis=0)
    if "sequence" in contents.shares:
        # A counter is a counter, whatever its digits could be.
        mean[classes().index("-internal")] = max(POINTS["-internal"][0]["sequence"], mean.max())
    # Three values say less than thirty.
    return mean * (0.75 + 0.25 * min(len(rows), 6) / 6)
