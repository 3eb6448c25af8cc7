"""The words people may type to the desk, turned into values.

One grammar for every chat. Both languages are always understood, with or without dots
and rings, because nobody should have to think about which language the desk speaks.
What was typed never comes back out of here except as a recognised value: it may hold a
person's name, and an answer that echoed it would put that name into the chat (D14).
"""

from bot.commands.grammar import NAMED as NAMED
from bot.commands.grammar import folded as folded
from bot.commands.grammar import parse as parse
from bot.commands.grammar import reference as reference
from bot.commands.grammar import seen as seen
from bot.commands.values import *  # noqa: F403 - all of them: they are listed where they are made
