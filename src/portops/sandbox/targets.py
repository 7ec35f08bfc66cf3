"""Targets: which addresses the sandbox may call, so that a webhook can't reach into a network."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import NamedTuple
from urllib.parse import urlsplit

#: Where clouds hand out a machine's secrets, beside the link-local addresses.
_METADATA = frozenset({ip_address("fd00:ec2::254"), ip_address("100.100.100.200")})

#: Where networks without IPv4 reach it; the last 32 bits are the IPv4 address.
_NAT64 = ip_network("64:ff9b::/96")


class Target(NamedTuple):
    """An address that may be called: the URL's host and port, and the network address of the host."""

    host: str
    port: int
    address: str


class BadTarget(ValueError):
    """A URL that the sandbox doesn't call, in words."""


def _carried(address: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address that an IPv6 one leads to: mapped, 6to4 or by NAT64."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def _may_call(address: IPv4Address | IPv6Address, *, private: bool) -> bool:
    """Return whether an address may be called: this machine, the internet, with `private` more."""
    if isinstance(address, IPv6Address):
        address = _carried(address) or address
    if address.is_loopback:
        return True
    if address in _METADATA or address.is_link_local or address.is_multicast:
        return False
    if address.is_unspecified or address.is_reserved:
        return False
    return private or address.is_global


def split_target(url: object) -> tuple[str, int]:
    """Return host and port of an http or https URL; raises BadTarget for anything else."""
    try:
        parts = urlsplit(url) if isinstance(url, str) else None
        if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
            raise BadTarget("A webhook's URL must begin with https:// or http:// and have a host")
        if parts.username is not None or parts.password is not None:
            raise BadTarget("A webhook's URL can't have a user or password")
        return parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise BadTarget(str(error)) from None


def resolved(url: object, *, private: bool) -> Target | None:
    """Return where a URL leads; None when its host has no address (now).

    With `private` it may lead to this network's own addresses. Raises BadTarget when it may not be
    called; every address of the host has to be allowed.
    """
    host, port = split_target(url)
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return None
    addresses = [str(answer[4][0]).partition("%")[0] for answer in answers]
    if not all(_may_call(ip_address(address), private=private) for address in addresses):
        raise BadTarget(
            f"{host} leads to an address inside this network, which webhooks may not call"
        )
    return Target(host, port, addresses[0]) if addresses else None
