"""The one way out to a vendor, and the only place that reads status codes.

Addresses stand in vendors' paths, so a call names its `Place`: the shape of the path may
be logged and named in an error, what fills it may not. For the same reason no exception
of the HTTP library leaves this package, not even as the hidden context of ours: it would
carry the whole URL. And only reads are asked twice here; a write whose answer is lost is
the caller's to look into (D34).
"""

from integrations.http.api import Api, Nothing, VendorShape, both, open_session, together
from integrations.http.lane import Lane, shared_lane
from integrations.http.place import Place, ServiceUrl, at, is_loopback, link
from integrations.http.verdict import NoLonger, NotHeld, Vendor
from integrations.http.window import Window, pace

__all__ = [
    "Api",
    "Lane",
    "NoLonger",
    "NotHeld",
    "Nothing",
    "Place",
    "ServiceUrl",
    "Vendor",
    "VendorShape",
    "Window",
    "at",
    "both",
    "is_loopback",
    "link",
    "open_session",
    "pace",
    "shared_lane",
    "together",
]
