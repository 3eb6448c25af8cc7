"""The cookies a desk's pages keep a visit by: never readable by a script, never sent from another site (D7c).

One place sets them, so that no page can be the careless one.
"""

from dataclasses import dataclass
from typing import Final, Literal

from aiohttp import web

FROM_OUR_OWN_PAGES: Final[Literal["Strict"]] = "Strict"


@dataclass(frozen=True, slots=True)
class Cookie:
    """One cookie of ours. `path`: the pages it is sent to; `secure`: the desk is reached by https, so is the cookie."""

    name: str
    path: str
    secure: bool

    def keep(self, answer: web.Response, value: str, seconds: int) -> None:
        """Have the browser keep *value* for so many seconds."""
        answer.set_cookie(
            self.name,
            value,
            max_age=seconds,
            path=self.path,
            httponly=True,
            samesite=FROM_OUR_OWN_PAGES,
            secure=self.secure,
        )

    def drop(self, answer: web.Response) -> None:
        """Have the browser forget it: only a cookie named with the same path and marks is."""
        answer.del_cookie(self.name, path=self.path, httponly=True, samesite=FROM_OUR_OWN_PAGES, secure=self.secure)
