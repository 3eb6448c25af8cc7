"""Contact cards: what of them can be put right, and how one looks as a vCard."""

from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import JsonValue

from bot.domain.errors import NeedsHuman
from bot.domain.system import Correction
from integrations.office365.places import KEY

#: Fields with one text, by Graph's own names.
SINGLE: Final = (
    *("displayName", "givenName", "middleName", "surname", "title", "jobTitle", "companyName", "department"),
    *("officeLocation", "profession", "mobilePhone", "personalNotes"),
)
#: Fields with several texts; together they stand separated as here.
SEVERAL: Final = ("businessPhones", "homePhones", "imAddresses")
BETWEEN: Final = "; "
EMAILS: Final = "emailAddresses"
#: Parts of the postal addresses, named after them: homeAddress.street.
POSTAL: Final = ("homeAddress", "businessAddress", "otherAddress")
POSTAL_PARTS: Final = ("street", "postalCode", "city", "state", "countryOrRegion")


def correctable(card: Mapping[str, JsonValue]) -> dict[str, str]:
    """Return every value of a card that can be corrected, empty ones too, by Graph's own field name."""
    values = {name: _text(card.get(name)) for name in SINGLE}
    values |= {name: BETWEEN.join(_texts(card.get(name))) for name in SEVERAL}
    values[EMAILS] = BETWEEN.join(_text(one.get("address")) for one in _objects(card.get(EMAILS)))
    for name in POSTAL:
        postal = card.get(name)
        parts = postal if isinstance(postal, dict) else {}
        values |= {f"{name}.{part}": _text(parts.get(part)) for part in POSTAL_PARTS}
    return values


def still_to_write(there: Mapping[str, str], corrections: Sequence[Correction]) -> dict[str, str]:
    """Return what does not stand there yet. Raises `NeedsHuman` where something else than expected stands."""
    wanted = {}
    for one in corrections:
        if one.name not in there:
            raise NeedsHuman("trouble.refused", {"system": KEY})
        if there[one.name] == one.after:
            continue
        if there[one.name] != one.before:
            raise NeedsHuman("trouble.changed_meanwhile", {"system": KEY})
        wanted[one.name] = one.after
    return wanted


def written(card: Mapping[str, JsonValue], wanted: Mapping[str, str]) -> dict[str, JsonValue]:
    """Return what to send so that *wanted* stands there; a postal address and a list are sent whole."""
    body: dict[str, JsonValue] = {}
    for name, value in wanted.items():
        whole, _, part = name.partition(".")
        if part:
            postal = body.get(whole, card.get(whole))
            body[whole] = {**(postal if isinstance(postal, dict) else {}), part: value}
        elif name == EMAILS:
            body[name] = _emails(card, value)
        elif name in SEVERAL:
            body[name] = list[JsonValue](_split(value))
        else:
            body[name] = value
    return body


def _emails(card: Mapping[str, JsonValue], value: str) -> list[JsonValue]:
    """Return addresses with the names that stood beside those that stay."""
    names = {_text(one.get("address")): _text(one.get("name")) for one in _objects(card.get(EMAILS))}
    return [{"address": one, "name": names.get(one) or one} for one in _split(value)]


def vcard(card: Mapping[str, JsonValue]) -> bytes:
    """Return the card as a vCard (RFC 6350) for the person's own address book."""
    values = correctable(card)
    lines = ["BEGIN:VCARD", "VERSION:4.0", f"FN:{_escaped(values['displayName'] or '-')}"]
    lines.append(f"N:{_escaped(values['surname'])};{_escaped(values['givenName'])};;;")
    lines += [f"EMAIL:{_escaped(one)}" for one in _split(values[EMAILS])]
    phones = (values["mobilePhone"], *_split(values["businessPhones"]), *_split(values["homePhones"]))
    lines += [f"TEL:{_escaped(one)}" for one in phones if one]
    lines += [f"{name}:{_escaped(values[field])}" for name, field in VCARD if values[field]]
    for name in POSTAL:
        parts = [values[f"{name}.{part}"] for part in ("street", "city", "state", "postalCode", "countryOrRegion")]
        if any(parts):
            lines.append("ADR:;;" + ";".join(_escaped(one) for one in parts))
    return ("\r\n".join([*lines, "END:VCARD", ""])).encode()


VCARD: Final = (("ORG", "companyName"), ("TITLE", "jobTitle"), ("NOTE", "personalNotes"))


def _escaped(text: str) -> str:
    plain = text.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")
    return plain.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")


def _split(value: str) -> Sequence[str]:
    return [one.strip() for one in value.split(BETWEEN.strip()) if one.strip()]


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: JsonValue) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _objects(value: JsonValue) -> list[dict[str, JsonValue]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
