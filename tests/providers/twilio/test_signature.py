"""Twilio's signature: ours and the official package's agree on what is genuine."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from portops.providers.twilio.signature import is_genuine, sign, signed_with
from portops.redaction import Secret

TOKEN = Secret("a token")


@given(
    url=st.sampled_from(
        [
            "https://x.example/a",
            "http://x.example:8080/a?b=c",
            "https://x.example:443/",
            "http://x.example",
        ]
    ),
    form=st.dictionaries(
        st.text("abcXYZ_", min_size=1, max_size=6), st.text(max_size=8), max_size=4
    ),
    seed=st.integers(),
)
def test_the_signature_is_the_official_packages(url: str, form: dict[str, str], seed: int) -> None:
    """Ours and Twilio's agree on what is genuine, for forms and for JSON."""
    theirs, draw = RequestValidator(TOKEN.reveal()), random.Random(seed)
    given_ = theirs.compute_signature(url, form)
    assert sign(TOKEN, url, form) == given_
    for signature in (given_, given_[:-2] + "A=", theirs.compute_signature(url + "x", form)):
        assert is_genuine(TOKEN, url, signature, b"", form) == theirs.validate(url, form, signature)
    body = json.dumps(form)
    for text in (body, body + " "):
        mark = "&" if "?" in url else "?"
        signed_url = f"{url}{mark}bodySHA256={theirs.compute_hash(text)}"
        right = theirs.compute_signature(signed_url, {})
        for signature in (right, right[::-1] if draw.random() < 0.5 else ""):
            ours = is_genuine(TOKEN, signed_url, signature, body.encode())
            assert ours == theirs.validate(signed_url, body, signature)


@pytest.mark.parametrize("odd", ["", "no url", "https://[bad"])
def test_odd_signatures_are_no_errors(odd: str) -> None:
    """Whatever arrives is compared, and is not genuine."""
    assert not is_genuine(TOKEN, "https://x.example/a?bodySHA256=" + odd, odd, b"{}")


def test_the_signature_is_found_in_the_headers() -> None:
    """Names of headers come in lower case, as servers give them."""
    theirs, body = RequestValidator(TOKEN.reveal()), '{"a": 1}'
    url = f"https://x.example/port-in?bodySHA256={theirs.compute_hash(body)}"
    headers = {"x-twilio-signature": theirs.compute_signature(url, {})}
    check = signed_with(TOKEN)
    newer = {
        "x-twilio-signature": theirs.compute_signature(url, {}, "HMAC_SHA256"),
        "x-twilio-webhooks-signature-settings": "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256",
    }
    assert check(url, newer, body.encode())
    assert not check(url, {**newer, **headers}, body.encode())
    md5 = {"x-twilio-webhooks-signature-settings": "algorithm=HMAC_MD5"}
    assert not check(url, {**headers, **md5}, body.encode())
    assert check(url, headers, body.encode())
    assert not check(url, {}, body.encode())
    assert not check(url, headers, b"{}")
