"""Profiles: a layout that was settled once is read the same way again, and changes are told."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from tests.conftest import desk_of, rows, write_book
from tests.intake.senders import layout

from portops import Desk
from portops.errors import InputError, SettingsError
from portops.intake.profile_files import file_of, read_profile, write_profile
from portops.intake.profiles import compare, find
from portops.results.profile import Profile
from portops.settings import Settings

AS_OF = date(2026, 10, 5)

#: Titles of one sender, none of which is ours.
THEIRS = {
    "Phone Number": "Tel. No. to Port",
    "Number Type": "Wire or Cell",
    "Losing Carrier": "Carrier Today",
    "Account Number": "Acct No.",
    "Customer Type": "Bus/Res",
    "Customer Name": "Company",
    "Authorized Representative": "Signer",
    "Email": "E-mail of Signer",
    "Service Address": "Site Street",
    "City": "Site City",
    "State": "Site State",
    "Postal Code": "Site ZIP",
    "Billing Statement": "Bill File",
    "Wireless PIN": "Transfer PIN",
}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk whose profiles are in a folder of its own."""
    return desk_of(
        Settings(store=f"sqlite:///{tmp_path}/s.db", profiles=str(tmp_path / "profiles"))
    )


def theirs(*changes: dict[str, object]) -> pd.DataFrame:
    """Return good rows as this sender writes them, with a column that is none of ours."""
    return rows(*changes).rename(columns=THEIRS).assign(Zorb="x1")


def _taken(checked: object, header: str) -> tuple[object, str]:
    table = checked.understood.set_index("header")  # type: ignore[attr-defined]
    return table.loc[header, "field"], str(table.loc[header, "how"])


def test_a_profile_is_a_small_file_without_any_customer(desk: Desk) -> None:
    """Titles, fields, shape, `--map` and `--set`: nothing that a row says."""
    table = theirs({}, {"Number Type": "Wireless", "Wireless PIN": "Zebra4711X"})
    checked = desk.check(table, given={"Zorb": "notes"}, fill={"customer_type": "Business"})
    path = desk.learn(checked, "acme")
    text = path.read_text("utf-8")
    assert path.name == "acme.toml"
    assert 'shape = "table"' in text
    assert '"Tel. No. to Port" = "phone_number"' in text
    assert '[map]\n"Zorb" = "notes"' in text
    assert '[set]\ncustomer_type = "Business"' in text
    for values in table.drop(columns="Bus/Res").astype(str).to_numpy():
        assert not [value for value in values if value != "None" and f'"{value}"' in text]
    assert "Zebra4711X" not in text


def test_a_later_workbook_finds_it_by_itself(desk: Desk) -> None:
    """In another order, with other rows; every column says so, in JSON too."""
    desk.learn(desk.check(theirs({}), given={"Zorb": "request_name"}), "acme")
    later = theirs({}, {"City": "Boston"})
    checked = desk.check(later[list(later)[::-1]])
    (use,) = checked.profiles
    assert (use.name, use.chosen, use.applied, use.gone, use.new) == ("acme", "found", True, (), ())
    assert set(checked.understood["how"]) == {"profile"}
    assert _taken(checked, "Zorb") == ("request_name", "profile")
    document = checked.as_json()
    assert document["profiles"][0]["profile"] == "acme"
    assert {column["how"] for column in document["columns"]} == {"profile"}
    assert "fits profile &#x27;acme&#x27;" in checked._repr_html_()


def test_a_column_that_was_ignored_stays_ignored(desk: Desk) -> None:
    """Even where it begins to hold what looks like a detail."""
    table = theirs({}, {}).drop(columns="E-mail of Signer")
    desk.learn(desk.check(table), "acme")
    later = desk.check(table.assign(Zorb="dana@example.com"))
    field, how = _taken(later, "Zorb")
    assert pd.isna(field)
    assert how == "profile"


