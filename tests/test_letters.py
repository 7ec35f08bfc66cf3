"""The letters over a column are Excel's."""

from __future__ import annotations

import pytest
from openpyxl.utils import column_index_from_string, get_column_letter

from portops.wording import column_under, letters_of


@pytest.mark.parametrize("column", [1, 26, 27, 52, 53, 702, 703, 16_384, 18_278])
def test_letters_and_columns_are_those_of_excel(column: int) -> None:
    """A to XFD, as openpyxl counts them, there and back."""
    letters = letters_of(column)
    assert letters == get_column_letter(column)
    assert column_under(letters) == column_index_from_string(letters) == column
    assert column_under(letters.lower()) == column


@pytest.mark.parametrize("letters", ["", "A1", "ABCD", "-", "Ä"])
def test_other_texts_are_no_column(letters: str) -> None:
    """They raise ValueError, as damaged files have them."""
    with pytest.raises(ValueError, match="not the letters"):
        column_under(letters)
