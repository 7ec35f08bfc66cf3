"""`portops webhook`."""

from __future__ import annotations

import click

from portops.cli.options import open_desk, provider_option, store_option
from portops.cli.output import note, say


@click.group(
    "webhook", epilog="Example: portops webhook serve --public-url https://ports.example.com"
)
def webhook_command() -> None:
    """Receive status changes as they happen, instead of asking for them."""


@webhook_command.command(
    "serve",
    epilog="Example: portops webhook serve --public-url https://ports.example.com --register",
)
@click.option("--port", type=click.IntRange(0, 65535), default=8766, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option(
    "--public-url", metavar="URL", help="The address as the provider calls it (default: this one)."
)
@click.option("--register", is_flag=True, help="Tell the provider to call this address.")
@provider_option
@store_option
@click.pass_context
def serve(  # noqa: PLR0913 - one parameter an option
    ctx: click.Context,
    *,
    port: int,
    host: str,
    public_url: str | None,
    register: bool,
    provider: str | None,
    store: str | None,
) -> None:
    """Receive the provider's calls, verify their signature and append them to the history."""
    from portops.cli.serving import LOOPBACK, listen, server_of

    listener = listen(host, port)
    shown = f"[{host}]" if ":" in host else host
    address = public_url or f"http://{shown}:{listener.getsockname()[1]}"
    with open_desk(ctx, say, store=store, provider=provider) as desk:
        app, url = desk.webhook(address, register=register)
        name = desk.settings.provider
        say(f"Listening for {name} at {url}" + (" (registered)" if register else ""))
        say("Stop it with Ctrl+C.")
        if host not in LOOPBACK:
            note(
                f"Warning: {host} can be reached by other machines; put a proxy with TLS before it."
            )
        server_of(app).run(sockets=[listener])
