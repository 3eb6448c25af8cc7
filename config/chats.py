"""The chats' settings: Slack and Teams, each off while what it signs in with is missing."""

from typing import Self

from pydantic import BaseModel, Field, SecretStr, model_validator

from config.shapes import GUID, SERVICE, WANTS_SERVICE


def _plain(value: SecretStr | str) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


#: How a bot's token begins, and an app-level token.
BOT, APP_LEVEL = "xoxb-", "xapp-"


def _given(settings: BaseModel, *besides: str) -> list[str]:
    """Return what is set otherwise than it is by itself, as variables end, leaving out *besides*."""
    return [
        f"__{name.upper()}"
        for name, field in type(settings).model_fields.items()
        if name not in besides and getattr(settings, name) != field.default
    ]


class SlackSettings(BaseModel):
    """`PRIVACY_SLACK__…`; Slack is off while the token is missing."""

    bot_token: SecretStr = SecretStr("")
    signing_secret: SecretStr = SecretStr("")
    app_token: SecretStr = Field(SecretStr(""), description="an app-level token (xapp-…): Socket Mode when set")
    api_url: str = "https://slack.com/api/"
    channel: str = Field("", description="the id of the channel where tickets are posted, such as C0123456789")
    mail_channel: str = Field("", description="the id of a private channel that mail is forwarded into; empty for none")

    @model_validator(mode="after")
    def whole(self) -> Self:  # noqa: N804 - an instance: the decorator runs after the fields are read
        """Refuse a token without what makes it useful, and that without a token: nobody would notice the silence."""
        given = _given(self, "bot_token")
        if not self.on and given:
            raise ValueError(f"needs __BOT_TOKEN ({BOT}…) beside {' and '.join(given)}: without it Slack stays off")
        if self.on and not _plain(self.bot_token).startswith(BOT):
            raise ValueError(f"needs the bot's own token ({BOT}…) in __BOT_TOKEN")
        needed = ("channel",) if _plain(self.app_token) else ("signing_secret", "channel")
        lacking = [name for name in needed if not _plain(getattr(self, name))]
        if self.on and lacking:
            raise ValueError(f"needs {' and '.join(f'__{name.upper()}' for name in lacking)} beside the token")
        if _plain(self.app_token) and not _plain(self.app_token).startswith(APP_LEVEL):
            raise ValueError(f"needs an app-level token ({APP_LEVEL}…) in __APP_TOKEN; the bot's own is another")
        if self.mail_channel and self.mail_channel == self.channel:
            raise ValueError("needs another channel in __MAIL_CHANNEL than in __CHANNEL: cards hold no personal data")
        return self

    @property
    def on(self) -> bool:
        """Whether Slack is used at all."""
        return bool(self.bot_token.get_secret_value())


class TeamsSettings(BaseModel):
    """`PRIVACY_TEAMS__…`; Teams is off while there is neither an app's id nor leave to go without (`anonymous`)."""

    app_id: str = Field("", pattern=f"^({GUID})?$", description="the bot's application id in Entra ID")
    app_secret: SecretStr = Field(SecretStr(""), description="the value of a client secret of that application")
    tenant_id: str = Field("", pattern=f"^({GUID})?$", description="the id of our directory in Entra ID")
    anonymous: bool = Field(default=False, description="true lets a playground on this machine in without any sign-in")
    channel: str = Field("", description="the conversation id of the channel for cards, such as 19:…@thread.tacv2")
    login_url: str = Field("https://login.microsoftonline.com", pattern=SERVICE, description=WANTS_SERVICE)

    @model_validator(mode="after")
    def whole(self) -> Self:  # noqa: N804 - an instance: the decorator runs after the fields are read
        """Refuse a bot that could not prove who it is or tell who others are, and what belongs to one without it."""
        given = _given(self, "app_id", "anonymous")
        if not self.on and given:
            raise ValueError(f"needs __APP_ID beside {' and '.join(given)}: without it Teams stays off")
        lacking = [name for name in ("app_secret", "tenant_id") if not _plain(getattr(self, name))]
        if self.app_id and lacking:
            raise ValueError(f"needs {' and '.join(f'__{name.upper()}' for name in lacking)} beside __APP_ID")
        if self.app_id and self.anonymous:
            raise ValueError("needs either __APP_ID or __ANONYMOUS, not both: the second is for a playground alone")
        return self

    @property
    def on(self) -> bool:
        """Whether Teams is used at all."""
        return bool(self.app_id) or self.anonymous
