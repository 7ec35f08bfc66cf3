r"""Layouts of port-in workbooks drawn by hand after shapes that senders really use.

A line is a row, `|` parts the cells, `---` and a title begin another sheet. `Header{field}` labels
a column or a form's key (`{}`: to be ignored; `{a,b}`: either is right). `^` marks a cell whose
numbers move, `~` one whose numbers stay; `^<4045550120..4045550124>` names the numbers of a range.
`#` before digits makes them a number and not text, `\n` in a cell breaks its line.
"""

from __future__ import annotations

import re
from typing import Any

from openpyxl.utils import get_column_letter
from tests.intake.senders import Label, Layout

CASES: dict[str, str] = {
    "the fields of a local service request": r"""
CCNA{}|PON{}|LNUM{}|PORTEDNBR{phone_number}|NPT{}|EATN{billing_number}|EAN{account_number}|AGAUTH{}|NAME{customer_name}|SANO{house_number,street}|SASN{street_name,street}|SATH{street}|CITY{city}|STATE{state}|ZIP{postal_code}|INIT{}|TEL NO{}
ZQX|PO77120|#1|^404-555-0120|A|404-555-0120|404555012055|Y|Copper Lantern Press|191|Peachtree|St|Atlanta|GA|30303|R. Vale|~470-555-0188
ZQX|PO77120|#2|^404-555-0121|A|404-555-0120|404555012055|Y|Copper Lantern Press|191|Peachtree|St|Atlanta|GA|30303|R. Vale|~470-555-0188
ZQX|PO77120|#3|^404-555-0127|A|404-555-0120|404555012055|Y|Copper Lantern Press|191|Peachtree|St|Atlanta|GA|30303|R. Vale|~470-555-0188
""",
    "the fields of the simple-port rule below instructions": r"""
Simple port request
Fill in one line per number.
Porting desk: ~216-555-0199

Purchase order number{}|Version{}|Ported telephone number{phone_number}|Account number{account_number}|Company code{}|ZIP code of the account{postal_code}|Desired due date{target_date}|Requisition type{}|Telephone number of initiator{}|Passcode{pin}|Landline or cell phone{line_type}
BV-2211|#1|^(216) 555-0140|R01-4471882|9417|44114|2026-11-17|CB|~216-555-0199||landline
BV-2212|#1|^(216) 555-0141|R01-4471882|9417|44114|2026-11-17|CB|~216-555-0199||landline
BV-2213|#1|^(216) 555-0155|542118807|9417|44114|2026-11-17|CB|~216-555-0199|448102|cell phone
""",
    "a customer service record, one row a service code": r"""
CUSTOMER SERVICE RECORD
ACCOUNT{account_number}|414 555-0110 447
BTN{billing_number}|414 555-0110
LN{customer_name}|TAMARACK INSTRUMENT CO
SERVICE ADDRESS{street}|735 N WATER ST
CITY{city}|MILWAUKEE
STATE{state}|WI
ZIP{postal_code}|53202

QTY{}|USOC{}|DESCRIPTION{}|WTN{phone_number}|RATE{}
#1|1MB|BUSINESS LINE|^414 555-0110|#48
#1|9ZR|FCC LINE CHARGE|^414 555-0110|#9
#1|1MB|BUSINESS LINE|^414 555-0111|#48
#1|9ZR|FCC LINE CHARGE|^414 555-0111|#9
""",
    "an order of an API, flattened": r"""
id{}|phone_numbers[0]{phone_number}|phone_numbers[1]{phone_number}|end_user.admin.entity_name{customer_name}|end_user.admin.auth_person_name{authorized_name}|end_user.admin.account_number{account_number}|end_user.admin.billing_phone_number{billing_number}|end_user.location.street_address{street}|end_user.location.locality{city}|end_user.location.administrative_area{state}|end_user.location.postal_code{postal_code}|misc.new_billing_phone_number{}|webhook_url{}
b0c6f0e2-4d1e|^+17025550141|^+17025550142|Sagebrush Lighting|Ottoline Reyes|001 4410 077123|+17025550141|330 S 3rd St|Las Vegas|NV|89101|~+17025550199|https://example.com/t
b0c6f0e2-4d1f|^+17025550151||Sagebrush Lighting|Ottoline Reyes|001 4410 077130|+17025550151|330 S 3rd St|Las Vegas|NV|89101|~+17025550199|https://example.com/t
""",
    "questions and answers above a list of users": r"""
Intake

Business as it appears on the invoice{customer_name}||Northlight Cooperage
Who is your phone company today?{losing_carrier}||Lumen
Their account no. for you{account_number}||#612333017
Name of the person allowed to make changes{authorized_name}||Philippa Ng
That person's e-mail{email}||philippa.ng@example.com
We can reach you in office hours at{}||~763-555-0100
Address where the lines are{street,city,state,postal_code}||250 Marquette Ave, Minneapolis, MN 55401
Commercial or household{customer_type}||Commercial

User{}|Ext.{}|Direct line{phone_number}|Device MAC{}|What happens to it{}
Auggie Bell|#4100|^612.555.0170|64:16:7f:0a:11:00|bring over
Thora Quist|#4101|^612.555.0171|64:16:7f:0a:11:01|bring over
Conference room|#4102|~612.555.0172|64:16:7f:0a:11:02|leave with Lumen
Nils Aaker|#4103|^612.555.0173|64:16:7f:0a:11:03|bring over
""",
    "a form with its labels above the values": r"""
LETTER OF AGENCY

Customer{customer_name}|Signatory{authorized_name}|Signatory e-mail{email}
Pelican Net & Twine|Remy Thibodeaux|remy@example.com

Present provider{losing_carrier}|Account with them{account_number}|Lead number{billing_number}
AT&T|228 555-0110 055 0447|228-555-0110

Installed at{street}|City/State/Zip{city,state,postal_code}|Line class{line_type}
783 Howard Ave|Biloxi, MS 39530|POTS

Telephone numbers covered by this letter{phone_number}
^228-555-0110
^228-555-0111
^228-555-0112
""",
    "numbers side by side and a manager's cell": r"""
Location{request_name}|DBA{customer_name}|LEC{losing_carrier}|Acct.{account_number}|Decision maker{authorized_name}|Decision maker e-mail{email}|Decision maker cell{}|Street addr.{street}|City{city}|State{state}|Zip{postal_code}|TN1{phone_number}|TN2{phone_number}|TN3{phone_number}|# of TNs{}
Denver|Gilt Edge Framing|Lumen|303-555-0120 411|Sunniva Okafor|sunniva@example.com|~720-555-0190|1625 Broadway|Denver|CO|80202|^303-555-0120|^303-555-0121|^303-555-0122|#3
Salt Lake|Gilt Edge Framing|Lumen|801-555-0130 202|Sunniva Okafor|sunniva@example.com|~720-555-0190|170 S Main St|Salt Lake City|UT|84101|^801-555-0130|^801-555-0131||#2
""",
    "first and last number, everything abbreviated": r"""
Ofc{request_name}|Fr #{phone_number}|Thru #{range,phone_number,range_end,}|Cnt{}|Curr prov{losing_carrier}|A/C no{account_number}|Cust nm{customer_name}|Auth nm{authorized_name}|Auth eml{email}|Svc addr{street}|Svc cty{city}|Svc st{state}|Svc zp{postal_code}|B/R{customer_type}|LL/WL{line_type}
ICT|^<3165550100..3165550109>#3165550100|#3165550109|#10|Cox|0018 620 044771|Prairie Gauge Works|Leopold Tran|leo@example.com|301 N Main St|Wichita|KS|67202|B|LL
OMA|^<4025550150>#4025550150|#4025550150|#1|Cox|0021 402 118802|Prairie Gauge Works|Leopold Tran|leo@example.com|1620 Dodge St|Omaha|NE|68102|B|LL
""",
    "a bare list that begins with 1": r"""
^#15045550110
^#15045550111
^#15045550112
^#15045550114
""",
    "a bare list of text": r"""
^(504) 555-0110
^(504) 555-0111
^(504) 555-0112
""",
    "answers to a web form": r"""
Timestamp{}|What number do you want to keep?{phone_number}|Is this a cell phone or a home/office line?{line_type}|Who sends you the phone bill today?{losing_carrier}|What is your account number with them? (not the phone number){account_number}|Account PIN or transfer code, if it is a cell phone{pin}|Whose name is on the bill?{customer_name}|Your full name, as the person who may approve this{authorized_name}|Where should we send the approval form? (email){email}|Street address on the bill{street}|City on the bill{city}|State on the bill{state}|Zip code on the bill{postal_code}|Is the bill for a business or for you personally?{customer_type}|Another number where we can reach you{}|Do you still want us to move it?{}
2026-09-28 09:12|^804.555.0110|Home/office line|Verizon|652-118-774-0001-22||Dovecote Stationers|Marguerite Lysander|mlysander@example.com|919 E Main St|Richmond|VA|23219|Business|~804.555.0177|Yes
2026-09-28 09:13|^804.555.0188|Cell phone|AT&T|287301884412|7719|Jory Pemberton|Jory Pemberton|jory.p@example.com|2201 W Cary St|Richmond|VA|23220|Personally||Yes, please
2026-09-28 09:15|~804.555.0133|Home/office line|Verizon|652-118-774-0001-22||Dovecote Stationers|Marguerite Lysander|mlysander@example.com|919 E Main St|Richmond|VA|23219|Business||No, I changed my mind
""",
    "accounts on one sheet, numbers on another": r"""
--- Accounts
Key{}|Customer of record{customer_name}|Leaving{losing_carrier}|Customer number at leaving carrier{account_number}|Signed by{authorized_name}|Signer mail{email}|Site address{street}|Site city{city}|Site state{state}|Site zip{postal_code}
R-1|Hollow Reed Acoustics|Verizon|412-555-0110-771-22Y|Bartholomew Ives|b.ives@example.com|301 Grant St|Pittsburgh|PA|15219
R-2|Hollow Reed Acoustics|Spectrum|8448 20 015 0077123|Bartholomew Ives|b.ives@example.com|237 Main St|Buffalo|NY|14203
--- Lines
Belongs to{}|Tel{phone_number}|Technology{line_type}|SIM ICCID{}
R-1|^412-555-0110|copper|
R-1|^412-555-0111|copper|
R-2|^716-555-0120|copper|
""",
    "accounts above, numbers below": r"""
Accounts being closed
Acct ref{}|Subscriber{customer_name}|Provider{losing_carrier}|Provider's account{account_number}|Subscriber address{street}|Subscriber city{city}|Subscriber state{state}|Subscriber zip{postal_code}
X1|Thrush Eyewear|Windstream|041-882-0177|250 W Main St|Lexington|KY|40507
X2|Thrush Eyewear|AT&T|502 555-0150 118|500 W Jefferson St|Louisville|KY|40202

Numbers on those accounts
Acct ref{}|Working TN{phone_number}|Copper or cellular{line_type}|Used for{}
X1|^859-555-0140|copper|Front desk
X1|^859-555-0141|copper|Lab
X2|^502-555-0150|copper|Showroom
""",
    "groups over headers, ditto marks, a billing address": r"""
Numbers|||Where the service is now|||Who signs||Physical location of the line||||Where invoices go||
Item{}|Tel. no.{phone_number}|Kind{line_type}|Incumbent{losing_carrier}|Cust acct{account_number}|Legal name{customer_name}|Full name{authorized_name}|Mail{email}|Premises{street}|Town{city}|St.{state}|Zip{postal_code}|Premises{}|Town{}|Zip{}
#1|^305-555-0160|Landline|Comcast Business|8495 75 210 0331187|Marchetti Marine Claims|Hedda Marchetti|hedda@example.com|100 SE 2nd St|Miami|FL|33131|PO Box 4410|Hialeah|33014
#2|^305-555-0161|"|"|"|"|"|"|"|"|"|"|"|"|"
#3|^305-555-0162|"|"|"|"|"|"|"|"|"|"|"|"|"
""",
    "same as above": r"""
Number being moved{phone_number}|Phone bill from{losing_carrier}|Acct # there{account_number}|Bill in name of{customer_name}|Addr{street}|Town{city}|State{state}|Zip{postal_code}
^541 555 0110|Lumen|541-555-0110-118B|Corner Bistro LLC|44 W Broadway|Eugene|OR|97401
^541 555 0111|same as above|same as above|same as above|same as above|same as above|same as above|same as above
^541 555 0112|same as above|same as above|same as above|same as above|same as above|same as above|same as above
""",
    "ranges and lists in one cell": r"""
TNs in scope{phone_number}|Holder of record{customer_name}|Present LEC{losing_carrier}|LEC account{account_number}|Svc location{street,city,state,postal_code}|LOA signed by{authorized_name}
^<5855550100..5855550109>585-555-0100 - 585-555-0109|Millrace Tools|Frontier|585-555-0100-0915|39 State St, Rochester, NY 14614|Anand Birdsall
^518-555-0130, 518-555-0131|Millrace Tools|Verizon|518 555 0130 447|80 State St, Albany, NY 12207|Anand Birdsall
^607-555-0140\n607-555-0141|Millrace Tools|Spectrum|8448 30 220 0019981|38 Hawley St, Binghamton, NY 13901|Anand Birdsall
""",
    "lines that stay, below a heading": r"""
Subscriber TN{phone_number}|Subscriber name{customer_name}|Old provider{losing_carrier}|Account at old provider{account_number}|Service street{street}|Service city{city}|Service state{state}|Service ZIP{postal_code}
^503-555-0160|Fernhollow Pediatrics|Lumen|503-555-0160 447|111 SW 5th Ave|Portland|OR|97204
^503-555-0161|Fernhollow Pediatrics|Lumen|503-555-0160 447|111 SW 5th Ave|Portland|OR|97204

Lines that stay with Lumen
~503-555-0170|Fernhollow Pediatrics|Lumen|503-555-0160 447|111 SW 5th Ave|Portland|OR|97204
~503-555-0171|Fernhollow Pediatrics|Lumen|503-555-0160 447|111 SW 5th Ave|Portland|OR|97204
""",
    "sheets out of scope": r"""
--- In scope
TN in scope{phone_number}|Entity on bill{customer_name}|Service from{losing_carrier}|Service account{account_number}|Line street{street}|Line town{city}|Line state code{state}|Line ZIP{postal_code}
^503-555-0160|Fernhollow Pediatrics|Lumen|503-555-0160 447|111 SW 5th Ave|Portland|OR|97204
--- Out of scope
TN in scope|Entity on bill|Service from|Service account|Line street|Line town|Line state code|Line ZIP
~503-555-0180|Fernhollow Pediatrics|Lumen|503-555-0160 447|111 SW 5th Ave|Portland|OR|97204
""",
    "a user inventory with a state per line": r"""
Phones of the Des Moines office
exported by facilities

Employee{}|Extension{}|Outside number{phone_number}|Phone model{}|Employee e-mail{}|Service status{}|Served by{losing_carrier}|Served by: account{account_number}|Tenant company{customer_name}|Letter to be signed by{authorized_name}|E911 address{street}|E911 city{city}|E911 state{state}|E911 ZIP{postal_code}
Ines Dorr|#7001|^#5155550110|CP-8841|ines@example.com|In use|Lumen|515-555-0110-330|Prairie Mutual|Opal Renner|801 Grand Ave|Des Moines|IA|50309
Kofi Lane|#7002|^#5155550111|CP-8841|kofi@example.com|In use|Lumen|515-555-0110-330|Prairie Mutual|Opal Renner|801 Grand Ave|Des Moines|IA|50309
Elevator|#7003|~#5155550112|CP-8841|elevator@example.com|Disconnected|Lumen|515-555-0110-330|Prairie Mutual|Opal Renner|801 Grand Ave|Des Moines|IA|50309
""",
    "cells with SIM cards and a ship-to phone": r"""
Row{}|Mobile no.{phone_number,wireless_numbers}|Leaving carrier{losing_carrier}|Leaving carrier account{account_number}|Leaving carrier PIN{pin}|Given name{first_name,authorized_name}|Family name{last_name,authorized_name}|Company{customer_name}|Address{street}|Town{city}|State{state}|ZIP{postal_code}|SIM{}|IMEI{}|Courier may call{}
#1|^602-555-0141|Verizon Wireless|842771903-00001|991204|Ingrid|Castleton|Mesa Verde Roofers|202 E Earll Dr|Phoenix|AZ|85012|89014104276688300001|353918100000097|~602-555-0199
#2|^602-555-0142|Verizon Wireless|842771903-00001|991204|Ingrid|Castleton|Mesa Verde Roofers|202 E Earll Dr|Phoenix|AZ|85012|89014104276688300002|353918100000194|~602-555-0199
""",
}