@pytest.mark.parametrize("seed", range(12))
def test_any_sender_is_read_the_same_way_with_its_profile(
    seed: int, tmp_path: Path, desk: Desk
) -> None:
    """Numbers and findings are equal, whatever the shape; the profile is found by itself."""
    sent = layout(seed)
    book = openpyxl.Workbook()
    for title, grid in {book.active.title: sent.grid, **sent.more}.items():
        page = book[title] if title in book.sheetnames else book.create_sheet(title)
        for row in grid:
            page.append(row)
    path = tmp_path / "w.xlsx"
    book.save(path)
    try:
        before = desk.check(path, as_of=AS_OF)
        desk.learn(before, "sender")
    except InputError:
        pytest.skip("nobody can tell all of its columns")
    for options in ({"profile": "sender"}, {}):
        again = desk.check(path, as_of=AS_OF, **options)
        pd.testing.assert_frame_equal(again.numbers, before.numbers)
        assert list(again.findings["code"]) == list(before.findings["code"])
        assert again.profiles[0].applied


def test_what_is_given_beside_it_goes_first(desk: Desk) -> None:
    """`--map` and `--set` of today before those of the profile, and both before `[mapping]`."""
    checked = desk.check(theirs({}), given={"Zorb": "notes"}, fill={"billing_number": "2125550199"})
    desk.learn(checked, "acme")
    later = theirs({})
    again = desk.check(later, given={"ZORB": "request_name"} | {"Zorb": "request_name"})
    assert _taken(again, "Zorb") == ("request_name", "given")
    assert list(again.numbers["billing_number"]) == ["+12125550199"]
    again = desk.check(later, fill={"billing_number": "2125550100"}, profile="acme")
    assert list(again.numbers["billing_number"]) == ["+12125550100"]
    assert _taken(again, "Zorb") == ("notes", "profile")
    with Desk(desk.settings.but(mapping={"Zorb": "statement"})) as other:
        assert _taken(other.check(later), "Zorb") == ("notes", "profile")


def test_a_profile_that_is_kept_again_keeps_what_it_had(desk: Desk) -> None:
    """What was decided before stays decided."""
    checked = desk.check(theirs({}), given={"Zorb": "notes"}, fill={"billing_number": "2125550199"})
    desk.learn(checked, "acme")
    path = desk.learn(desk.check(theirs({}).assign(More="1")), "acme")
    kept = read_profile(path)
    assert kept.given == {"Zorb": "notes"}
    assert kept.fill == {"billing_number": "2125550199"}
    assert kept.columns["More"] == "ignore"


def test_a_header_that_is_absent_is_no_error_and_is_told(desk: Desk) -> None:
    """With `--profile`, whatever is gone or new is named, and the rest is read with it."""
    desk.learn(desk.check(theirs({}), given={"Zorb": "notes"}), "acme")
    changed = theirs({}).rename(columns={"Site ZIP": "Postcode"}).drop(columns=["Zorb", "Bus/Res"])
    (use,) = desk.check(changed, profile="acme").profiles
    assert set(use.gone) == {"Site ZIP", "Bus/Res", "Zorb"}
    assert use.new == (("Postcode", "postal_code"),)
    lines = "\n".join(use.lines)
    assert "was read with profile 'acme'" in lines
    assert "Missing in this workbook: " in lines
    assert "New in this workbook: 'Postcode' (looks like postal_code)." in lines


def test_a_changed_layout_is_told_and_not_guessed_over(desk: Desk) -> None:
    """A new column for a needed field: the profile is not used unless it is named."""
    desk.learn(desk.check(theirs({})), "acme")
    changed = theirs({}).rename(columns={"Acct No.": "Account Number"})
    checked = desk.check(changed)
    (use,) = checked.profiles
    assert not use.applied
    assert (use.gone, use.new) == (("Acct No.",), (("Account Number", "account_number"),))
    assert "profile" not in set(checked.understood["how"])
    assert "its layout has changed" in use.lines[0]
    # One that asks for nothing is told, and does no harm.
    checked = desk.check(theirs({}).assign(Qwx="1"))
    (use,) = checked.profiles
    assert use.applied
    assert use.new == (("Qwx", None),)


