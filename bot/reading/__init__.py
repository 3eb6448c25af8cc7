"""From a mail or a text to a proposal: who asks what, about whom, since when, and why we think so.

Pure: bytes and a lexicon in, a value out. Every step can be explained to the person it
was about: phrases are data in `config/lexicon`, and the sentences that decided are kept.
"""

from bot.reading.leaning import Leaning, leaning_from
from bot.reading.lexicon import Lexicon, lexicon_from
from bot.reading.line import line_of, read_mail_line
from bot.reading.message import ReadingContext
from bot.reading.proposal import read, read_text, unreadable
from bot.reading.redaction import without_attachments
from bot.reading.returned import Return, own_letter, returned
from bot.reading.sentences import tidy

__all__ = [
    "Leaning",
    "Lexicon",
    "ReadingContext",
    "Return",
    "leaning_from",
    "lexicon_from",
    "line_of",
    "own_letter",
    "read",
    "read_mail_line",
    "read_text",
    "returned",
    "tidy",
    "unreadable",
    "without_attachments",
]
