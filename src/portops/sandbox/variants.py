"""Variants: where Twilio's published sources describe two behaviors, the sandbox can play either.

What has no published source and is the sandbox's own: roles and the Labs switch (they come from
the platform that the first version was written for), 22171 for files, 22150 for late
cancellations, letters that expire after 30 days, reminders, `Rejected` as the status of a number
that turns out not to be portable.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Variants:
    """How the sandbox behaves where more than one behavior is documented.

    `portability` is the HTTP status for a number that can't be ported: 200 in the published
    document, 400 on the page about portability. A create call with numbers that can't be ported
    is `taken` (the documented behavior) or `refused`. `reasons` of rejections are the carrier's
    `words`, or the published `tokens` without a code. A new request is `In Review`, or `pending`
    as in the published examples. The first `empty_uploads` documents come back with a SID and an
    empty `mime_type`: nothing of them arrived.
    """

    portability: Literal[200, 400] = 200
    unportable: Literal["taken", "refused"] = "taken"
    reasons: Literal["words", "tokens"] = "words"
    created: Literal["In Review", "pending"] = "In Review"
    empty_uploads: int = 0


#: The published tokens of rejections, by the code that they stand beside.
TOKENS = {
    22150: "CONTACT_SUPPORT_REQUIRED",
    22151: "PHONE_NUMBER_WITH_CARRIER_RESTRICTION",
    22152: "PHONE_NUMBER_INACTIVE_OR_DISCONNECTED",
    22153: "INVALID_END_USER_NAME",
    22154: "INVALID_ADDRESS",
    22155: "INVALID_PIN",
    22156: "INVALID_ACCOUNT_NUMBER",
}
