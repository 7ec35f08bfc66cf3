"""The rules there are: ours, those of installed packages, and their codes.

Adding a module with `RULES` to `portops.checks.rules` is all there is to do for a rule of ours;
another package declares an entry point of the group `portops.rules`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from portops.checks.rule import Rule
from portops.errors import InputError
from portops.facts.causes import CAUSES
from portops.registry import Registry
from portops.tables.findings import CODES, SEVERITIES, Code


def _rules(value: object) -> tuple[Rule, ...]:
    """Take one rule or several."""
    several: object = (value,) if isinstance(value, Rule) else value
    if not isinstance(several, Iterable):
        raise TypeError(f"gives {type(value).__name__}, not a Rule or several of them")
    rules = tuple(several)
    for rule in rules:
        if not isinstance(rule, Rule):
            raise TypeError(f"gives {type(rule).__name__} among its rules")
    return rules


def given_rules(value: object) -> tuple[Rule, ...]:
    """Return the rules that the caller gives: one or several. Raises InputError for other things."""
    try:
        return _rules(value)
    except TypeError as error:
        raise InputError(
            f"`rules=` {error}.", "Give a Rule (`portops.checks.rule.Rule`) or a list of them."
        ) from None


#: Families of rules by name; each is a tuple of rules.
FAMILIES: Registry[tuple[Rule, ...]] = Registry(
    "portops.rules", "portops.checks.rules", "RULES", kind=tuple, adapt=_rules
)


def rules(more: Sequence[Rule] = ()) -> tuple[Rule, ...]:
    """Return every rule: ours, those of installed packages, and the caller's own.

    Raises SettingsError for a package whose rules cannot be loaded.
    """
    return (*(rule for family in FAMILIES for rule in family), *more)


def codes(more: Sequence[Rule] = ()) -> Mapping[str, Code]:
    """Return every code of a finding: those of the rules, and those that no rule makes.

    A code of several rules has the worst of their severities.
    """
    table = dict(CODES)
    for rule in rules(more):
        before = table.get(rule.code)
        worst = min(
            (rule.severity, before.severity if before else rule.severity), key=SEVERITIES.index
        )
        table[rule.code] = Code(worst, before.meaning if before else rule.meaning)
    return dict(sorted(table.items()))


def codes_by_cause() -> Mapping[str, tuple[str, ...]]:
    """Map each cause of rejection to the codes of the checks that could have seen it."""
    # A dict for each, which keeps the order of the rules and says a code once.
    seen: dict[str, dict[str, None]] = {name: {} for name in CAUSES}
    for rule in rules():
        for name in rule.causes:
            seen[name][rule.code] = None
    return {name: tuple(names) for name, names in seen.items()}


def warning_codes() -> frozenset[str]:
    """Return the codes that can be warnings: what a request may carry when it is submitted."""
    table = {code for code, about in CODES.items() if about.severity == "warning"}
    return frozenset(table | {rule.code for rule in rules() if rule.severity == "warning"})
