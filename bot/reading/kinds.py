"""What kind of mail it is, in which language, and which sentences nobody may steer us with.

Headers tell machines from people; words tell sellers from askers. A kind never hides a
request by itself: a person's own asking ("I want ...") inside such a mail is still read.
"""

import re
from collections.abc import Collection, Sequence
from typing import Final

from bot.domain.request import Language, Role
from bot.reading.lexicon import Lexicon
from bot.reading.matching import Hit, Reader
from bot.reading.message import Mail
from bot.reading.sentences import Sentence, words_of

ENOUGH: Final = 2
MIXED: Final = 4
LIST_HEADERS: Final = ("list-id", "list-unsubscribe", "list-post", "x-campaign", "x-campaignid", "feedback-id")
ANSWERING_HEADERS: Final = ("x-autoreply", "x-autorespond", "x-auto-reply")
MACHINE_SENDERS: Final = ("mailer-daemon@", "postmaster@")
_NO_ANSWER = re.compile(r"(?:no|do[-_.]?not)[-_.]?reply|inget[-_.]?svar|svara[-_.]?(?:inte|ej)|(?:notif|alert)\w*@")
_ROLES: Final = (
    ("contract", Role.CONTRACT_CUSTOMER),
    ("candidate", Role.CANDIDATE),
    ("attendee", Role.ATTENDEE),
    ("contact", Role.CONTACT),
)


class Signals:
    """The signals of all lexicons, looked up by name."""

    def __init__(self, readers: Sequence[Reader]) -> None:
        self._readers = readers
        self._known: dict[str, tuple[Hit, ...]] = {}

    def hits(self, name: str) -> tuple[Hit, ...]:
        """Return where a signal is found, in any language."""
        if name not in self._known:
            self._known[name] = tuple(hit for reader in self._readers for hit in reader.signal(name))
        return self._known[name]

    def __contains__(self, name: str) -> bool:
        return bool(self.hits(name))

    def count(self, name: str) -> int:
        """Return how many different phrases of a signal are found; words that two of them share count once."""
        apart: list[Hit] = []
        for hit in sorted(self.hits(name), key=lambda one: (one.sentence, one.start, -one.end)):
            if not any(hit.touches(other) or hit.phrase == other.phrase for other in apart):
                apart.append(hit)
        return len(apart)

    def sentences(self, name: str) -> frozenset[int]:
        """Return the sentences in which a signal is found."""
        return frozenset(hit.sentence for hit in self.hits(name))


def is_answering_machine(mail: Mail) -> bool:
    """Whether the head says that a machine answered or a mail bounced: nothing in it is anybody's wish."""
    submitted = mail.head.get("auto-submitted").lower()
    precedence = mail.head.get("precedence").lower()
    return (
        submitted.startswith("auto-replied")
        or precedence in {"auto_reply", "auto-reply"}
        or any(mail.head.has(name) for name in ANSWERING_HEADERS)
        or bool({"multipart/report", "message/delivery-status"} & mail.body.types)
        or mail.sender.address.startswith(MACHINE_SENDERS)
    )


def sounds_absent(mail: Mail, signals: Signals, title: str) -> bool:
    """Whether only the words say so; somebody on holiday may still ask."""
    if "bounce" in signals and mail.head.get("return-path").strip() == "<>":
        return True
    return "absent" in signals and (not title or _in_title(signals, "absent") or signals.count("absent") >= ENOUGH)


def _in_title(signals: Signals, name: str) -> bool:
    return any(hit.sentence == 0 for hit in signals.hits(name))


def is_bulk(mail: Mail) -> bool:
    """Whether the head says that it went to many, or that a machine sent it."""
    submitted = mail.head.get("auto-submitted").lower()
    return (
        any(mail.head.has(name) for name in LIST_HEADERS)
        or mail.head.get("precedence").lower() in {"bulk", "list", "junk"}
        or (bool(submitted) and submitted != "no")
    )


def is_machine(mail: Mail) -> bool:
    """Whether the sender's name says that nobody reads answers there."""
    return bool(_NO_ANSWER.search(mail.sender.address))


def kind_by_words(signals: Signals, *, bulk: bool, empty: bool) -> str:
    """Return newsletter, sales, invoice, application, unread or business."""
    sold, footers = signals.count("sales"), signals.count("footer")
    if sold >= ENOUGH or (sold and (bulk or footers)):
        return "sales"
    if bulk or footers >= ENOUGH:
        return "newsletter"
    if signals.count("invoice") >= ENOUGH:
        return "invoice"
    if signals.count("application") >= ENOUGH or ("application" in signals and _application_title(signals)):
        return "application"
    return "unread" if empty else "business"


def _application_title(signals: Signals) -> bool:
    return any(hit.sentence == 0 and hit.start == 0 for hit in signals.hits("applicationtitle"))


def unheard(sentences: Sequence[Sentence], signals: Signals) -> frozenset[int]:
    """Return the sentences that never count: footers, disclaimers, and what is aimed at a machine.

    From the first instruction to a machine on, the rest of its paragraph is not heard either.
    """
    silent = set(signals.sentences("footer") | signals.sentences("disclaimer"))
    injected = signals.sentences("injection")
    for number in injected:
        paragraph = sentences[number].paragraph
        silent |= {n for n, one in enumerate(sentences) if n >= number and one.paragraph == paragraph}
    return frozenset(silent)


def language_of(texts: Sequence[str], lexicons: Collection[Lexicon]) -> tuple[Language, bool]:
    """Return the language to answer in, and whether the text is in none we know.

    The first of *texts* with any known word decides: the person's words, then the title, then the signature.
    """
    for text in texts:
        words, _ = words_of(text[:20_000])
        scores = {lexicon.language: sum(word in lexicon.common for word in words) for lexicon in lexicons}
        strange = max((sum(word in lexicon.strangers for word in words) for lexicon in lexicons), default=0)
        best = max(scores.values(), default=0)
        if strange > best and strange >= ENOUGH:
            return Language.EN, True
        if best:
            dotted = any(letter in "åäö" for letter in text.lower())
            tied = [language for language, score in scores.items() if score == best]
            return (Language.SV if dotted and Language.SV in tied else tied[-1]), False
    return Language.SV, False


def is_mixed(text: Sequence[Sentence], lexicons: Collection[Lexicon]) -> bool:
    """Whether two languages are about as strong in *text*."""
    words = [word for sentence in text for word in sentence.words]
    strong = sorted(sum(word in lexicon.common for word in words) for lexicon in lexicons)
    return len(strong) > 1 and strong[-2] >= MIXED and strong[-2] * ENOUGH >= strong[-1]


def roles_of(signals: Signals) -> tuple[Role, ...]:
    """Return the roles the text shows, the weightiest first; empty when it shows none."""
    return tuple(role for name, role in _ROLES if name in signals)
