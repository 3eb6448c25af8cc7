"""The words people may type to the desk, turned into values.

One grammar for every chat. Both languages are always understood, with or without dots
and rings, because nobody should have to think about which language the desk speaks.
What was typed never comes back out of here except as a recognised value: it may hold a
person's name, and an answer that echoed it would put that name into the chat (D14).
"""

from bot.commands.grammar import folded, parse, reference, seen
from bot.commands.values import (
    DAYS_AHEAD,
    MOST_DAYS,
    Command,
    Due,
    Evidence,
    Extend,
    Find,
    Help,
    Hold,
    Home,
    Lacks,
    Mine,
    New,
    OnCall,
    OpenTickets,
    Resume,
    Retention,
    SetOnCall,
    Show,
    Stats,
    Stop,
    Systems,
    Unknown,
    Withdraw,
    Wrong,
)

__all__ = [
    "DAYS_AHEAD",
    "MOST_DAYS",
    "Command",
    "Due",
    "Evidence",
    "Extend",
    "Find",
    "Help",
    "Hold",
    "Home",
    "Lacks",
    "Mine",
    "New",
    "OnCall",
    "OpenTickets",
    "Resume",
    "Retention",
    "SetOnCall",
    "Show",
    "Stats",
    "Stop",
    "Systems",
    "Unknown",
    "Withdraw",
    "Wrong",
    "folded",
    "parse",
    "reference",
    "seen",
]
