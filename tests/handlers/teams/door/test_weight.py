"""A desk without Teams does not pay for it: the SDK is loaded by `mount`, and not before."""

import subprocess
import sys

ASKED = """
import sys
import bot.app.serve, bot.app.chats, bot.app.check, handlers.teams
print([name for name in sys.modules if name.startswith(("microsoft_agents", "opentelemetry"))])
import handlers.teams.sdk
print("microsoft_agents" in sys.modules)
"""


def test_the_sdk_is_loaded_only_where_teams_is_mounted() -> None:
    said = subprocess.run([sys.executable, "-c", ASKED], capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout.splitlines() == ["[]", "True"]
