"""The honest floor for Teams (D37): a bare Agents SDK application that writes the given statements and answers a card.

Nobody is asked for a token, as at the desk beside it: both would check one with the SDK's own code.
"""

import sys
from pathlib import Path
from typing import Any

from aiohttp import web
from microsoft_agents.activity import AdaptiveCardInvokeResponse
from microsoft_agents.authentication.msal import MsalConnectionManager
from microsoft_agents.hosting.aiohttp import CloudAdapter, jwt_authorization_middleware, start_agent_process
from microsoft_agents.hosting.core import (
    AgentApplication,
    AgentAuthConfiguration,
    MemoryStorage,
    TurnContext,
    TurnState,
)

from tests.bench.floor import Floor, floor_from, writers

PATH = "/api/messages"
CARD = {
    "type": "AdaptiveCard",
    "version": "1.5",
    "body": [{"type": "TextBlock", "text": "Confirmed", "wrap": True}],
    "actions": [{"type": "Action.Execute", "title": "Next", "verb": "press", "data": {"press": "next"}}],
}


def floor_application(floor: Floor) -> web.Application:
    """Return the application: presses (Action.Execute) at `/api/messages`, answered by a card."""
    application = web.Application(middlewares=[jwt_authorization_middleware])
    (write,) = writers(floor, application)
    nobody = AgentAuthConfiguration(anonymous_allowed=True)
    connections = MsalConnectionManager(connections_configurations={"SERVICE_CONNECTION": nobody})
    agent: AgentApplication[TurnState] = AgentApplication(
        storage=MemoryStorage(), connection_manager=connections, start_typing_timer=False
    )
    adapter = CloudAdapter(connection_manager=connections)

    @agent.adaptive_card.action_execute("press")
    async def pressed(_context: TurnContext, _state: TurnState, _data: Any) -> AdaptiveCardInvokeResponse:
        await write()
        return AdaptiveCardInvokeResponse(status_code=200, type="application/vnd.microsoft.card.adaptive", value=CARD)

    async def receive(request: web.Request) -> web.StreamResponse:
        answer = await start_agent_process(request, agent, adapter)
        assert answer is not None
        return answer

    application["agent_configuration"] = nobody
    application.router.add_post(PATH, receive)
    return application


if __name__ == "__main__":
    floor, port = floor_from(Path(sys.argv[1]).read_text(encoding="utf-8"))
    web.run_app(floor_application(floor), host="127.0.0.1", port=port, access_log=None, print=None)
