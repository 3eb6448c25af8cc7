"""Which answer a typed command gets, for the asker alone; the answers stand in `lookups` and `references`."""

from bot import commands
from bot.card import Shown, Verb
from bot.cards import forms
from bot.cards import lookups as cards
from bot.desk.lookups import found, listed
from bot.desk.orders import Order, order
from bot.desk.references import about_ticket
from bot.desk.rights import refuse
from bot.domain.people import Colleague
from bot.ports import Unit
from bot.services.house import House, new_id
from bot.services.showing.board import card_about


async def answer(unit: Unit, house: House, actor: Colleague, text: str, *, private: bool) -> Shown:
    """Return the card or form that answers *text*."""
    command = commands.parse(text, house.today().year)
    scene = house.scene(actor.language)
    match command:
        case commands.Help():
            return cards.help_card(scene)
        case commands.Home():
            return await card_about(unit, house, actor, "home")
        case commands.New():
            refuse(house, actor, Verb.NEW)
            return forms.new(scene, new_id())
        case (
            commands.Show(ref)
            | commands.Hold(ref)
            | commands.Extend(ref)
            | commands.Withdraw(ref)
            | commands.Wrong(ref)
            | commands.Evidence(ref)
        ):
            return await about_ticket(unit, house, actor, command, ref)
        case commands.Find(address):
            return await found(unit, house, actor, address, private=private)
        case commands.Unknown(nearest):
            return cards.unknown_card(scene, commands.NAMED.get(nearest, ""))
        case commands.Lacks(word):
            return cards.lacks_card(scene, word)
        case _:
            return await (
                order(unit, house, actor, command)
                if isinstance(command, Order)
                else listed(unit, house, actor, command)
            )
