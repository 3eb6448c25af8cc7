"""Which answer a typed command gets, for the asker alone; the answers stand in `lookups` and `references`."""

from bot import commands
from bot.card import Shown
from bot.cards import forms
from bot.cards import lookups as cards
from bot.cards.scene import Scene
from bot.desk.lookups import find, listed
from bot.desk.references import about_ticket
from bot.domain.people import Colleague
from bot.ports import Unit
from bot.services.board import card_about
from bot.services.house import House


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
            return _new(scene, actor, house)
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
            return await find(unit, house, actor, address if private else "")
        case commands.Unknown(nearest):
            return cards.unknown_card(scene, nearest)
        case commands.Lacks(word):
            return cards.lacks_card(scene, word)
        case _:
            return await listed(unit, house, actor, command)


def _new(scene: Scene, actor: Colleague, house: House) -> Shown:
    if actor.handles_tickets:
        return forms.new(scene)
    officers = house.texts.together(actor.language, [one.name for one in house.people.officers()])
    return cards.note(scene.say("command.title"), scene.say("refusal.not_yours_handler", {"who": officers}))