def test_another_sender_finds_nothing(desk: Desk) -> None:
    """Our own titles are not theirs."""
    desk.learn(desk.check(theirs({})), "acme")
    assert desk.check(rows({})).profiles == ()


def test_what_is_close_to_the_template_is_close_to_nobody(desk: Desk) -> None:
    """A profile with our own titles names no sender, so that nothing is said of it."""
    desk.learn(desk.check(rows({})), "acme")
    assert desk.check(rows({}).drop(columns=["City", "State", "Email"])).profiles == ()


def test_without_a_profile_where_none_is_wanted(desk: Desk) -> None:
    """`none` reads as if nothing was kept, and so is a guided request."""
    desk.learn(desk.check(theirs({})), "acme")
    assert desk.check(theirs({}), profile="none").profiles == ()


def test_values_of_one_customer_do_not_fill_in_anybodys_workbook(desk: Desk) -> None:
    """The template's titles name no sender: what was set for one is not set for all."""
    table = rows({}).assign(**{"Billing Number": None})
    desk.learn(desk.check(table, fill={"billing_number": "2125550199"}), "acme")
    checked = desk.check(table)
    assert checked.profiles[0].unset == ("billing_number=2125550199",)
    assert checked.numbers["billing_number"].isna().all()
    assert checked.fill == {}
    named = desk.check(table, profile="acme")
    assert list(named.numbers["billing_number"]) == ["+12125550199"]


def test_what_a_profile_fills_in_is_no_missing_column(desk: Desk) -> None:
    """As with `--set`, and in that workbook only."""
    table = theirs({}).drop(columns="Bus/Res")
    desk.learn(desk.check(table, fill={"customer_type": "Business"}), "acme")
    checked = desk.check(
        [table, rows({"Phone Number": "2127365000"}).drop(columns="Customer Type")]
    )
    lacking = checked.findings.query("code == 'workbook.column_missing'")
    assert list(lacking["file"]) == ["table 2"]


def test_two_profiles_that_fit_alike_are_nobodys_choice() -> None:
    """Which sender it is has to be said; where both say the same it does not matter."""
    one, two = (Profile(name=name, columns={"A": "phone_number"}) for name in ("one", "two"))
    titles: dict[str, tuple[str, str | None]] = {"a": ("A", "phone_number")}
    assert find([one, two], titles, "w")[0] is one
    other = Profile(name="two", columns={"A": "phone_number"}, fill={"city": "Boston"})
    profile, use = find([one, other], titles, "w")
    assert profile is None
    assert use is not None
    assert use.rivals == ("two",)
    assert "Choose one with --profile" in use.lines[0]


def test_the_best_profile_is_taken() -> None:
    """The one with the fewest differences."""
    names = [f"T{number}" for number in range(12)]
    full = Profile(name="full", columns=dict.fromkeys(names, "ignore"))
    less = Profile(name="less", columns=dict.fromkeys(names[:11], "ignore"))
    titles: dict[str, tuple[str, str | None]] = {n.casefold(): (n, None) for n in names}
    assert find([less, full], titles, "w")[0] is full
    assert compare(less, titles).fits
    assert not compare(full, dict(list(titles.items())[:10])).fits


def test_a_title_alone_does_not_settle_two_columns(desk: Desk) -> None:
    """Where one field, or one title, has several columns, their contents decide each time."""
    table = theirs({}, {})
    table["House"], table["Way"] = "12", "Mill Road"
    path = desk.learn(
        desk.check(
            table.drop(columns="Site Street"), given={"House": "house_number", "Way": "street_name"}
        ),
        "acme",
    )
    again = desk.check(table.drop(columns="Site Street"))
    assert set(again.numbers["street"]) == {"12 Mill Road"}
    assert path.is_file()


