"""Three systems without a program, as desk.toml would have them: all by hand, kept by somebody else, blind."""

from typing import Any, Final

PAPER: Final[dict[str, Any]] = {
    "key": "paper_folder",
    "name": "Pärmen i receptionen {A–Ö}",
    "owner": "sara",
    "deputy": ["karin"],
    "roles": ["contact"],
    "holds": ["P27"],
    "checklist": {
        "sv": {"find": ["Gå igenom pärmen."], "erase": ["Strimla bladet.", "Bekräfta."]},
        "en": {"find": ["Go through the binder."], "erase": ["Shred the sheet.", "Confirm."]},
    },
    "reason": {"sv": {"find": "Pärmen är av papper."}, "en": {"find": "The binder is paper."}},
    "letter": {"sv": {"erase": "Ditt blad i pärmen är strimlat."}, "en": {"erase": "Your sheet is shredded."}},
}
LINKEDIN: Final[dict[str, Any]] = {
    "key": "linkedin",
    "name": "LinkedIn",
    "owner": ["sara", "karin"],
    "roles": ["contact", "candidate"],
    "holds": ["P27"],
    "known_by": ["name"],
    "link": "https://www.linkedin.com/messaging",
    "checklist": {"sv": {"find": ["Sök på namnet."]}, "en": {"find": ["Search for the name."]}},
    "receives": {"sv": "meddelanden och kontakter", "en": "messages and connections", "third_country": True},
}
WHY_SV, WHY_EN = "Loggarna visar nätadresser, inte namn.", "The logs show network addresses, not names."
LOGS: Final[dict[str, Any]] = {
    "key": "web_logs",
    "name": "Webbserverns loggar",
    "owner": "jonas",
    "roles": ["contact"],
    "holds": ["P28"],
    "checklist": {},
    "absent": {
        language: dict.fromkeys(("find", "export", "erase", "rectify", "restrict", "suppress"), why)
        for language, why in (("sv", WHY_SV), ("en", WHY_EN))
    },
}
