"""What the store knows of numbers that were submitted before, as a check is given it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from portops.redaction import Recall, forgotten

if TYPE_CHECKING:
    import pandas as pd

    from portops.redaction import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """Numbers submitted before.

    `open_numbers` are in an open request (`phone_number, request_sid, request_key, status,
    account`); `refused` were rejected and not corrected yet (see `state.refused`); `pins` are the
    PINs that were submitted with the refused ones, where they are kept; `recall` gives the kept
    PINs of any numbers, for cells that a marked copy has masked.
    """

    open_numbers: pd.DataFrame | None = None
    refused: pd.DataFrame | None = None
    pins: dict[str, Secret] = field(default_factory=dict)
    recall: Recall = forgotten
