"""Which numbers belong to one port request.

One request is one losing carrier, one account, one service address, one billing telephone number,
one authorized representative and one statement (47 CFR 64.1130; every provider asks for it).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from portops.texts import codes_of, fold, groups, take

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


#: Everything that decides which request a number belongs to.
DECIDES = (
    "losing_carrier",
    "account_number",
    "request_name",
    *SEPARATES,
    *SAME_IN_ACCOUNT,
)


def account_key(numbers: pd.DataFrame) -> pd.Series:
    """Name the account of each row of NUMBERS: carrier and account number, folded.

    Rows without a usable account number go with the account of their request's name, where that
    name has one account only; else they go by the request's name, or the customer's.
    """
    reads = ["losing_carrier", "account_number", "request_name", "customer_name"]
    group, first = groups([numbers[name] for name in reads])
    some = numbers[reads].iloc[first].reset_index(drop=True)
    carrier = fold(some["losing_carrier"]).fillna("")
    account = fold(some["account_number"])
    by_account = (carrier + "|" + account).where(account.notna())
    name = some["request_name"]
    only = by_account.groupby(name).agg(["nunique", "first"])
    by_name = name.map(only.loc[only["nunique"] == 1, "first"]).astype("str")
    by_word = carrier + "|?" + name.fillna(some["customer_name"]).fillna("")
    key = by_account.fillna(by_name).fillna(by_word).astype("str")
    return take(key, group, numbers.index)


def _number(column: pd.Series) -> pd.Series:
    """Return a number for each distinct text; missing ones stay missing."""
    codes, _ = codes_of(column)
    return pd.Series(codes, column.index, dtype="float64").where(codes > 0)


def request_of(numbers: pd.DataFrame, account: pd.Series) -> pd.Series:
    """Name the planned request of each row of NUMBERS, whose accounts are given.

    The name is the workbook's own where it has one, else the carrier and the account; requests
    that would share a name get a number behind it.
    """
    own_account = _number(account)
    parts = [own_account]
    for field in SEPARATES:
        column = _number(fold(numbers[field]) if field != "statement" else numbers[field])
        # A blank does not separate: the account's one value stands for it.
        if column.isna().any():
            column = column.fillna(column.groupby(own_account).transform("first")).fillna(0)
        parts.append(column)
    group, first = groups(parts)
    own = numbers["request_name"].groupby(group).first()
    some = numbers.iloc[first]
    carrier = some["losing_carrier"].fillna("").astype("str")
    made = (carrier + " " + some["account_number"].fillna("no account").astype("str")).str.strip()
    shared = own.reset_index(drop=True).fillna(made.reset_index(drop=True)).astype("str")
    again = shared.groupby(shared).cumcount().to_numpy()
    suffix = np.where(again > 0, " (" + (again + 1).astype(str).astype(object) + ")", "")
    label = pd.Series(shared.to_numpy(dtype=object) + suffix, dtype="str")
    return take(label, group, numbers.index)


def conflicts(
    numbers: pd.DataFrame, account: pd.Series, weight: np.ndarray
) -> dict[str, pd.Series]:
    """Tell for each field of `SAME_IN_ACCOUNT` which rows differ from their account's usual value.

    The usual value is the most frequent one, each row counting for `weight` rows; blanks never
    differ.
    """
    has_account = numbers["account_number"].notna().to_numpy()
    owner, _ = codes_of(account)
    differs = {}
    for name in SAME_IN_ACCOUNT:
        values, _ = codes_of(fold(numbers[name]).replace("", np.nan))
        filled = np.flatnonzero(has_account & (values > 0))
        pair, firsts = groups([pd.Series(owner[filled]), pd.Series(values[filled])])
        wrong = np.zeros(len(numbers), dtype=bool)
        if len(firsts) > len(np.unique(owner[filled])):
            size = np.bincount(pair, weight[filled])
            order = pd.DataFrame(
                {"owner": owner[filled][firsts], "pair": range(len(firsts)), "size": size}
            )
            order = order.sort_values("size", ascending=False, kind="stable")
            usual = order.drop_duplicates("owner")["pair"].to_numpy()
            wrong[filled] = ~np.isin(pair, usual)
        differs[name] = pd.Series(wrong, numbers.index)
    return differs
