"""`portops sandbox`: serve, advance, sign."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from portops.cli.options import json_option, load_settings, open_desk
from portops.cli.output import emit, note, say
from portops.sandbox.access import ACCOUNTS
from portops.sandbox.mailroom import Post
from portops.sandbox.server import make_app
from portops.sandbox.telnyx.telling import public_key
from portops.sandbox.variants import Variants


@click.group("sandbox", epilog="Example: portops sandbox serve")
def sandbox_command() -> None:
    """Run a provider on this machine: Twilio's and Telnyx's porting APIs, carriers that decide, a
    movable clock.
    """  # noqa: D205 - shown as it is written


def _start(ctx: Any, param: Any, value: str | None) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"'{value}' is not a date", ctx, param) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _address(ctx: Any, param: Any, value: str | None) -> str | None:
    if value is not None and not value.startswith(("http://", "https://")):
        raise click.BadParameter(f"'{value}' doesn't start with https://", ctx, param)
    return value and value.rstrip("/")


def _variants(options: dict[str, Any]) -> Variants:
    """Make the variants of the options `--twilio-…`."""
    values = {name.removeprefix("twilio_"): value for name, value in options.items()}
    return Variants(**{**values, "portability": int(values["portability"])})


@sandbox_command.command("serve", epilog="Example: portops sandbox serve --records records.csv")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8765,
    show_default=True,
    help="0 takes a free one.",
)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option(
    "--records",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="CSV of what the losing carriers have on file.",
)
@click.option(
    "--latency",
    type=click.FloatRange(0, 60_000),
    default=0.0,
    metavar="MS",
    help="Milliseconds added to every answer.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(".portops/sandbox"),
    show_default=True,
    help="Where its state lives.",
)
@click.option(
    "--start",
    callback=_start,
    metavar="INSTANT",
    help="The clock starts here and moves by `advance` only.",
)
@click.option("--seed", type=int, help="Decides the carriers' delays.")
@click.option(
    "--public-url",
    callback=_address,
    metavar="URL",
    help="The address in mailed links, and the only other name it answers to (default: this one).",
)
@click.option(
    "--private-webhooks", is_flag=True, help="Let webhooks go to addresses of your own network."
)
@click.option(
    "--twilio-portability",
    type=click.Choice(["200", "400"]),
    default="200",
    show_default=True,
    help="HTTP status for a number that can't be ported; Twilio documents both.",
)
@click.option(
    "--twilio-unportable",
    type=click.Choice(["taken", "refused"]),
    default="taken",
    show_default=True,
    help="What becomes of a new request with numbers that can't be ported.",
)
@click.option(
    "--twilio-reasons",
    type=click.Choice(["words", "tokens"]),
    default="words",
    show_default=True,
    help="Say why numbers are rejected in words and codes, or in published tokens.",
)
@click.option(
    "--twilio-created",
    type=click.Choice(["In Review", "pending"]),
    default="In Review",
    show_default=True,
    help="The status of a new request.",
)
@click.option(
    "--twilio-empty-uploads",
    type=click.IntRange(0),
    default=0,
    metavar="N",
    help="Lose the first N documents: they get a SID and no mime_type.",
)
@json_option
@click.pass_context
def serve(  # noqa: PLR0913 - one parameter per option
    ctx: click.Context,
    /,
    *,
    port: int,
    host: str,
    records: Path | None,
    latency: float,
    data: Path,
    start: datetime | None,
    seed: int | None,
    public_url: str | None,
    private_webhooks: bool,
    as_json: bool,
    **twilio: Any,
) -> None:
    """Serve until stopped; state survives a restart."""
    from portops.cli.serving import LOOPBACK, listen, server_of

    smtp = load_settings(ctx).smtp_url
    post = Post(data / "outbox", smtp)
    listener = listen(host, port)
    shown = f"[{host}]" if ":" in host else host
    url = public_url or f"http://{shown}:{listener.getsockname()[1]}"
    app = make_app(
        data,
        carrier_records=records,
        start=start,
        seed=seed,
        latency=latency / 1_000,
        post=post,
        public_url=url,
        private_webhooks=private_webhooks,
        variants=_variants(twilio),
    )
    accounts = [
        {"account": account, "token": token, "role": role, "labs": labs}
        for token, (account, role, labs) in ACCOUNTS.items()
    ]
    if as_json:
        telnyx = {"url": f"{url}/v2", "public_key": public_key(app.state.sandbox)}
        click.echo(json.dumps({"url": url, "accounts": accounts, "telnyx": telnyx}))
    else:
        say(f"Sandbox at {url}  (state in {data})")
        for account in accounts:
            labs = "Labs on" if account["labs"] else "Labs off"
            say(
                f"  account {account['account']}  token {account['token']}  {account['role']}, {labs}"
            )
        say(f"  Telnyx at {url}/v2  the same tokens as API keys, no letter is mailed")
        say(f"  its webhooks' public key: {public_key(app.state.sandbox)}")
        where = "by e-mail" if smtp else f"to {post.folder}"
        say(f"Letters of authorization go {where}; their links are signed in a browser.")
        say(f"Requests in a browser: {url}/port-in-numbers (account and admin token).")
        say("Stop it with Ctrl+C.")
    if host not in LOOPBACK:
        note(f"Warning: {host} can be reached by other machines; the tokens above are no secret.")
    # Its answers bear the time of its own clock, which can be moved.
    server_of(app, lifespan=True, own_clock=True).run(sockets=[listener])
    app.state.sandbox.database.close()


def _control(ctx: click.Context, control: str, **body: Any) -> dict[str, Any]:
    with open_desk(ctx) as desk:
        return desk.sandbox(control, **body)


@sandbox_command.command("advance", epilog="Example: portops sandbox advance 1.5")
@click.argument("days", type=click.FloatRange(0, 3650))
@json_option
@click.pass_context
def advance(ctx: click.Context, days: float, *, as_json: bool) -> None:
    """Move the sandbox's clock forward by DAYS of 24 hours."""
    answer = _control(ctx, "advance", days=days)
    if as_json:
        emit(answer)
    else:
        say(f"It is now {answer['now']}.")


@sandbox_command.command("sign", epilog="Example: portops sandbox sign KW0123...")
@click.argument("sid")
@json_option
@click.pass_context
def sign(ctx: click.Context, sid: str, *, as_json: bool) -> None:
    """Sign the letter of authorization of a request, as its representative would."""
    answer = _control(ctx, f"sign/{sid}")
    if as_json:
        emit(answer)
    else:
        say(f"Signed: {sid}.")


@sandbox_command.command(
    "resend", epilog="Example: portops sandbox resend KW0123... --email new@example.com"
)
@click.argument("sid")
@click.option("--email", help="Send it there from now on.")
@json_option
@click.pass_context
def resend(ctx: click.Context, sid: str, *, email: str | None, as_json: bool) -> None:
    """Mail the letter of a request once more; its new link takes the old one's place."""
    answer = _control(ctx, f"resend/{sid}", **({} if email is None else {"email": email}))
    if as_json:
        emit(answer)
    elif answer["refused"]:
        say(f"The mail server refused the address; give another one with --email: {sid}.")
    elif answer["waiting"]:
        say(f"The mail server hasn't taken it yet; the sandbox tries again: {sid}.")
    else:
        say(f"Sent {answer['sent']} times now: {sid}.")
