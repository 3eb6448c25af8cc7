"""Microsoft Graph's door: /graph/notifications, for new mail and for the life of the subscription alike.

It answers the handshake, turns what is told into hints, and says 202 once they are
heeded, which writes to our own database and waits for no network (D33). Whether a hint
is true is not decided here.
"""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.services.intake.hints import Heeded, Hint, News

log = logging.getLogger(__name__)

PATH: Final = "/graph/notifications"
#: Graph's handshake holds a few hundred characters, its longest batch a thousand tellings.
LONGEST_HANDSHAKE: Final = 2_048
MOST_TOLD: Final = 1_000
LIFECYCLE: Final = {
    "missed": News.MISSED,
    "subscriptionRemoved": News.ENDED,
    "reauthorizationRequired": News.ENDS,
}


class _Told(BaseModel):
    model_config = ConfigDict(extra="ignore")

    subscription: str = Field(alias="subscriptionId", max_length=128)
    secret: str | None = Field(None, alias="clientState", max_length=255)
    lifecycle: str | None = Field(None, alias="lifecycleEvent", max_length=64)


class _Batch(BaseModel):
    model_config = ConfigDict(extra="ignore")

    value: tuple[_Told, ...] = Field(max_length=MOST_TOLD)


class GraphDoor:
    """The door. `dropped` counts what was not believed, by why."""

    def __init__(self, heed: Callable[[Sequence[Hint]], Awaitable[Heeded]]) -> None:
        self._heed = heed
        self.dropped: Counter[str] = Counter()

    def routes(self) -> list[web.RouteDef]:
        """Return the one route."""
        return [web.post(PATH, self._told)]

    async def _told(self, request: web.Request) -> web.Response:
        handshake = request.query.get("validationToken")
        if handshake is not None:
            return _shake(handshake)
        try:
            batch = _Batch.model_validate_json(await request.read())
        except ValidationError:
            self.dropped["malformed"] += 1
            raise web.HTTPBadRequest from None
        heeded = await self._heed([_hint(one) for one in batch.value])
        self.dropped["forged"] += heeded.forged
        self.dropped["unknown"] += heeded.unknown
        if heeded.forged or heeded.unknown:
            log.warning("hints dropped %d forged %d unknown", heeded.forged, heeded.unknown)
        return web.Response(status=202)


def _hint(told: _Told) -> Hint:
    news = News.MAIL if told.lifecycle is None else LIFECYCLE.get(told.lifecycle, News.MISSED)
    return Hint(told.subscription, told.secret or "", news)


def _shake(handshake: str) -> web.Response:
    """Give the token back as plain text, which no browser will run."""
    if not (0 < len(handshake) <= LONGEST_HANDSHAKE and handshake.isprintable()):
        raise web.HTTPBadRequest
    return web.Response(text=handshake, content_type="text/plain")
