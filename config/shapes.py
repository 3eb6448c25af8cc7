"""What a setting may look like: ids of Microsoft's directory, addresses of services."""

from typing import Final

GUID: Final = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
NAME_OF_TENANT: Final = GUID + r"|[A-Za-z0-9][A-Za-z0-9.-]*\.[A-Za-z]{2,}"
#: https, or http on this machine (sandbox, recorder).
SERVICE: Final = r"^(https://[^/\s?#@]+|http://(127\.0\.0\.1|localhost)(:\d+)?)(/[^\s?#]*)?$"
WANTS_SERVICE: Final = "an address such as https://api.example.com; http:// is for this machine only"
