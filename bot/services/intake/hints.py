"""Being told of new mail: a hint, believed only so far as to look into the mailbox (vendors.md §2.3).

Whoever tells must know the subscription's id and the secret we gave it. Anything else is
dropped and counted, and that it happened stands in the ledger once a day, so that
nobody can fill it from outside. Nothing that is told enters our data: the delta decides.
"""

import hmac
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from enum import StrEnum
from typing import Final

from bot.domain.errors import CredentialsRefused, NeedsHuman, NotFound
from bot.domain.ledger import DESK, LedgerEvent
from bot.ports import Call, Job, JobKind, Shelf, Subscription, TellsOfMail, Unit
from bot.services.house import House
from bot.services.intake.intake import poll

log = logging.getLogger(__name__)

OWNER: Final = "mailbox"  # in the vault, beside the bookmark
SUBSCRIPTION: Final = "subscription"


class News(StrEnum):
    """What one may be told."""

    MAIL = "mail"  # something came
    MISSED = "missed"  # something may have come that was not told
    ENDED = "ended"  # nothing more will be told
    ENDS = "ends"  # nothing more will be told soon


@dataclass(frozen=True, slots=True)
class Hint:
    """Something told, by somebody who says who he is."""

    subscription: str
    secret: str = field(repr=False)
    news: News


@dataclass(frozen=True, slots=True)
class Heeded:
    """What became of hints: how many were dropped, and why."""

    forged: int = 0
    unknown: int = 0


async def heed(house: House, hints: Sequence[Hint]) -> Heeded:
    """Have the mailbox looked into, and the subscription seen to, where somebody we know says so; harmless twice."""
    async with house.work() as unit:
        known = await _kept(unit)
        ours = [hint for hint in hints if known is not None and hint.subscription == known.id]
        true = {hint.news for hint in ours if known is not None and _same(hint.secret, known.secret)}
        forged = sum(known is not None and not _same(hint.secret, known.secret) for hint in ours)
        if true & {News.MAIL, News.MISSED, News.ENDED}:
            await unit.jobs.put(poll(house.now()))
        if true & {News.ENDED, News.ENDS}:
            await unit.jobs.put(keep())
        if forged:
            await _note(unit, house)
    return Heeded(forged, len(hints) - len(ours))


async def be_told(house: House, _call: Call) -> None:
    """Job: renew the leave to be told of mail, or begin anew; without a public address there is nothing to tell."""
    mailbox = house.mailbox
    if not (house.hints_url and isinstance(mailbox, TellsOfMail)):
        return
    async with house.work() as unit:
        known = await _kept(unit)
    try:
        subscription = await mailbox.be_told(house.hints_url, known)
    except (CredentialsRefused, NeedsHuman) as trouble:
        log.warning("not told of mail %s", trouble.key)  # only later: the mailbox is looked into all the same
        return
    async with house.work() as unit:
        await unit.vault.put(OWNER, Shelf.DESK, SUBSCRIPTION, _packed(subscription))
        if known is None or known.id != subscription.id:
            await unit.jobs.put(poll(house.now()))  # what came while nobody told


def keep() -> Job:
    """Return the job that keeps us told."""
    return Job(JobKind.BE_TOLD, "be_told")


async def _note(unit: Unit, house: House) -> None:
    day = datetime.combine(house.today(), time(), UTC)
    if await unit.jobs.fire("forged_hint", day, []):
        await unit.ledger.write(DESK, LedgerEvent.REFUSED, DESK, {"verb": "hint", "why": "refusal.forged_hint"})


async def _kept(unit: Unit) -> Subscription | None:
    try:
        kept = json.loads(await unit.vault.get(OWNER, Shelf.DESK, SUBSCRIPTION))
    except NotFound:
        return None
    return Subscription(kept["id"], kept["secret"], datetime.fromisoformat(kept["until"]))


def _packed(subscription: Subscription) -> bytes:
    said = {"id": subscription.id, "secret": subscription.secret, "until": subscription.until.isoformat()}
    return json.dumps(said).encode()


def _same(said: str, secret: str) -> bool:
    """Compare in constant time: how long it takes must not tell how much was right."""
    return hmac.compare_digest(said.encode("utf-8", "surrogatepass"), secret.encode())
