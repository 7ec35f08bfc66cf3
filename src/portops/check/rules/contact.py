"""Rules about the authorized representative and the e-mail address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from email_validator import EmailNotValidError, validate_email

from portops.check.rules.rule import Rule, contains, matches, suggestion

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


def derive(facts: pd.DataFrame) -> pd.DataFrame:
    """Add `email` (missing when it is none), `email_repair` and `authorized_name`."""
    written = facts["written.email"]
    certain = matches(written, _CERTAIN)
    odd = written[written.notna() & ~certain]
    good = {each: _valid(each) for each in odd.unique()}
    passes = certain | written.isin([each for each, valid in good.items() if valid])
    facts["email"] = written.where(passes)
    trimmed = written.str.strip(" ,;.<>\"'").str.replace(r"^mailto:", "", regex=True)
    facts["email_repair"] = trimmed.where(~passes & matches(trimmed, _CERTAIN))
    facts["authorized_name"] = facts["written.authorized_name"].str.replace(r"\s+", " ", regex=True)
    return facts


def _whole_person(facts: pd.DataFrame) -> pd.Series:
    name = facts["authorized_name"]
    one_word = ~contains(name, r"\S\s+\S")
    several = contains(name, r"\s(?:and|&|or)\s|/")
    return name.isna() | ~(one_word | contains(name, _ROLE) | several)


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
        code="contact.incomplete",
        field="authorized_name",
        holds=_whole_person,
        message="'{value}' is not the first and last name of one person. Carriers compare it with "
        "the person on file.",
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
)
