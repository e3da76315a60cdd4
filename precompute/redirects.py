"""Where a redirect may lead: decided here for everything that is fetched, and by nobody else.

`requests` would follow any, to this machine and its network too, and reads all that comes with
one before it says that there is one.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

if TYPE_CHECKING:
    import requests

MOST_REDIRECTS = 3


def obeying_none() -> requests.Session:
    """Open a session that follows no redirect, and reads nothing for one."""
    import requests

    class Session(requests.Session):
        def get_redirect_target(self, resp: requests.Response) -> None:
            """Follow nothing: who asks decides."""

    return Session()


def follow(base: str, url: str, location: str, *, elsewhere: bool = False) -> str | None:
    """Give the address that a redirect leads to, or None where it is not followed.

    Parameters
    ----------
    base
        The address that somebody who is trusted named; its host and port may always be led to,
        though not from https to http.
    url
        What was asked.
    location
        What the answer says.
    elsewhere
        Follow also to other hosts: with https and a certificate of theirs, so that a name which
        changes its address in between leads nowhere, and where all their addresses are public.

    Raises
    ------
    ValueError
        When it is no address.
    """
    target = urljoin(url, location)
    parts, own = urlsplit(target), urlsplit(base)
    if parts.netloc == own.netloc and parts.scheme in ("https", own.scheme):
        return target
    named = parts.scheme == "https" and "@" not in parts.netloc and parts.hostname
    return target if elsewhere and named and _is_public(named, parts.port or 443) else None


def _is_public(host: str, port: int) -> bool:
    """Tell whether everything that a name stands for is outside of private networks."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    return bool(addresses) and all(map(_is_outside, addresses))


def _is_outside(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        # An IPv4 address in one of IPv6's dresses: mapped, 6to4, or NAT64's well-known prefix.
        inner = address.ipv4_mapped or address.sixtofour
        if address in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return _is_outside(inner)
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved
