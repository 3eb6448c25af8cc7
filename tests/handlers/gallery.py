"""What is pictured for each chat: cards and forms made by hand that hold every element, and all the desk's own."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from bot.card import (
    Actions,
    Button,
    Card,
    Choice,
    Facts,
    Form,
    Input,
    InputKind,
    Link,
    Press,
    Steps,
    StepState,
    Style,
    Table,
    Text,
    Verb,
)
from bot.domain.request import Language
from tests.cards.shown import all_forms, cards

TASK: Final = "5f2b7c1e9a8d4c3b8e7f6a5d4c3b2a19"


def gallery(language: Language) -> dict[str, Card | Form]:
    """Return every card and form by name: those made by hand, and all that the desk can show."""
    pick = _pick(language)
    return {
        "by_hand_request": request_card(pick),
        "by_hand_decide": decide_card(pick),
        "by_hand_change_form": change_form(pick),
        "by_hand_decide_form": decide_form(pick),
        **dict(cards(language)),
        **{f"form_{name}": form for name, form in all_forms(language)},
    }


def everywhere(text: str) -> Card:
    """Return a card that shows *text* wherever a card shows text of its own: no button, no link."""
    elements = (
        Text(text),
        Text(text, muted=True),
        Text(text, strong=True),
        Facts(((text, text),)),
        Table((text,), ((text, text),)),
        Steps(((text, StepState.NOW),), text),
    )
    return Card(text, elements, text)


def a_part_a_line(pictures: Mapping[str, Mapping[str, Any]], parts: str) -> str:
    """Return pictures as JSON in which a changed one of their *parts* is one changed line."""
    dump = partial(json.dumps, ensure_ascii=False, sort_keys=True)
    whole = []
    for name, picture in pictures.items():
        rest = dump({key: value for key, value in picture.items() if key != parts})
        lines = ",\n  ".join(map(dump, picture[parts]))
        whole.append(f'{dump(name)}: {rest[:-1]}, "{parts}": [\n  {lines}\n ]}}')
    return "{\n " + ",\n ".join(whole) + "\n}\n"


class _pick:  # noqa: N801 - reads as the verb it is
    def __init__(self, language: Language) -> None:
        self._second = language is Language.EN

    def __call__(self, swedish: str, english: str) -> str:
        return english if self._second else swedish


def request_card(say: _pick) -> Card:
    """Card 1 of cards.md."""
    press = Press(Verb.CONFIRM, TASK, 3)
    names = (
        say("Mottagen", "Received"),
        say("Sök", "Search"),
        say("Identitet", "Identity"),
        say("Beslut", "Decision"),
        say("Utför", "Carry out"),
        say("Svar", "Answer"),
    )
    states = (StepState.DONE, StepState.NOW, *(StepState.AHEAD,) * 4)
    return Card(
        say("PR-2026-0042 · Ny begäran", "PR-2026-0042 · New request"),
        (
            Text(say("Tillgång, sedan radering", "Access, then erasure"), strong=True),
            Facts(
                (
                    (
                        say("Måldatum", "Target date"),
                        say("tors 2 april (18 arbetsdagar)", "Thu 2 April (18 working days)"),
                    ),
                    (say("Sista dag", "Last day"), say("tis 7 april", "Tue 7 April")),
                )
            ),
            Text(
                say(
                    "Avsändardomänen äkta <styrker inte & bevisar inte identitet>",
                    "Sender's domain genuine <proves no & identity>",
                ),
                muted=True,
            ),
            Steps(tuple(zip(names, states, strict=True)), say("Steg 2 av 6: Sök.", "Step 2 of 6: Search.")),
            Actions(
                (
                    Button(say("Bekräfta", "Confirm"), press, Style.PRIMARY),
                    Button(say("Ändra…", "Change…"), Press(Verb.CHANGE, TASK, 3), opens_form=True),
                    Button(
                        say("Inte en begäran…", "Not a request…"),
                        Press(Verb.DISMISS, TASK, 3),
                        Style.DANGER,
                        opens_form=True,
                    ),
                ),
                (
                    Button(say("Visa bara för mig", "Show only me"), Press(Verb.REVIEW, TASK, 3)),
                    Button(say("Lämna över…", "Hand over…"), Press(Verb.HAND_OVER, TASK, 3), opens_form=True),
                ),
            ),
        ),
        say("PR-2026-0042, ny begäran. Sista dag tis 7 april.", "PR-2026-0042, new request. Last day Tue 7 April."),
        TASK,
    )


def decide_card(say: _pick) -> Card:
    """Card 3 of cards.md."""
    return Card(
        say("PR-2026-0042 · Beslut", "PR-2026-0042 · Decide"),
        (
            Table(
                (say("System", "System"), say("Hittat", "Found"), say("Läge", "State")),
                (
                    ("HubSpot", say("1 kontakt", "1 contact"), say("väntar på Karin", "waiting for Karin")),
                    ("Google Analytics", "", say("kan inte sökas med e-post", "cannot be searched by e-mail")),
                ),
            ),
            Text(""),
            Link(say("Läs i webbläsaren", "Read in the browser"), "https://desk.example.org/review/abc?a=1&b=2"),
        ),
        say("PR-2026-0042 väntar på beslut.", "PR-2026-0042 waits for a decision."),
    )


def change_form(say: _pick) -> Form:
    """*Ändra…*: every kind of field."""
    return Form(
        say("Ändra begäran PR-2026-0042 innan den bekräftas", "Change request PR-2026-0042 before confirming"),
        Press(Verb.CHANGE, TASK, 3),
        (
            Text(say("Det här ser bara du.", "Only you see this.")),
            Choice(
                "rights",
                say("Rättigheter, i ordning", "Rights, in order"),
                (("access", say("Tillgång", "Access")), ("erasure", say("Radering", "Erasure"))),
                ("erasure", "access"),
                several=True,
            ),
            Choice(
                "scope",
                say("Omfattning", "Scope"),
                (("everything", say("Allt", "Everything")), ("fields", say("Fält", "Fields"))),
                ("everything",),
            ),
            Choice(
                "language",
                say("Språk", "Language"),
                tuple((f"l{n}", f"{n}") for n in range(7)),
                ("l2",),
                required=False,
            ),
            Choice("colleague", say("Kollega", "Colleague"), ()),
            Input("received", say("Inkom", "Received"), InputKind.MOMENT, "2026-03-05T09:12"),
            Input(
                "received_why", say("Varför", "Why"), required=False, hint=say("Om tiden ändras", "If the time changes")
            ),
            Input("text", say("Text", "Text"), InputKind.PROSE, "…", longest=200),
            Input("reference", say("Skriv numret", "Type the reference"), InputKind.REFERENCE, longest=20),
        ),
        say("Spara", "Save"),
        say("Avbryt", "Cancel"),
    )


def decide_form(say: _pick) -> Form:
    """*Besluta…*: rows with an empty answer."""
    options = (
        ("", say("Inte nu", "Not now")),
        ("approve", say("Godkänn", "Approve")),
        ("decline:art17_3_b", say("Föreslå avslag", "Propose to decline")),
    )
    return Form(
        say("Besluta", "Decide"),
        Press(Verb.DECIDE, TASK, 3),
        (
            Facts((("HubSpot", say("1 kontakt raderas för alltid", "1 contact is erased for good")),)),
            Choice(f"task:{TASK}", "HubSpot", options, ("",)),
        ),
        say("Besluta", "Decide"),
        say("Avbryt", "Cancel"),
    )
