"""Our requests in Twilio's words.

Source: Twilio's published OpenAPI document (numbers v1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portops.providers.base import PortRequest


def given(texts: dict[str, str | None]) -> dict[str, str]:
    """Return the texts that are there."""
    return {name: text for name, text in texts.items() if text}


def to_payload(request: PortRequest, account_sid: str, documents: list[str]) -> dict[str, Any]:
    """Write a request as Twilio's create body. Holds PINs: never log it."""
    information = {
        "customer_type": "Individual" if request.customer_type == "Residential" else "Business",
        "customer_name": request.customer_name,
        "account_number": request.account_number,
        "account_telephone_number": request.billing_number,
        "authorized_representative": request.authorized_name,
        "authorized_representative_email": request.email,
    }
    address = {
        "street": request.street,
        "street_2": request.street_2,
        "city": request.city,
        "state": request.state,
        "zip": request.postal_code,
        "country": "USA",
    }
    body: dict[str, Any] = {
        "account_sid": account_sid,
        "documents": documents,
        "phone_numbers": [
            {"phone_number": number.phone_number}
            | ({} if number.pin is None else {"pin": number.pin.reveal()})
            for number in request.numbers
        ],
        # The published document knows no null for these texts: what is not known is left out.
        # The address is the one on the carrier's record, as the record writes it: the state too.
        "losing_carrier_information": {**given(information), "address": given(address)},
    }
    if request.target_date is not None:
        body["target_port_in_date"] = request.target_date
    if request.notification_emails:
        body["notification_emails"] = list(request.notification_emails)
    return body


def to_webhook(there: dict[str, Any], url: str) -> dict[str, Any]:
    """Return the account's webhook configuration with this URL for what becomes of port-ins."""
    names = ("port_out_target_url", "notifications_of")
    return {"port_in_target_url": url} | {n: there[n] for n in names if there.get(n)}
