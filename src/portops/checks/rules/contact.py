"""Rules about the authorized representative and the e-mail address."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from email_validator import EmailNotValidError, validate_email

from portops.checks.rules.rule import Rule, suggestion
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

READS = (
    "written.email",
    "written.authorized_name",
    "written.customer_name",
    "written.notification_emails",
)


def derive(facts: pd.DataFrame) -> pd.DataFrame:
    """Add `email` (missing when it is none), `email_repair`, `authorized_name` and its faults."""
    written = facts["written.email"]
    certain = matches(written, _CERTAIN)
    odd = written[written.notna() & ~certain]
    good = {each: len(each) <= 254 and _valid(each) for each in odd.unique()}
    passes = certain | written.isin([each for each, valid in good.items() if valid])
    facts["email"] = written.where(passes)
    trimmed = written.str.strip(" ,;.<>\"'").str.replace(r"^mailto:", "", regex=True)
    facts["email_repair"] = trimmed.where(~passes & matches(trimmed, _CERTAIN))
    others = facts["written.notification_emails"]
    lists = {each: split_emails(each) for each in others.dropna().unique()}
    fine = [each for each, parts in lists.items() if parts and all(map(_valid, parts))]
    facts["notification_emails"] = (
        others.where(others.isin(fine))
        .map({each: ", ".join(parts) for each, parts in lists.items()})
        .astype("str")
    )
    name = squeeze(facts["written.authorized_name"])
    facts["authorized_name"] = name
    facts["customer_name"] = facts["written.customer_name"]
    one_word = ~contains(name, r"\S\s+\S")
    several = contains(name, r"\s(?:and|&|or)\s|/")
    facts["no_person"] = name.notna() & (one_word | contains(name, _ROLE) | several)
    facts["person_long"] = matches(name, f".{{{PERSON_WIDTH + 1}}}")
    facts["name_long"] = matches(facts["customer_name"], f".{{{NAME_WIDTH + 1}}}")
    return facts


RULES = (
    Rule(
        code="contact.missing",
        field="authorized_name",
        holds=lambda facts: facts["written.authorized_name"].notna(),
        message="There is no authorized representative. Name the person who may make changes on "
        "the account and will sign the letter of authorization.",
        absent=True,
    ),
    Rule(
        code="contact.missing",
        field="customer_name",
        holds=lambda facts: facts["customer_name"].notna(),
        message="There is no customer name. Write the account holder's name as the statement "
        "prints it.",
        absent=True,
    ),
    Rule(
        code="contact.incomplete",
        field="authorized_name",
        holds=lambda facts: ~facts["no_person"],
        message="'{value}' is not the first and last name of one person. Carriers compare it with "
        "the person on file.",
    ),
    Rule(
        code="contact.too_long",
        field="authorized_name",
        holds=lambda facts: ~facts["person_long"],
        message=f"'{{value}}' has more than {PERSON_WIDTH} characters; some carriers cut it there "
        "and compare the rest. Ask for the name as it stands on the account.",
        once="",
    ),
    Rule(
        code="contact.too_long",
        field="customer_name",
        holds=lambda facts: ~facts["name_long"],
        message=f"'{{value}}' has more than {NAME_WIDTH} characters; some carriers cut it there "
        "and compare the rest. Use the name as the statement prints it.",
        once="",
    ),
    Rule(
        code="email.missing",
        field="email",
        holds=lambda facts: facts["written.email"].notna(),
        message="There is no e-mail address; the letter of authorization is sent there to sign.",
        absent=True,
    ),
    Rule(
        code="email.invalid",
        field="email",
        holds=lambda facts: facts["written.email"].isna() | facts["email"].notna(),
        message="'{value}' is not an e-mail address.",
        suggest=suggestion("email_repair"),
    ),
    Rule(
        code="email.invalid",
        field="notification_emails",
        holds=lambda facts: (
            facts["written.notification_emails"].isna() | facts["notification_emails"].notna()
        ),
        message="'{value}' is no list of e-mail addresses; separate several by commas.",
    ),
)
