"""What letters say of others: who was told of what was done (Art. 19), and to whom a file was handed (Art. 20(2))."""

from bot.domain.request import Language
from bot.letters.matter import Matter, Told, TransferMatter


def of_others(language: Language, matter: Matter) -> dict[str, object]:
    """Return who else was told (Art. 19), and a sentence for each who was not, and why."""
    texts, known = matter.stationery.texts, matter.recipients
    unreached = (
        (name, texts.say(language, f"exception_letter.{why.partition('.')[2]}")) for name, why in known.unreached
    )
    return {
        "told": texts.together(language, known.told),
        "still_to_tell": texts.together(language, known.waiting),
        "transfers": [_transfer(language, matter, one) for one in matter.transfers],
        "transferred": any(one.told is Told.DONE for one in matter.transfers),
        "not_handed": any(one.told is Told.FAILED for one in matter.transfers),
        "not_told": [
            texts.say(language, "letter_line.not_told", {"name": name, "why": why}) for name, why in unreached
        ],
    }


def transfer_why(language: Language, matter: Matter, one: TransferMatter) -> str:
    """Return why a file could not be handed over, "" where that is not so."""
    said = matter.stationery.texts.say
    return said(language, f"exception_letter.{one.why.partition('.')[2]}") if one.told is Told.FAILED else ""


def _transfer(language: Language, matter: Matter, one: TransferMatter) -> str:
    texts, why = matter.stationery.texts, transfer_why(language, matter, one)
    days = {"approved": one.approved, "day": one.on or one.approved}
    facts = {"to": one.to, "why": why, **{name: texts.long_day(language, day) for name, day in days.items()}}
    return texts.say(language, f"letter_transfer.{one.told}", facts)