def _ten_digits(text: str) -> str:
    digits = re.sub(r"\D", "", text)
    return digits[1:] if len(digits) == 11 else digits


def _numbers(names: str | None, text: str) -> set[str]:
    if names and ".." in names:
        first, last = map(int, names.split(".."))
        return {str(number) for number in range(first, last + 1)}
    return {_ten_digits(part) for part in re.split(r"[,;\n]", names or text)}


def _cell(text: str, layout: Layout) -> Any:
    """Return a cell's value, and note the numbers that it marks."""
    text = text.strip().replace(r"\n", "\n")
    marked = re.fullmatch(r"(.*?)([\^~])(?:<([\d.]+)>)?([^{}]*)", text, re.DOTALL)
    if marked:
        text = marked[1] + marked[4]
        numbers = _numbers(marked[3], marked[4])
        (layout.moving if marked[2] == "^" else layout.staying).update(numbers)
    if text.startswith("#") and text[1:].isdigit():
        return int(text[1:])
    return text or None


def _row(line: str, layout: Layout) -> list[Any]:
    """Return the cells of a row, and note the labels that it holds."""
    cells: list[Any] = []
    for place, text in enumerate(line.split("|"), 1):
        labeled = re.fullmatch(r"(.*)\{([\w,]*)\}", text.strip())
        if labeled is None:
            cells.append(_cell(text, layout))
            continue
        cells.append(labeled[1])
        fields = tuple(name or None for name in labeled[2].split(","))
        layout.labels.append(Label(get_column_letter(place), labeled[1], fields))
    return cells


def drawn(name: str) -> Layout:
    """Return a case as a layout."""
    layout = Layout(name, [])
    grid = layout.grid
    for line in CASES[name].strip("\n").split("\n"):
        if line.startswith("--- "):
            grid = layout.more.setdefault(line[4:], [])
        else:
            grid.append(_row(line, layout))
    if not any("phone_number" in label.fields for label in layout.labels):
        layout.labels.append(Label("A", "", ("phone_number",)))
    return layout
