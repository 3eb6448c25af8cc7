"""Handing out a ticket's file, fit for IMY (D26): a one-time page bound to who asked, and the look is written down."""

from bot.card import Card, Link, Text
from bot.desk.standing import Standing
from bot.services import links
from bot.services.evidence.evidence import EVIDENCE


async def hand_out(at: Standing) -> Card:
    """Return the link, for who walks tickets; of an officer's ticket for officers alone. On one's own: for nobody."""
    ticket = await at.handled()
    signs_in = at.house.signs_in
    path = await links.review_link(at.unit, f"{EVIDENCE}{ticket.id}", at.house.now(), at.actor.id, signs_in=signs_in)
    scene = at.house.scene(at.actor.language)
    title = scene.say("evidence.link_title", {"ref": ticket.ref})
    hint = scene.say("evidence.link_hint_signed_in" if signs_in else "evidence.link_hint")
    link = Link(scene.say("evidence.link_open"), f"{at.house.public_url}{path}")
    return Card(title, (Text(hint, muted=True), link), f"{title}. {hint}", ticket.id)
