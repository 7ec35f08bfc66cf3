"""The agreement checklist that stands before every submission."""

from __future__ import annotations

POINTS = (
    "I have the authority to port these numbers.",
    "The details match the losing carrier's record.",
    "The numbers stay active until the port is completed.",
    "There are no pending orders on the accounts.",
    "The billing statements are recent.",
    "The authorized representative will sign the letter of authorization by e-mail.",
    "Fees of the losing carrier may apply.",
)


def text() -> str:
    """Return the checklist as it is recorded with a batch."""
    return "\n".join(f"{number}. {point}" for number, point in enumerate(POINTS, start=1))
