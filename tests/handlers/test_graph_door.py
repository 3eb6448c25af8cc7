"""Graph's door: the handshake and its limits, what is told turned into hints, and nothing said about it."""

import logging
from collections.abc import Sequence
from io import BytesIO

import pytest

from bot.domain.errors import TryLater
from bot.services.intake.hints import Heeded, Hint, News
from handlers.graph import LONGEST_HANDSHAKE, MOST_TOLD, PATH, GraphDoor
from tests.handlers.conftest import Client, Serve

SECRET = "a-secret-of-ours"


class Ears:
    """Heeds everything, as told to."""

    def __init__(self) -> None:
        self.heard: list[Hint] = []
        self.answer = Heeded()
        self.trouble: Exception | None = None

    async def heed(self, hints: Sequence[Hint]) -> Heeded:
        if self.trouble is not None:
            raise self.trouble
        self.heard.extend(hints)
        return self.answer


@pytest.fixture
def ears() -> Ears:
    return Ears()


@pytest.fixture
def door(ears: Ears) -> GraphDoor:
    return GraphDoor(ears.heed)


@pytest.fixture
async def graph(serve: Serve, door: GraphDoor) -> Client:
    """Graph, calling us."""
    return await serve([door.routes()])


def told(**more: object) -> dict[str, object]:
    """Return one telling."""
    return {
        "subscriptionId": "7f105c7d-2dc5-4530-97cd-4e7ae6534c07",
        "clientState": SECRET,
        "changeType": "created",
        "resource": "users/info@goto.work/messages/AAk=",
        "resourceData": {"@odata.type": "#Microsoft.Graph.Message", "id": "AAk="},
        **more,
    }


@pytest.mark.parametrize("token", ["Validation: Testing client application reachability å&+%2F", "<script>1</script>"])
async def test_the_handshake_gives_the_token_back_as_plain_text(graph: Client, ears: Ears, token: str) -> None:
    answer = await graph.post(PATH, params={"validationToken": token})
    assert (answer.status, answer.content_type, await answer.text()) == (200, "text/plain", token)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert not ears.heard


@pytest.mark.parametrize("token", ["", "x" * (LONGEST_HANDSHAKE + 1), "two\r\nlines", "nul\x00"])
async def test_a_handshake_beyond_its_limits_is_refused(graph: Client, token: str) -> None:
    answer = await graph.post(PATH, params={"validationToken": token})
    assert answer.status == 400
    assert token not in await answer.text() or not token


@pytest.mark.parametrize(
    ("lifecycle", "news"),
    [
        (None, News.MAIL),
        ("missed", News.MISSED),
        ("subscriptionRemoved", News.ENDED),
        ("reauthorizationRequired", News.ENDS),
        ("somethingNew", News.MISSED),
    ],
)
async def test_what_is_told_becomes_a_hint(graph: Client, ears: Ears, lifecycle: str | None, news: News) -> None:
    answer = await graph.post(PATH, json={"value": [told(lifecycleEvent=lifecycle)]})
    assert (answer.status, await answer.text()) == (202, "")
    (hint,) = ears.heard
    assert (hint.news, hint.secret) == (news, SECRET)
    assert SECRET not in repr(hint)


async def test_a_telling_without_a_secret_is_a_hint_without_one(graph: Client, ears: Ears) -> None:
    answer = await graph.post(PATH, json={"value": [told(clientState=None)]})
    assert answer.status == 202
    assert [hint.secret for hint in ears.heard] == [""]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "null",
        '{"value": 5}',
        '{"value": [{}]}',
        '{"value": [{"subscriptionId": 5}]}',
        '{"value": [{"subscriptionId": "' + "x" * 200 + '"}]}',
        '{"value": [{"subscriptionId": "x", "clientState": "' + "x" * 300 + '"}]}',
        '{"value": [' + ",".join(['{"subscriptionId": "x"}'] * (MOST_TOLD + 1)) + "]}",
        "\ud800".encode("utf-8", "surrogatepass"),
    ],
)
async def test_what_nobody_can_read_is_refused_and_counted(
    graph: Client, ears: Ears, door: GraphDoor, body: str | bytes
) -> None:
    assert (await graph.post(PATH, data=body)).status == 400
    assert not ears.heard
    assert door.dropped == {"malformed": 1}


async def test_a_body_without_end_is_refused(graph: Client, ears: Ears) -> None:
    assert (await graph.post(PATH, data=BytesIO(b"x" * (2 * 1024 * 1024)))).status == 413
    assert not ears.heard


async def test_what_was_dropped_is_counted_and_nothing_of_it_is_written_down(
    graph: Client, ears: Ears, door: GraphDoor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ears.answer = Heeded(forged=2, unknown=1)
    assert (await graph.post(PATH, json={"value": [told()] * 3})).status == 202
    assert door.dropped == {"forged": 2, "unknown": 1}
    assert SECRET not in caplog.text
    assert "info@goto.work" not in caplog.text


async def test_what_could_not_be_written_is_told_again_by_graph(graph: Client, ears: Ears) -> None:
    ears.trouble = TryLater("trouble.store_locked")
    assert (await graph.post(PATH, json={"value": [told()]})).status == 503


async def test_nothing_is_read_from_the_door(graph: Client) -> None:
    assert (await graph.get(PATH)).status == 405
