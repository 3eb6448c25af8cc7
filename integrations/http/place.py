"""Where a call goes: what of it may be logged, and what base URL a setting may hold."""

from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import quote, urlsplit

from pydantic import AfterValidator


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call goes. `shape` may be logged; `path` may hold an address and may not."""

    shape: str
    path: str = field(repr=False)


def at(shape: str, *values: str) -> Place:
    """Return the place that *shape* names when each `{}` holds the next of *values*, quoted as one segment."""
    return Place(shape, shape.format(*(quote(value, safe="") for value in values)))


def link(url: str) -> Place:
    """Return the place of a whole link the vendor gave (paging). Its host is checked before anything is sent."""
    return Place("<link>", url)


def _service_url(url: str) -> str:
    parts = urlsplit(url.rstrip("/"))
    host = parts.hostname or ""
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise ValueError("must begin with https:// (http:// is for this machine only)")
    if not host or parts.query or parts.fragment or parts.username:
        raise ValueError("must be a plain address such as https://api.example.com")
    return url.rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether *host* is this machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


#: A vendor's base URL as a setting: https, or http on this machine (sandbox, recorder).
ServiceUrl = Annotated[str, AfterValidator(_service_url)]
