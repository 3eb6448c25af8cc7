"""Reading what was typed into a form: one value, a moment, an address; what cannot be read names its field."""

from datetime import datetime

from bot.card import Values
from bot.domain.deadline import SWEDEN
from bot.domain.errors import Incomplete


def one(values: Values, name: str, *, required: bool = True) -> str:
    """Return a field's single value, trimmed; raises `Incomplete` naming it when required and empty."""
    chosen = values.get(name, ())
    value = chosen[0].strip() if chosen else ""
    if required and not value:
        raise Incomplete("refusal.field_missing", {"field": name})
    return value


def moment(values: Values, name: str) -> datetime | None:
    """Return a typed moment; one without an offset is Swedish local time. Raises `Incomplete` when unreadable."""
    typed = one(values, name, required=False)
    if not typed:
        return None
    try:
        read = datetime.fromisoformat(typed)
    except ValueError:
        raise Incomplete("refusal.field_bad", {"field": name}) from None
    return read if read.tzinfo else read.replace(tzinfo=SWEDEN)


def address(values: Values, name: str, *, required: bool) -> str:
    """Return a typed mail address; raises `Incomplete` when it cannot be one."""
    typed = one(values, name, required=required)
    local, at, domain = typed.rpartition("@")
    if typed and not (local and at and "." in domain and " " not in typed):
        raise Incomplete("refusal.field_bad", {"field": name})
    return typed
