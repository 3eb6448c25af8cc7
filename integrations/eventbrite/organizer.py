"""The sandbox's page for organisers: what a colleague sees and does in Eventbrite itself, by the checklist.

For the demo, where a step by hand must be possible to do. One button per booking replaces
name and address and empties the answers; the real pages look different.
"""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

#: One line of the page: number, what it says, and whether anything of a person is left in it.
Row = tuple[str, str, bool]

STYLE: Final = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;"
    "background:#fff}td,th{text-align:left;padding:.25rem 1rem .25rem 0;border-top:1px solid #ccc}"
)


def page(title: str, rows: Iterable[Row]) -> str:
    """Return an event's page with a button for each booking that still says something of somebody."""
    return (
        f'<!doctype html>\n<html lang="sv"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head>\n<body><main><h1>{escape(title)}</h1>"
        "<p>Påhittad sida i provmiljön: här gör du det som checklistan säger.</p>"
        "<table><thead><tr><th scope=col>Nummer</th><th scope=col>Uppgifter</th><th scope=col>Gör</th></tr></thead>"
        f"<tbody>{''.join(_line(*row) for row in rows)}</tbody></table></main></body></html>\n"
    )


def _line(number: str, said: str, left: bool) -> str:  # noqa: FBT001 - unpacked from a row
    label = escape(f"Byt ut mot Raderad och töm svaren i {number}")
    button = (
        f'<form method="post" action="?number={escape(number)}"><button aria-label="{label}">'
        "Byt ut mot Raderad</button></form>"
    )
    return f"<tr><td>{escape(number)}</td><td>{escape(said)}</td><td>{button if left else 'klart'}</td></tr>"


def said_of(*pieces: object, answers: Sequence[str] = ()) -> str:
    """Return a booking's content in one line."""
    return ", ".join(str(one) for one in (*pieces, *answers) if one)
