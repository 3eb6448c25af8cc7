"""What `make fuzz` once found at the chats' doors is tried for ever; and the fuzzer does see a desk that breaks."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.handlers.fuzzing import shape
from tests.handlers.fuzzing.doors import Broken, Doors
from tests.handlers.fuzzing.payloads import seeds
from tests.standins.botframework import signed

#: Signed by Slack, and of a shape that it never sends: each was once answered with 500, and so sent again and again.
STRANGE: Final = {
    "an event with an odd id": b'{"type":"event_callback","event_id":7,"event":{"type":"app_home_opened","user":"U1"}}',
    "an event without a name": b'{"type":"event_callback","event":{"type":true}}',
    "an event that is none": b'{"type":"event_callback","event":null}',
    "a press without a name": b'{"type":"block_actions","user":{"id":"U0ANNA"},"actions":[{}]}',
    "a form without a name": b'{"type":"view_submission","user":{"id":"U0ANNA"},"view":{"callback_id":7}}',
    "a shortcut without a name": b'{"type":"shortcut","user":{"id":"U0ANNA"}}',
    "a command without a name": b'{"command":7,"user_id":"U0ANNA"}',
}


@pytest.fixture(scope="module")
def doors() -> Iterator[Doors]:
    """Every way in."""
    with Doors() as doors:
        yield doors


def test_what_stopped_the_desk_once_does_so_no_more(doors: Doors) -> None:
    for case in sorted(shape.FOUND.glob("*-*")):
        doors.judges[case.name.partition("-")[0]](case.read_bytes())


@pytest.mark.parametrize("case", STRANGE)
def test_what_slack_never_sends_is_no_failure_of_ours(doors: Doors, case: str) -> None:
    doors.slack(STRANGE[case])


def test_what_the_chats_do_send_is_answered(doors: Doors) -> None:
    """Else the fuzzer would begin from what nobody reads."""
    for name, whole in seeds().items():
        for raw in whole:
            doors.judges[name](raw)
    for name in ("slack", "teams"):
        doors.judges[name](seeds()[name][0])
        assert doors.confirmed, name


def test_a_desk_that_breaks_is_seen_and_its_request_kept(doors: Doors, tmp_path: Path) -> None:
    press = seeds()["slack"][0]
    doors.break_down()
    try:
        with pytest.raises(Broken, match="500"):
            shape.kept("slack", press, doors.slack, tmp_path)
    finally:
        doors.break_down(broken=False)
    assert [kept.read_bytes() for kept in tmp_path.iterdir()] == [press]
    with pytest.raises(Broken, match="let in"):
        doors.token(f"Bearer {signed()}".encode())


def test_a_few_seconds_of_requests_no_chat_would_send() -> None:
    assert shape.by_shape(seconds=2) >= 100
