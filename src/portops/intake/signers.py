"""The person who signs and the address of mail that is his: two columns that share a word."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from portops.intake.scoring import Column, Recognized, in_words
from portops.intake.titles import readings

if TYPE_CHECKING:
    from portops.intake.contents import Contents

#: Words that any person's column, or any column of addresses, may have.
_COMMON = frozenset(
    {
        *("email", "mail", "address", "name", "first", "last", "full", "contact", "person"),
        *("the", "a", "of", "for", "to", "who", "is", "and", "or", "at", "s", "on", "in", "may"),
        *("site", "customer", "account", "company", "business", "can", "phone", "number"),
    }
)

#: Words that point at the person in the column before: `that person's e-mail`.
_WHOSE = frozenset(["that", "their", "his", "her", "whose", "same", "person"])

#: Persons who help with a port and do not sign for the account.
_HELPERS = frozenset(
    [
        *("it", "tech", "technician", "technical", "installer", "vendor", "sales", "rep", "site"),
        *("requester", "requestor", "submitter", "submitted", "respondent", "emergency", "backup"),
        *("alternate", "shipping", "billing", "ap", "project", "support", "noc", "local", "onsite"),
        *("notify", "cc", "copy", "new", "our"),
        *(
            "employee",
            "assignee",
            "user",
            "assigned",
            "agent",
            "driver",
            "occupant",
            "staff",
            "preparer",
        ),
    ]
)

#: What speaks for a signer's column must hold so many people.
_PEOPLE = 0.5


def _words(column: Column) -> list[str]:
    # `Pastor's` is the pastor's.
    return [
        word.removesuffix("s") if len(word) > 3 else word for word in readings(column.title).own
    ]


def linked(person: Column, mail: Column) -> bool:
    """Tell whether two titles speak of one person: `Terminal mgr` and `Mgr e-mail`, `DM Email`."""
    ours, theirs = _words(person), _words(mail)
    if (set(ours) & set(theirs)) - _COMMON:
        return True
    if person.position + 1 == mail.position and set(theirs) & _WHOSE:
        return True
    initials = "".join(word[0] for word in ours if word)
    return len(initials) >= 2 and any(
        word == initials[: len(word)] for word in theirs if len(word) > 1
    )


def _share(contents: Contents, *kinds: str) -> float:
    return max((contents.shares.get(kind, 0.0) for kind in kinds), default=0.0)


def pair_signers(
    columns: Sequence[Column], result: list[Recognized], fixed: Collection[int]
) -> None:
    """Give the signer the address of mail beside him, and an address of mail its signer.

    Only where it has no column of its own yet, and exactly one fits: it shares a word with the
    other (`Pastor`, `Pastor's e-mail`), is the only address, or stands beside it.
    """
    rows = {view.field: row for row, view in enumerate(result) if view.field}
    free = [row for row, view in enumerate(result) if view.field is None and row not in fixed]
    mails = [
        row
        for row in free
        if _share(columns[row].contents, "email", "near_email") >= _PEOPLE
        and not set(_words(columns[row])) & _HELPERS
    ]
    if {"email", "authorized_name"} <= rows.keys() and rows["email"] not in fixed:
        signer, mail = columns[rows["authorized_name"]], columns[rows["email"]]
        fitting = [row for row in mails if linked(signer, columns[row])]
        if fitting and not linked(signer, mail) and result[rows["email"]].how != "given":
            # Another person's was taken, since `E-mail` alone says it plainest.
            result[rows["email"]] = result[rows["email"]]._replace(field=None, how="unknown")
            del rows["email"]
    if "email" not in rows:
        signer_at = rows.get("authorized_name", rows.get("first_name"))
        fitting = [
            row
            for row in mails
            if signer_at is not None and linked(columns[signer_at], columns[row])
        ]
        # Where one address of mail is all there is, the letter goes there.
        _take("email", fitting or mails, columns, result)
        rows = {view.field: row for row, view in enumerate(result) if view.field}
    if "email" in rows and not rows.keys() & {"authorized_name", "first_name", "last_name"}:
        mail = columns[rows["email"]]
        people = [
            row
            for row in free
            if _share(columns[row].contents, "person", "role") >= _PEOPLE
            and not set(_words(columns[row])) & _HELPERS
        ]
        fitting = [row for row in people if linked(columns[row], mail)]
        beside = [row for row in people if abs(columns[row].position - mail.position) == 1]
        _take("authorized_name", fitting or beside, columns, result)


def _take(
    name: str, fitting: Sequence[int], columns: Sequence[Column], result: list[Recognized]
) -> None:
    if len(fitting) == 1:
        row = fitting[0]
        result[row] = Recognized(name, "both", 0.7, in_words(columns[row], name, "both"))
