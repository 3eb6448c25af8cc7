"""What was typed into a form, read as values; each refusal names its field."""

from datetime import datetime

from bot.card import Values
from bot.cards import fields
from bot.commands import seen
from bot.domain.deadline import SWEDEN
from bot.domain.errors import Incomplete
from bot.domain.request import Scope, ScopeKind


def one(values: Values, name: str, *, required: bool = True) -> str:
    """Return a field's single value, trimmed; raises `Incomplete` naming it when required and empty."""
    chosen = values.get(name, ())
    value = chosen[0].strip() if chosen else ""
    if required and not value:
        raise Incomplete("refusal.field_missing", {"field": name})
    return value


def confirmed(values: Values, ref: str) -> None:
    """Refuse what cannot be undone until the ticket's reference was typed; raises `Incomplete` at the field."""
    if one(values, fields.REFERENCE, required=False).upper() != ref:
        raise Incomplete("refusal.reference_mismatch", {"field": fields.REFERENCE, "ref": ref})


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
    typed = seen(one(values, name, required=required)).strip()
    local, at, domain = typed.rpartition("@")
    if typed and not (local and at and "." in domain and len(typed.split()) == 1):
        raise Incomplete("refusal.field_bad", {"field": name})
    return typed


def scope_in(values: Values, first: Scope) -> Scope | None:
    """Return the scope chosen for all rights; None when the choice was left as the form showed it.

    The form shows scopes by purpose as "everything": leaving it must not widen them (R6).
    """
    chosen = one(values, fields.SCOPE, required=False)
    if chosen == ScopeKind.ROLES:
        roles = values.get(fields.ROLES, ())
        if not roles and first.kind is not ScopeKind.ROLES:
            raise Incomplete("refusal.field_missing", {"field": fields.ROLES})
        return Scope(ScopeKind.ROLES, roles) if roles else None
    if chosen != ScopeKind.FIELDS:
        return Scope() if first.kind in (ScopeKind.FIELDS, ScopeKind.ROLES) else None
    names = [name.strip() for name in one(values, fields.SCOPE_FIELDS).split(",")]
    typed = Scope(ScopeKind.FIELDS, tuple(name for name in names if name))
    return None if typed == first else typed
