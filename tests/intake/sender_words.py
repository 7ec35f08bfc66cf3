"""How senders head their columns: a small grammar per field, and the hands that write it down.

The words are composed here and not taken from `tables/columns.toml`: what the reader has never
been told is what these tests are about. In a pattern `{a|b|}` is a choice, possibly of nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

#: Words that one sender always uses: each stands in the patterns below as `<name>`.
HABITS = {
    "site": ("service", "site", "premises", "installation", "location", "physical", "svc", ""),
    "now": ("current", "losing", "old", "present", "existing", "outgoing", "former", "donor"),
    "carrier": (
        *("carrier", "carrier", "provider", "provider", "service provider", "phone company"),
        *("operator", "supplier", "telco", "network"),
    ),
    "no": ("number", "number", "no.", "nbr", "#", "num"),
    "signer": ("authorized", "authorised", "auth.", "LOA", "approving"),
}

#: What a column is called, by field. The first tuple is for tables, the second for people who ask.
FIELDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "phone_number": (
        (
            "{telephone|phone|tel.|} <no> {to port|to move|to transfer|to bring over|being ported}",
            "{porting|moving|transferring|existing|ported} {TN|DID|phone number|telephone number}",
            "{TN|DID|WTN|telephone number|phone number|direct number|DDI number|tel. no.}",
            "{line|lines|numbers} {to port|to move|coming over|to be transferred}",
        ),
        (
            "Which {phone |telephone |}number {should we move|do you want to keep}?",
            "What number would you like to {bring|transfer|port} to us?",
        ),
    ),
    "billing_number": (
        (
            "{BTN|billing telephone number|billing TN|billing phone number}",
            "{main|lead|pilot|primary} {billing |billed }<no>",
            "{main|lead} {telephone |}number on {the bill|account}",
        ),
        ("What is the main {phone |billing |}number on your bill?",),
    ),
    "account_number": (
        (
            "<now> <carrier> {account|acct|acct.|a/c} <no>",
            "{account|acct|acct.|customer account|billing account|BAN} <no>",
            "account <no> {with|at} <now> <carrier>",
            "account <no> on {the |}{bill|invoice}",
        ),
        (
            "What is your account number with {your|the} <now> <carrier>?",
            "What account number is on your bill?",
        ),
    ),
    "losing_carrier": (
        (
            "{current|losing|old|present|existing|outgoing|donor} <carrier>{| name}",
            "{carrier|provider|telco|porting from|moving from}",
            "<carrier> {today|now|on bill}",
        ),
        (
            "Who is your {phone company|carrier|provider} {today|now|at the moment}?",
            "Which carrier are you leaving?",
        ),
    ),
    "customer_name": (
        (
            "{company|business|customer|subscriber|end user|organization|legal|entity} name",
            "{account holder|account name|billing name|customer of record|legal entity}",
            "name on {the |}{bill|account|invoice|CSR}",
            "{customer|company|business|end user} {name |}({as|exactly as} on {bill|invoice})",
        ),
        ("Whose name is on the {bill|account}?", "What {company|business} name is on the bill?"),
    ),
    "authorized_name": (
        (
            "<signer> {person|signer|contact|representative|user|name}",
            "{signer|signatory|LOA signer|signing person|approver}{| name}",
            "{name of|} {person authorized to sign|authorized signatory}",
        ),
        (
            "Who {may|can|is allowed to} {sign for|approve} {this|the transfer}?",
            "Name of the person who can make changes to the account",
        ),
    ),
    "first_name": (("{<signer> contact|signer|signatory|} {first|given} name",), ()),
    "last_name": (("{<signer> contact|signer|signatory|} {last|family} name",), ()),
    "email": (
        (
            "{signer|<signer> contact|contact|signatory|} {email|e-mail|email address|e-mail addr.}",
            "{email|e-mail} of {signer|authorized person}",
        ),
        ("Where should we email the {form|letter} to be signed?",),
    ),
    "notification_emails": (
        ("{cc|also notify|notify|copy updates to|status updates to} {emails|e-mail|(email)}",),
        ("Who else should hear about progress? (emails)",),
    ),
    "pin": (
        (
            "{port-out|port out|transfer|account|wireless|carrier|} PIN{| number}",
            "{account |port |transfer |number transfer |}{passcode|pass code|PIN/password}",
        ),
        ("What is the {account|transfer} PIN, {for cell phones|if it is a cell phone}?",),
    ),
    "ssn_last4": (
        (
            "{last 4|last four} {of|digits of} {SSN|social|SSN or tax ID}",
            "{SSN|social security no.} {last 4|(last 4)|last four}",
        ),
        ("What are the last four digits of your social security number?",),
    ),
    "street": (
        (
            "<site> {street address|address|street|addr.|street addr}",
            "<site> {address line 1|addr 1|address 1|street line 1}",
        ),
        ("What is the street address {of the line|where service is|on the bill}?",),
    ),
    "street_2": (
        (
            "<site> {suite|unit|apt.|apt/suite|floor/suite|ste/unit}",
            "<site> {address line 2|addr 2|address 2}",
        ),
        ("Apartment, suite or floor, if any",),
    ),
    "city": (
        ("<site> {city|town|city/town|municipality|locality}",),
        ("Which city is it in?",),
    ),
    "state": (("<site> {state|ST|state code|state abbr.}",), ("Which state is it in?",)),
    "postal_code": (
        ("<site> {zip|zip code|ZIP5|postal code|postcode|5-digit zip}",),
        ("What is the {ZIP|zip code} {there|on the bill}?",),
    ),
    "house_number": (("<site> {house|street|building|civic} <no>",), ()),
    "street_name": (("<site> {street name|name of street}",), ()),
    "street_suffix": (("<site> {street suffix|street type|thoroughfare}",), ()),
    "line_type": (
        (
            "{line|number|phone|service} {type|kind}",
            "{kind|type} of {line|number|service}",
            "{landline|wireline} {or|/} {wireless|cell|mobile}{|?}",
        ),
        ("Is it a {landline|home or office line} or a {cell phone|mobile}?",),
    ),
    "customer_type": (
        (
            "{customer|account|cust.|subscriber} {type|class|segment}",
            "{business|bus.|bus} {or|/} {residential|res.|res}{|?}",
            "class of {service|customer}",
        ),
        ("Is this a business or a {residential|personal|home} account?",),
    ),
    "statement": (
        (
            "{bill|invoice|statement} {copy|file|image|scan|attachment|PDF}",
            "{latest|recent|most recent|attached} {bill|invoice|statement}",
            "copy of {bill|invoice|statement}",
        ),
        ("Please {attach|name the file of} {a|your} recent bill",),
    ),
    "target_date": (
        (
            "{desired|requested|target|preferred|wanted} {port |transfer |cutover |due |}date",
            "{due date|go-live|go-live date|port date|cutover|FOC requested}",
        ),
        ("When {should|would you like} {it|the number} to move?",),
    ),
    "request_name": (
        ("{order|project|request|batch|port group|site|location} {name|label|}",),
        ("What should we call this order?",),
    ),
    "notes": (
        ("{notes|comments|remarks|special instructions}",),
        ("Anything else we should know?",),
    ),
}

#: Columns that are nobody's business here, by what they hold.
OTHERS: dict[str, tuple[str, ...]] = {
    "extension": ("{new |}{ext|ext.|extension}{| number}",),
    "iccid": ("{SIM |new SIM |}ICCID", "SIM {serial|card} {number|no.}"),
    "imei": ("{device |handset |}IMEI",),
    "mac": ("{device |phone |}MAC{| address}", "hardware address"),
    "pon": ("PON", "{purchase order|PO} {number|no.|#}", "our {reference|ref.}"),
    "user": ("{user|display name|employee|assigned to|end user of the line|station user}",),
    "user_mail": ("{user|employee|assignee} {email|e-mail|mail}",),
    "contact_phone": (
        "{contact|site contact|call-back|callback|alternate|alt. contact} {phone|tel.|number}",
        "{signer|manager}'s {cell|mobile|phone}",
        "{number|phone} {where we can reach you|to reach you at}",
    ),
    "forward": ("{forwards to|call forwarding destination|temporary number|forward calls to}",),
    "new_number": ("new {BTN|billing number|main number}",),
    "plan": ("{rate|calling|service} plan", "{plan|package}{| name}"),
    "price": ("{MRC|monthly charge|monthly cost|price|cost per month}",),
    "counter": ("{#|no.|item|row|line item|seq}",),
    "device": ("{device|phone model|handset|equipment}",),
    "department": ("{department|dept.|cost center|team}",),
    "created": ("{timestamp|created at|submitted at|entered on}",),
    "new_account": ("new account {number|no.|#}", "account {number|no.} (new)"),
}

#: Words over a group of columns, by what the group holds.
GROUPS: dict[str, str] = {
    "number": "{numbers|lines|line details|what moves}",
    "carrier": "{current provider|old carrier|where the service is today|losing carrier}",
    "customer": "{customer|account holder|company}",
    "signer": "{authorized signer|authorized contact|who signs}",
    "service": "{service address|location of the lines|service location}",
    "billing": "{billing address|bill-to address|where invoices go}",
    "order": "{order|request}",
    "other": "{other|internal use|for our records}",
}

_SHORT = {
    "account": "acct",
    "number": "nbr",
    "address": "addr",
    "service": "svc",
    "provider": "prov",
    "customer": "cust",
    "current": "curr",
    "telephone": "tel",
    "authorized": "auth",
    "business": "bus",
    "street": "st",
    "date": "dt",
    "name": "nm",
    "requested": "req",
    "carrier": "carr",
    "location": "loc",
    "statement": "stmt",
    "company": "co",
}

#: How one sender writes all headers.
STYLES = (
    *("title", "title", "title", "plain", "plain", "capitals", "first"),
    *("camel", "snake", "dotted", "short", "asks"),
)


def habits(rng: Random) -> dict[str, str]:
    """Draw the words that one sender always uses."""
    return {name: rng.choice(words) for name, words in HABITS.items()}


def composed(pattern: str, rng: Random, habit: Mapping[str, str]) -> str:
    """Choose in a pattern until nothing is left to choose; `<site>` is the sender's own word."""
    pattern = re.sub(r"<(\w+)>", lambda m: habit[m[1]], pattern)
    while "{" in pattern:
        pattern = re.sub(r"\{([^{}]*)\}", lambda m: rng.choice(m[1].split("|")), pattern, count=1)
    return " ".join(pattern.split())


