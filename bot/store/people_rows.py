"""The tables of who colleagues are in the chats, who is on call, and what is stopped; see `rows`."""

from tortoise import fields
from tortoise.models import Model

from bot.store.rows import ID, WORD

LINE = 1023  # what a vendor chose the length of


class PlaceRow(Model):
    """Where a chat takes what we say unasked; ids and the service's address."""

    id = fields.BigIntField(primary_key=True)
    chat = fields.CharField(WORD)
    tenant = fields.CharField(ID)
    address = fields.CharField(255)
    conversation = fields.CharField(LINE)
    service_url = fields.CharField(LINE)
    kind = fields.CharField(WORD)
    seen_at = fields.DatetimeField()

    class Meta:
        table = "chat_place"


class IdentityRow(Model):
    """Whose a chat's handle is; "" when the chat's directory knows nobody of ours by it."""

    id = fields.BigIntField(primary_key=True)
    chat = fields.CharField(WORD)
    handle = fields.CharField(255)
    colleague = fields.CharField(ID)
    verified_at = fields.DatetimeField()

    class Meta:
        table = "chat_identity"


class ShiftRow(Model):
    """A stretch of the rota set at the desk; of two that overlap the higher id counts."""

    id = fields.BigIntField(primary_key=True)
    first_day = fields.DateField()
    last_day = fields.DateField()
    colleague = fields.CharField(ID)
    set_by = fields.CharField(ID)
    set_at = fields.DatetimeField()

    class Meta:
        table = "shift"


class PauseRow(Model):
    """That a system is stopped; "" stands for every one."""

    system = fields.CharField(ID, primary_key=True)
    stopped_by = fields.CharField(ID)
    since = fields.DatetimeField()

    class Meta:
        table = "pause"
