"""The members of the Slack stand-in's workspace, as `users.info` shows them (docs.slack.dev, "User")."""

from typing import Any

Json = dict[str, Any]


class Members:
    """Who is in the workspace, by id."""

    def __init__(self) -> None:
        self._by_id: dict[str, Json] = {}

    def join(self, user: str, email: str, **differs: object) -> None:
        """Let somebody be a member; *differs* are fields other than a colleague's own account has."""
        self._by_id[user] = {
            "id": user,
            "team_id": "T0GOTOWORK",
            "name": user.lower(),
            "deleted": False,
            "profile": {"email": email, "real_name": "Made Up"},
            "is_bot": False,
            "is_restricted": False,
            "is_ultra_restricted": False,
            "is_email_confirmed": True,
            **differs,
        }

    def leave(self, user: str) -> None:
        """Let nobody have that id."""
        del self._by_id[user]

    def with_address(self, email: str) -> Json | None:
        """Return who has an address; as in Slack, guests and bots too, but not the deactivated."""
        found = [one for one in self._by_id.values() if one["profile"]["email"] == email and not one["deleted"]]
        return found[0] if found else None

    def with_id(self, user: str) -> Json | None:
        """Return who has an id, the deactivated too."""
        return self._by_id.get(user)