def _several(desk: Desk) -> None:
    desk.learn(desk.check([theirs({}), rows({"Phone Number": "2127365000"})]), "acme")


def _secret(desk: Desk) -> None:
    desk.learn(desk.check(theirs({}), fill={"pin": "Zebra4711X"}), "acme")


def _without_numbers(desk: Desk) -> None:
    desk.learn(desk.check(theirs({}), given={"Tel. No. to Port": "ignore"}), "acme")


@pytest.mark.parametrize(
    ("keep", "message"),
    [
        (_several, "2 were checked"),
        (_secret, "is a secret and is never kept"),
        (_without_numbers, "no column of phone numbers"),
    ],
)
def test_what_cannot_be_kept_is_refused(
    desk: Desk, keep: Callable[[Desk], None], message: str
) -> None:
    """Nothing is written then, and no secret is repeated."""
    with pytest.raises(InputError, match=message) as refused:
        keep(desk)
    assert "Zebra4711X" not in f"{refused.value} {refused.value.remedy}"
    assert not Path(desk.settings.profiles).exists()


def test_a_pin_that_was_set_shows_nowhere(desk: Desk) -> None:
    """The result of a check remembers what was set, for a profile, and shows no secret."""
    checked = desk.check(theirs({}), fill={"pin": "Zebra4711X"})
    assert "Zebra4711X" not in repr(checked)


@pytest.mark.parametrize(
    "name", ["", "../x", "a/b", "a b", ".x", "x.", "con", "NUL.x", "none", "x" * 80, "é"]
)
def test_a_name_is_a_safe_file_name(name: str, tmp_path: Path) -> None:
    """Whatever the system; `none` has a meaning of its own."""
    with pytest.raises(InputError, match="can't be a profile's name"):
        file_of(tmp_path, name)


def test_a_name_that_is_not_kept_lists_those_that_are(desk: Desk) -> None:
    """So that a slip of the pen is seen."""
    with pytest.raises(InputError, match="There is no profile 'acme'") as refused:
        desk.check(theirs({}), profile="acme")
    assert refused.value.remedy == "Keep one first: check --learn acme."
    desk.learn(desk.check(theirs({})), "acme")
    with pytest.raises(InputError) as refused:
        desk.check(theirs({}), profile="acne")
    assert refused.value.remedy == "Profiles kept there: acme."


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('shape = "table"\n[columns]\n"Tel" = "phone"\n', 3, "'phone' is not a field"),
        ('[map]\n"Tel" = "contents"\n', 2, "'contents' is not a field"),
        ('[columns]\n"Tel" = "phone_number"\n\n[set]\npin = "1"\n', 5, "'pin' is a secret"),
        ('[set]\ncolor = "red"\n', 2, "'color' is not a field"),
        ('shape = "table"\n[colums]\n', 2, "'colums' is not known there"),
        ('[columns]\n"Tel" = 3\n', 2, "should be a valid string"),
        ('[columns\n"Tel" = 3\n', 1, "cannot be read"),
    ],
)
def test_a_damaged_profile_is_an_error_with_its_line(
    desk: Desk, text: str, line: int, words: str
) -> None:
    """As with other settings; also where it is not named, for it may be the one that fits."""
    folder = Path(desk.settings.profiles)
    folder.mkdir()
    (folder / "acme.toml").write_text(text, "utf-8")
    for name in ("acme", None):
        with pytest.raises(SettingsError, match=re.escape(words)) as damaged:
            desk.check(theirs({}), profile=name)
        assert "acme.toml" in str(damaged.value)
        assert f"line {line}" in str(damaged.value)
    assert desk.check(theirs({}), profile="none").rows == 1


@pytest.mark.parametrize(
    "title", ['Say "Tel"', 'It\'s "both"', "a\\b", "Tel\x7f", "#", "Nº", "a = b]"]
)
def test_any_title_comes_back_as_it_was(title: str, tmp_path: Path) -> None:
    """Quotes, backslashes and signs."""
    profile = Profile(name="x", columns={title: "city"}, fill={"city": title}, shape="table")
    assert read_profile(write_profile(profile, tmp_path)) == profile


