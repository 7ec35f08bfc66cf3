"""Pages: sign a letter of authorization, and see the port-in requests."""

from __future__ import annotations

import secrets
from html import escape
from typing import Any

from starlette.responses import HTMLResponse, Response

_CSS = """
:root { color-scheme: light; } * { box-sizing: border-box; }
body { margin: 0; background: #f5f7fa; color: #1f2933;
  font: 17px/1.55 "Segoe UI", -apple-system, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 44rem; margin: 2rem auto; padding: 2rem 2.4rem; background: #fff;
  border: 1px solid #e4e7eb; border-radius: 8px; }
h1 { font-size: 1.6rem; margin: 0 0 .6rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
img { display: block; width: 100%; height: auto; border: 1px solid #9aa5b1; margin: .8rem 0; }
label { display: block; margin: .8rem 0 .2rem; font-weight: 600; }
label.consent { font-weight: 400; } input[type=text], textarea { width: 100%; padding: .55rem;
  font: inherit; border: 1px solid #52606d; border-radius: 4px; }
canvas { width: 100%; height: 8rem; border: 1px dashed #52606d; border-radius: 4px; touch-action: none; }
button { font: inherit; padding: .6rem 1.3rem; margin: 1rem .6rem 0 0; border: 1px solid #1f4e79;
  border-radius: 4px; background: #1f4e79; color: #fff; cursor: pointer; }
button.plain { background: #fff; color: #1f4e79; } button:focus, input:focus, textarea:focus, a:focus,
canvas:focus { outline: 3px solid #d9730d; outline-offset: 2px; }
.wrong { color: #a61b1b; font-weight: 600; } .quiet { color: #52606d; }
@media (max-width: 40rem) { main { margin: 0; padding: 1.2rem; border: 0; border-radius: 0; } }
"""

_DRAW = """
const pad = document.getElementById('pad'), field = document.getElementById('drawing');
const pen = pad.getContext('2d'); let down = false;
function at(e) { const r = pad.getBoundingClientRect();
  return [(e.clientX - r.left) * pad.width / r.width, (e.clientY - r.top) * pad.height / r.height]; }
pen.lineWidth = 9; pen.lineCap = 'round'; pen.strokeStyle = '#14286e';
pad.addEventListener('pointerdown', e => { down = true; pad.setPointerCapture(e.pointerId);
  pen.beginPath(); pen.moveTo(...at(e)); });
pad.addEventListener('pointermove', e => { if (!down) return; pen.lineTo(...at(e)); pen.stroke();
  field.value = 'drawn'; });
pad.addEventListener('pointerup', () => { down = false; });
document.getElementById('clear').addEventListener('click', () => {
  pen.clearRect(0, 0, pad.width, pad.height); field.value = ''; });
document.getElementById('sign').addEventListener('submit', () => {
  if (field.value) field.value = pad.toDataURL('image/png'); });
"""


def _page(title: str, body: str, script: str = "", status: int = 200, css: str = _CSS) -> Response:
    nonce = secrets.token_urlsafe(16)
    code = f'<script nonce="{nonce}">{script}</script>' if script else ""
    return HTMLResponse(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<style nonce="{nonce}">{css}</style></head><body><main>{body}</main>{code}</body></html>',
        status_code=status,
        headers={
            "Content-Security-Policy": f"default-src 'none'; style-src 'nonce-{nonce}'; "
            f"script-src 'nonce-{nonce}'; img-src 'self'; form-action 'self'; base-uri 'none'; "
            "frame-ancestors 'none'",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Cache-Control": "no-store",
        },
    )


