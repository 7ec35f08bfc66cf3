"""Which numbers belong to one port request.

One request is one losing carrier, one account, one service address, one billing telephone number,
one authorized representative and one statement (47 CFR 64.1130; every provider asks for it).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

#: What must not differ within an account; a difference is `request.conflict`.
SAME_IN_ACCOUNT = (
    "customer_name",
    "authorized_name",
    "street",
    "street_2",
    "city",
    "state",
    "postal_code",
)

#: What separates requests within an account.
SEPARATES = ("billing_number", "statement", "target_date")


def fold(text: pd.Series) -> pd.Series:
    """Fold texts for comparison: case, spaces and punctuation do not count."""
    return text.str.lower().str.replace(r"[^a-z0-9]+", "", regex=True)


def account_key(numbers: pd.DataFrame) -> pd.Series:
    """Name the account of each row of NUMBERS: carrier and account number, folded.

    Rows without a usable account number go with the account of their request's name, where that
    name has one account only; else they go by the request's name, or the customer's.
    """
    carrier = fold(numbers["losing_carrier"]).fillna("")
    account = fold(numbers["account_number"])
    known = (carrier + "|" + account).where(account.notna())
    name = numbers["request_name"]
    only = known.groupby(name).agg(["nunique", "first"])
    by_name = name.map(only.loc[only["nunique"] == 1, "first"]).astype("str")
    by_word = carrier + "|?" + name.fillna(numbers["customer_name"]).fillna("")
    return known.fillna(by_name).fillna(by_word).astype("str")


def request_of(numbers: pd.DataFrame) -> pd.Series:
    """Name the planned request of each row of NUMBERS.

    The name is the workbook's own where it has one, else the carrier and the account; requests
    that would share a name get a number behind it.
    """
    account = account_key(numbers)
    parts = [account]
    for name in SEPARATES:
        column = fold(numbers[name]) if name != "statement" else numbers[name]
        # A blank does not separate: the account's one value stands for it.
        one = column.groupby(account).transform("first")
        parts.append(column.fillna(one).fillna(""))
    group = pd.Series(pd.factorize(pd.MultiIndex.from_arrays(parts))[0], numbers.index)
    own = numbers["request_name"].groupby(group).transform("first")
    carrier = numbers["losing_carrier"].fillna("").astype("str")
    made = (
        carrier + " " + numbers["account_number"].fillna("no account").astype("str")
    ).str.strip()
    name = own.fillna(made.groupby(group).transform("first")).astype("str")
    first = pd.DataFrame({"name": name, "group": group}).drop_duplicates("group")
    again = first.groupby("name").cumcount().to_numpy()
    suffix = np.where(again > 0, " (" + (again + 1).astype(str).astype(object) + ")", "")
    label = pd.Series(first["name"].to_numpy(dtype=object) + suffix, index=first["group"])
    return group.map(label).astype("str")


def conflicts(numbers: pd.DataFrame) -> dict[str, pd.Series]:
    """Tell for each field of `SAME_IN_ACCOUNT` which rows differ from their account's usual value.

    The usual value is the most frequent one; blanks never differ.
    """
    account = account_key(numbers)
    known = numbers["account_number"].notna()
    differs = {}
    for name in SAME_IN_ACCOUNT:
        folded = fold(numbers[name]).where(known)
        folded = folded.where(folded != "")
        size = folded.groupby([account, folded]).transform("size")
        first = folded.groupby([account, folded]).cumcount() == 0
        order = pd.DataFrame({"account": account, "value": folded, "size": size})[
            first & folded.notna()
        ]
        order = order.sort_values("size", ascending=False, kind="stable")
        usual = order.drop_duplicates("account").set_index("account")["value"]
        differs[name] = folded.notna() & (folded != account.map(usual))
    return differs
