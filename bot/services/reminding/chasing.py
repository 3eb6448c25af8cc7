"""What must not be forgotten while nobody presses anything: one job kind, by what it chases.

A job only wakes: whether anything is left to chase is read from the ticket when it rings.
"""

from typing import Final

from bot.ports import Call
from bot.services.casework import incident, opting_out, recipients
from bot.services.house import House
from bot.services.intake import bounces
from bot.services.staff import alone

CHASED: Final = {
    alone.NAME: alone.ring,
    incident.NAME: incident.ring,
    bounces.NAME: bounces.ring,
    bounces.MANY_MAILS: bounces.ring_for_many,
    opting_out.NAME: opting_out.ring,
    recipients.NAME: recipients.ring,
}


async def chase(house: House, call: Call) -> None:
    """Job: ring what is chased about one thing, `(what, id)`."""
    what, about = call.ids
    await CHASED[what](house, about)
