"""Teams: typed words, presses, dialogs and chosen messages in; cards, private answers out.

`mount` adds the inbound side to the web application, `TeamsMessenger` is the outbound port.
Handlers translate and decide nothing; they never edit a channel's card themselves (D33):
the desk's jobs do, through the messenger. Microsoft's SDK is known to `sdk` alone, which
`mount` loads; cards and forms are drawn as Adaptive Cards.
"""

from handlers.teams.connector import SCOPE, Connector
from handlers.teams.directory import TeamsDirectory
from handlers.teams.door import PATH, NotHere, is_this_machine, mount
from handlers.teams.front import TeamsDoor
from handlers.teams.messages import CHAT
from handlers.teams.messenger import TeamsMessenger
from handlers.teams.references import References

__all__ = [
    "CHAT",
    "PATH",
    "SCOPE",
    "Connector",
    "NotHere",
    "References",
    "TeamsDirectory",
    "TeamsDoor",
    "TeamsMessenger",
    "is_this_machine",
    "mount",
]