def sign_page(
    key: str,
    about: dict[str, str],
    letter: list[str],
    wrong: str = "",
    typed: str | None = None,
) -> Response:
    """Show the letter and ask to sign or decline it; `wrong` is what was wrong with the answer.

    `about` has name, customer, numbers (a count in words) and sid; `letter` has the text of each
    page, for people who can't see its picture. `typed` is a name other than the representative's:
    the page asks whether its owner may sign.
    """
    path = f"/sign/{key}"
    pictures = "".join(
        f'<img src="{path}/letter-{page}.png" alt="{escape(text)}">'
        for page, text in enumerate(letter, start=1)
    )
    other = (
        ""
        if typed is None
        else '<label class="consent"><input type="checkbox" name="authorized" value="yes">'
        f"I am not {escape(about['name'])}, and I am authorized to sign for "
        f"{escape(about['customer'])}.</label>"
    )
    fault = f'<p class="wrong" role="alert">{escape(wrong)}</p>' if wrong else ""
    body = f"""
<h1>Letter of authorization</h1>
<p>{escape(about["name"])}, please read the letter for <b>{escape(about["customer"])}</b>
({escape(about["numbers"])}) and sign it below.</p>{fault}
{pictures}
<p><a href="{path}/letter.pdf">Open the letter as a PDF</a></p>
<form id="sign" method="post" action="{path}">
<h2>Sign</h2>
<label for="typed">Type your full name as your signature</label>
<input type="text" id="typed" name="typed" autocomplete="name" maxlength="80"
value="{escape(typed or "")}" required>{other}
<label for="pad">Or draw your signature too</label>
<canvas id="pad" width="1200" height="260" tabindex="0" aria-label="Draw your signature here"></canvas>
<input type="hidden" id="drawing" name="drawing">
<label class="consent"><input type="checkbox" name="consent" value="yes" required>
I have read the letter and agree to sign it electronically.</label>
<button type="submit" name="answer" value="sign">Sign the letter</button>
<button type="button" class="plain" id="clear">Clear the drawing</button>
</form>
<form method="post" action="{path}">
<h2>Or decline</h2>
<label for="reason">Why are you declining?</label>
<textarea id="reason" name="reason" rows="2" maxlength="300" required></textarea>
<button type="submit" class="plain" name="answer" value="decline">Decline</button>
</form>
<p class="quiet">Request {escape(about["sid"])}. This link is only for you and works once.</p>"""
    return _page("Sign the letter of authorization", body, _DRAW, 200 if not wrong else 400)


def message_page(title: str, message: str, status: int = 200) -> Response:
    """Show a short message."""
    return _page(title, f"<h1>{escape(title)}</h1><p>{escape(message)}</p>", status=status)


_WIDE = """
main { max-width: 76rem; } table { border-collapse: collapse; width: 100%; font-size: .95rem; }
th, td { text-align: left; vertical-align: top; padding: .5rem .8rem .5rem 0;
  border-bottom: 1px solid #e4e7eb; } code { font-size: .85rem; }
summary { cursor: pointer; color: #1f4e79; } .scroll { overflow-x: auto; }
"""


def requests_page(rows: list[dict[str, Any]], account: str) -> Response:
    """List the account's requests: status, Request SID, created date, carrier action, history."""
    lines = []
    for row in rows:
        history = "".join(
            f"<li>{escape(event['at'])}  {escape(event['what'])}</li>" for event in row["history"]
        )
        lines.append(
            f"<tr><td>{escape(row['status'])}</td><td><code>{escape(row['sid'])}</code></td>"
            f"<td>{escape(row['created'])}</td><td>{row['numbers']}</td>"
            f"<td>{escape(row['action'])}</td>"
            f"<td><details><summary>History</summary><ul>{history}</ul></details></td></tr>"
        )
    head = "".join(
        f"<th scope='col'>{name}</th>"
        for name in (
            "Status",
            "Request SID",
            "Created",
            "Numbers",
            "Carrier action details",
            "History",
        )
    )
    table = (
        f"<div class='scroll'><table><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(lines)}</tbody></table></div>"
        if rows
        else "<p class='quiet'>There are no requests yet.</p>"
    )
    body = (
        f"<h1>Port-In Numbers</h1>"
        f"<p class='quiet'>Account {escape(account)}. Dates and times are in UTC.</p>{table}"
    )
    return _page("Port-In Numbers", body, css=_CSS + _WIDE)
