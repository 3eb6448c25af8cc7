"""Whether an answer smells of Art. 9: allergies and diets, beliefs seen through food, disabilities.

The words are data (`special.toml`) and match at the beginning of a word; those below `within`
match anywhere, since Swedish says "äggallergi" in one word. A false alarm asks for one proof
more; a miss would show health data too cheaply, so in doubt it is special.
"""

import re
import tomllib
from functools import cache
from pathlib import Path

from integrations.eventbrite.shapes import Answer


@cache
def _words() -> tuple[re.Pattern[str], frozenset[str]]:
    lists = tomllib.loads(Path(__file__).with_name("special.toml").read_text(encoding="utf-8"))
    beginnings = "|".join(re.escape(stem) for stem in (*lists["sv"], *lists["en"]))
    within = "|".join(re.escape(stem) for stem in lists["within"])
    return re.compile(rf"\b(?:{beginnings})|{within}", re.IGNORECASE), frozenset(lists["nothing"])


def is_special(answer: Answer) -> bool:
    """Whether the answer is given, says more than no, and it or its question names such a thing."""
    stems, nothing = _words()
    said = answer.answer.strip().strip(".!").replace("’", "'").casefold()
    if not said or said in nothing:
        return False
    return bool(stems.search(answer.question) or stems.search(said))
