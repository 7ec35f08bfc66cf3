"""Rules about the authorized representative and the e-mail address."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from portops.checks.rule import Rule, Say, suggestion
from portops.checks.step import Columns, Given, Step
from portops.texts import contains, matches, squeeze

if TYPE_CHECKING:
    import pandas as pd

# Shapes that are certainly addresses; everything else is left to the library.
_CERTAIN = (
    r"^[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,24}$"
)

# A role or a company instead of a person; source: providers' public lists of reject reasons.
_ROLE = (
    r"\b(?:dept|department|reception|receptionist|office|front desk|help ?desk|billing|accounts?|"
    r"payable|support|admin|administrator|team|manager|management|owner|it|hr|operations|n/?a|tbd|"
    r"inc|llc|ltd|corp|company|unknown|same)\b\.?"
)


def _valid(address: str) -> bool:
    from email_validator import EmailNotValidError, validate_email

    try:
        validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True


def split_emails(text: str) -> list[str]:
    """Split a list of e-mail addresses."""
    return [part for part in re.split(r"[\s,;]+", text) if part]


#: Widths of carriers' fields (Bandwidth's public API documents name the same): longer texts are
#: cut and then compared.
NAME_WIDTH, PERSON_WIDTH = 25, 15


def _contacts(facts: pd.DataFrame, _: Given) -> Columns:
    """Read e-mail addresses (missing where they are none), names and what is wrong with them."""
    written = facts["written.email"]
    certain = matches(written, _CERTAIN)
    odd = written[written.notna() & ~certain]
    valid = [text for text in odd.unique() if len(text) <= 254 and _valid(text)]
    passes = certain | written.isin(valid)
    trimmed = written.str.strip(" ,;.<>\"'").str.replace(r"^mailto:", "", regex=True)
    others = facts["written.notification_emails"]
    lists = {text: split_emails(text) for text in others.dropna().unique()}
    sound = {
        text: ", ".join(parts) for text, parts in lists.items() if parts and all(map(_valid, parts))
    }
    name = squeeze(facts["written.authorized_name"])
    customer = facts["written.customer_name"]
    one_word = ~contains(name, r"\S\s+\S")
    several = contains(name, r"\s(?:and|&|or)\s|/")
    return {
        "email": written.where(passes),
        "email_repair": trimmed.where(~passes & matches(trimmed, _CERTAIN)),
        "notification_emails": others.map(sound).astype("str"),
        "authorized_name": name,
        "customer_name": customer,
        "no_person": name.notna() & (one_word | contains(name, _ROLE) | several),
        "person_long": matches(name, f".{{{PERSON_WIDTH + 1}}}"),
        "name_long": matches(customer, f".{{{NAME_WIDTH + 1}}}"),
    }


CONTACTS = Step(
    reads=(
        "written.email",
        "written.authorized_name",
        "written.customer_name",
        "written.notification_emails",
    ),
    adds=(
        "email",
        "email_repair",
        "notification_emails",
        "authorized_name",
        "customer_name",
        "no_person",
        "person_long",
        "name_long",
    ),
    derive=_contacts,
    distinct=True,
)


RULES = (
    Rule(
        code="contact.missing",
        causes=("authorized_name", "missing_information"),
        severity="error",
        meaning="no authorized representative",
        field="authorized_name",
        holds=lambda facts: facts["written.authorized_name"].notna(),
        message="There is no authorized representative. Name the person who may make changes on "
        "the account and will sign the letter of authorization.",
        absent=True,
    ),
    Rule(
        code="contact.missing",
        causes=("authorized_name", "missing_information"),
        severity="error",
        meaning="no authorized representative",
        field="customer_name",
        holds=lambda facts: facts["customer_name"].notna(),
        message="There is no customer name. Write the account holder's name as the statement "
        "prints it.",
        absent=True,
    ),
    Rule(
        code="contact.incomplete",
        causes=("authorized_name",),
        severity="warning",
        meaning="one word only, or a role instead of a person",
        field="authorized_name",
        holds=lambda facts: ~facts["no_person"],
        message="'{value}' is not the first and last name of one person. Carriers compare it with "
        "the person on file.",
    ),
    Rule(
        code="contact.too_long",
        severity="warning",
        meaning="longer than the carriers' field",
        field="authorized_name",
        holds=lambda facts: ~facts["person_long"],
        message=f"'{{value}}' has more than {PERSON_WIDTH} characters; some carriers cut it there "
        "and compare the rest. Ask for the name as it is on the account.",
        say=Say.GROUP,
    ),
    Rule(
        code="contact.too_long",
        severity="warning",
        meaning="longer than the carriers' field",
        field="customer_name",
        holds=lambda facts: ~facts["name_long"],
        message=f"'{{value}}' has more than {NAME_WIDTH} characters; some carriers cut it there "
        "and compare the rest. Use the name as the statement prints it.",
        say=Say.GROUP,
    ),
    Rule(
        code="email.missing",
        causes=("missing_information", "unsigned_loa"),
        severity="error",
        meaning="no e-mail address",
        field="email",
        holds=lambda facts: facts["written.email"].notna(),
        message="There is no e-mail address; the letter of authorization is sent there to sign.",
        absent=True,
    ),
    Rule(
        code="email.invalid",
        causes=("unsigned_loa",),
        severity="error",
        meaning="not an e-mail address",
        field="email",
        holds=lambda facts: facts["written.email"].isna() | facts["email"].notna(),
        message="'{value}' is not an e-mail address.",
        suggest=suggestion("email_repair"),
    ),
    Rule(
        code="email.invalid",
        causes=("unsigned_loa",),
        severity="error",
        meaning="not an e-mail address",
        field="notification_emails",
        holds=lambda facts: (
            facts["written.notification_emails"].isna() | facts["notification_emails"].notna()
        ),
        message="'{value}' is no list of e-mail addresses; separate several by commas.",
    ),
)
