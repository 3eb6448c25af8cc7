"""What letter T4 says of an extension (Art. 12(3)): until when, on which of the law's two reasons, what is done."""

from bot.domain.request import Language
from bot.letters.matter import Matter


def of_extension(language: Language, matter: Matter) -> dict[str, object]:
    """Return what only the letter of an extension asks for; empty words for every other."""
    texts, one = matter.stationery.texts, matter.extension
    if one is None:
        return {"extended_to": "", "extension_why": [], "done_so_far": []}
    answered = [texts.say(language, f"right_asked.{right}") for right in one.answered]
    done = [texts.say(language, f"letter_so_far.{key}") for key in one.so_far]
    if answered:
        done.append(texts.say(language, "letter_so_far.answered", {"rights": texts.together(language, answered)}))
    return {
        "extended_to": texts.long_day(language, one.until),
        "extension_why": [texts.say(language, f"letter_extension.{reason}") for reason in one.reasons],
        "done_so_far": done,
    }


def extended_to(language: Language, matter: Matter) -> list[str]:
    """Return the day the letter must name."""
    return [matter.stationery.texts.long_day(language, matter.extension.until)] if matter.extension else []


def extension_why(language: Language, matter: Matter) -> list[str]:
    """Return the reasons the letter must give, the law's and the colleague's own words."""
    if matter.extension is None:
        return []
    texts = matter.stationery.texts
    reasons = [texts.say(language, f"letter_extension.{reason}") for reason in matter.extension.reasons]
    return [*reasons, " ".join(matter.words.split())]