def test_a_header_that_only_the_profile_has_is_seen(desk: Desk, tmp_path: Path) -> None:
    """A table that nobody would recognize, once settled by hand, is found by itself."""
    table = rows({}, {}).set_axis([f"Qz{place}" for place in range(14)], axis="columns")
    names = dict(zip(table, rows({}), strict=True))
    given = {
        header: {"Phone Number": "phone_number", "Service Address": "street"}.get(name, "ignore")
        for header, name in names.items()
    }
    path = write_book(tmp_path / "qz.xlsx", table, above=2)
    desk.learn(desk.check(path, given=given), "acme")
    again = desk.check(path)
    assert again.profiles[0].applied
    assert list(again.numbers["phone_number"]) == ["+12125550100", "+12125550101"]


def test_the_mapping_of_the_settings_needs_no_such_column(desk: Desk) -> None:
    """It is for every workbook, those without that column too."""
    settings = desk.settings.but(mapping={"Zorb": "notes", "Nowhere": "city"})
    with Desk(settings) as other:
        assert other.check(rows({})).counts["error"] == desk.check(rows({})).counts["error"]
        assert _taken(other.check(theirs({})), "Zorb") == ("notes", "given")


def _hidden_book(path: Path, *, visible: pd.DataFrame | None) -> Path:
    book = openpyxl.load_workbook(write_book(path, rows({}, {}), sheet="Numbers"))
    front = book.create_sheet("Read me", 0)
    if visible is None:
        front.append(["Please see the numbers we sent."])
    else:
        front.append(list(visible))
        for row in visible.itertuples(index=False):
            front.append([None if pd.isna(value) else value for value in row])
    book["Numbers"].sheet_state = "hidden"
    book.active = 0
    book.save(path)
    return path


def test_a_table_on_a_hidden_sheet_alone_is_read_and_said(desk: Desk, tmp_path: Path) -> None:
    """A warning names the sheet, and the marked copy has its marks there."""
    checked = desk.check(_hidden_book(tmp_path / "h.xlsx", visible=None))
    assert list(checked.numbers["phone_number"]) == ["+12125550100", "+12125550101"]
    (warned,) = checked.findings.query("code == 'workbook.hidden_rows'").to_dict("records")
    assert (warned["sheet"], warned["severity"]) == ("Numbers", "warning")
    assert "The sheet 'Numbers' is hidden" in warned["message"]
    sheet = next(sheet for sheet in checked.sheets if sheet.sheet == "Numbers")
    assert sheet.read
    assert sheet.why.startswith("hidden")
    assert desk.write(checked, tmp_path / "out")


def test_a_hidden_sheet_stays_out_where_others_have_numbers(desk: Desk, tmp_path: Path) -> None:
    """It is said, and its numbers are not submitted."""
    visible = rows({"Phone Number": "2127365000"})
    checked = desk.check(_hidden_book(tmp_path / "h.xlsx", visible=visible))
    assert list(checked.numbers["phone_number"]) == ["+12127365000"]
    assert "sheet 'Numbers' of h.xlsx: hidden" in checked.skipped
    assert checked.findings.query("code == 'workbook.hidden_rows'").empty


def test_a_workbook_without_numbers_anywhere_says_what_it_said(desk: Desk, tmp_path: Path) -> None:
    """Hidden sheets of something else do not change the words."""
    path = _hidden_book(tmp_path / "h.xlsx", visible=None)
    book = openpyxl.load_workbook(path)
    book.remove(book["Numbers"])
    book.create_sheet("Lists").append(["Yes", "No"])
    book["Lists"].sheet_state = "hidden"
    book.save(path)
    with pytest.raises(InputError, match="no row was recognized as a header"):
        desk.check(path)