def _words(text: str) -> list[str]:
    plain = text.replace("#", " number ").replace("no.", "number").replace("nbr", "number")
    return [word.lower() for word in re.findall(r"[A-Za-z0-9]+", plain.replace("a/c", "account"))]


def _camel(words: list[str]) -> str:
    return words[0] + "".join(word.capitalize() for word in words[1:])


def written(text: str, style: str, rng: Random) -> str:
    """Write composed words in one sender's style."""
    match style:
        case "title":
            return re.sub(r"(^|[\s/(-])([a-z])", lambda m: m[1] + m[2].upper(), text)
        case "capitals":
            return text.upper()
        case "first":
            return text[:1].upper() + text[1:]
        case "camel":
            return _camel(_words(text)) if _words(text) else text
        case "snake":
            return "_".join(_words(text)) or text
        case "dotted":
            stem = rng.choice(("order", "portin.request", "data", "item.details"))
            return f"{stem}.{_camel(_words(text) or ['x'])}"
        case "short":
            words = [_SHORT.get(word.lower(), word) for word in text.split()]
            return " ".join(words).capitalize()
        case _:
            return text


def header(field: str, style: str, rng: Random, habit: Mapping[str, str]) -> str:
    """Compose one header of a field (or of what else a column holds) in a style."""
    tables, questions = FIELDS.get(field) or (OTHERS[field], ())
    if style == "asks" and questions:
        return composed(rng.choice(questions), rng, habit)
    text = composed(rng.choice(tables), rng, habit)
    text = written(text, "first" if style == "asks" else style, rng)
    if style in ("title", "first", "capitals") and rng.random() < 0.15:
        text += rng.choice((" *", ":", " (required)", "*"))
    return text
