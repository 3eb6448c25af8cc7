"""The floor is honest: every request it acks lies in its database."""

import sqlite3
from pathlib import Path

from aiohttp import ClientSession, web

from tests.bench.floor import Floor, Statement
from tests.bench.slack_floor import PATH, floor_application
from tests.handlers.slack.small_desk import CHANNEL
from tests.standins.slack import SlackStandIn
from tests.standins.slack_people import Person

SCHEMA = "CREATE TABLE IF NOT EXISTS entry (id INTEGER PRIMARY KEY, words TEXT NOT NULL)"
STATEMENTS = (
    Statement("SELECT count(*) FROM entry"),
    Statement("INSERT INTO entry VALUES (?, ?)", lambda n: (n, "x")),
    Statement("UPDATE entry SET words = 'y' WHERE id = ?", lambda n: (n,)),
)
AGAIN = (Statement("INSERT INTO entry VALUES (?, ?)", lambda n: [(n + 100, "z"), (n + 200, "z")], many=True),)


async def test_what_it_acks_is_written(slack: SlackStandIn, session: ClientSession, tmp_path: Path) -> None:
    database = tmp_path / "floor.sqlite3"
    runner = web.AppRunner(floor_application(Floor(database, SCHEMA, (STATEMENTS, AGAIN))))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}{PATH}"
    anna = Person(slack, session, url, "U0ANNA", CHANNEL)
    form = {"command": "/privacy", "text": "x", "user_id": "U0ANNA", "team_id": "T1"}
    assert (await anna.post(form)).text == "ok"
    card = slack.show_privately("U0ANNA", CHANNEL, "x", [])
    card.blocks = [{"type": "actions", "elements": [a_button()]}]
    assert (await anna.press(card, "Bekräfta")).text == "ok"
    forged = Person(slack, session, url, "U0ANNA", CHANNEL, "another secret")
    assert (await forged.post(form)).status == 401
    await runner.cleanup()
    reader = sqlite3.connect(database)
    assert reader.execute("SELECT id, words FROM entry").fetchall() == [(1, "y"), (101, "z"), (201, "z")]
    assert reader.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    reader.close()


def a_button() -> dict[str, object]:
    text = {"type": "plain_text", "text": "Bekräfta"}
    return {"type": "button", "action_id": "press:0", "value": "press:confirm|t1|0", "text": text}
