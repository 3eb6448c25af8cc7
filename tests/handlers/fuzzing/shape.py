"""Half of `make fuzz` for the chats: Hypothesis damages what they send, and makes requests of the words they use.

A find is written to `found/`, where `test_fuzzing.py` tries it for ever. How any card or form is
drawn is tried by the same strategies as in the tests, longer.
"""

import hashlib
import itertools
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.handlers.fuzzing.doors import Doors
from tests.handlers.fuzzing.payloads import PIECES, seeds
from tests.handlers.slack import test_render as in_slack
from tests.handlers.teams import test_render as in_teams
from tests.reading.fuzz import minutes

FOUND: Final = Path(__file__).with_name("found")
#: Bytes. Longer requests are slow to change and rarely new; size itself is refused before anything is read.
LONGEST: Final = 12_000
#: The tests that draw any card and any form, which Hypothesis may be asked to run for longer.
DRAWN: Final[Sequence[Any]] = (
    in_slack.test_slack_takes_any_card,
    in_slack.test_slack_takes_any_form,
    in_teams.test_any_card_is_one_teams_takes,
    in_teams.test_any_form_is_one_teams_takes,
)
#: Rounds of requests between two of pictures, which are slower.
DRAWS_AFTER: Final = 10
ROUND: Final = settings(
    max_examples=200,
    deadline=None,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
#: Values of every shape that JSON has, to stand where another should.
ODD: Final = (
    *(
        "null",
        "true",
        "0",
        "-1",
        "1.5",
        "1e400",
        "1" + "0" * 30,
        '""',
        '"x"',
        '"home"',
        '"t1"',
        '"U0ANNA"',
        '"\\u0000"',
    ),
    *(
        '"press:confirm|t1|0"',
        '"form:change|t1|0"',
        '"change|t1|0"',
        '"PR-2026-0042"',
        '"2026-03-05T25:99"',
        '"\\ud83d"',
    ),
    *("[]", "[null]", "[[]]", "[{}]", "{}", '{"id":null}', '{"id":"x"}', '{"value":[]}', '{"answer":7}', '["a",1]'),
    *('[{"type":"mention"}]', '{"tenant":{"id":1}}', '{"selected_options":[7]}', '{"selected_date_time":1e30}'),
)


def kept(name: str, raw: bytes, judge: Callable[[bytes], None], folder: Path = FOUND) -> None:
    """Ask a door; keep what broke it."""
    try:
        judge(raw)
    except BaseException:
        folder.mkdir(exist_ok=True)
        (folder / f"{name}-{hashlib.sha256(raw).hexdigest()[:16]}").write_bytes(raw)
        raise


def by_shape(seconds: float) -> int:
    """Ask every door for so long, and draw between; return how many requests there were."""
    ends, count, whole = time.monotonic() + seconds, 0, seeds()
    with Doors() as doors:
        rounds = [_asking(name, judge, requests(whole[name])) for name, judge in doors.judges.items()]
        for number in itertools.count():
            count += rounds[number % len(rounds)]()
            if time.monotonic() >= ends and number >= len(rounds):
                return count
            if number % DRAWS_AFTER == DRAWS_AFTER - 1:
                DRAWN[number // DRAWS_AFTER % len(DRAWN)]()
    raise AssertionError  # it counts for ever


def _asking(name: str, judge: Callable[[bytes], None], drawn: st.SearchStrategy[bytes]) -> Callable[[], int]:
    count = 0

    @ROUND
    @given(drawn)
    def ask(raw: bytes) -> None:
        nonlocal count
        count += 1
        kept(name, raw, judge)

    def asked() -> int:
        before = count
        ask()
        return count - before

    return asked


def requests(whole: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """Return requests to try: of pieces, of whole ones damaged, of whole ones with an odd value somewhere."""
    pieces = st.lists(st.sampled_from(PIECES) | st.text(max_size=12), max_size=40).map("".join)
    at, lost = st.integers(0, LONGEST), st.integers(0, 60)
    damaged = st.builds(_damaged, st.integers(0, len(whole) - 1).map(whole.__getitem__), at, lost, pieces)
    bodies = [raw for raw in whole if raw.startswith(b"{")]
    if not bodies:
        return st.one_of(pieces.map(_encoded), st.binary(max_size=400), damaged)
    changes = st.lists(st.tuples(st.integers(0, 400), st.sampled_from(ODD)), min_size=1, max_size=4)
    odd = st.builds(_oddly, st.integers(0, len(bodies) - 1).map(bodies.__getitem__), changes)
    return st.one_of(pieces.map(_encoded), st.binary(max_size=400), damaged, odd, odd)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _damaged(raw: bytes, at: int, lost: int, put: str) -> bytes:
    at %= len(raw) + 1
    return raw[:at] + _encoded(put) + raw[at + lost :]


def _oddly(raw: bytes, changes: Sequence[tuple[int, str]]) -> bytes:
    """Return a body in which other values stand at some places, counted through all that it holds."""
    body = json.loads(raw)
    for at, value in changes:
        places = _places(body)
        holder, name = places[at % len(places)]
        holder[name] = json.loads(value)
    return json.dumps(body).encode()


def _places(part: Any) -> list[tuple[Any, Any]]:
    inner = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    return [place for name, value in inner for place in ((part, name), *_places(value))] or [({}, "")]


if __name__ == "__main__":
    sys.stdout.write(f"the chats by shape: {by_shape(minutes())} requests, nothing stopped the desk\n")
