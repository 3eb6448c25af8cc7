"""The names of form fields and of their fixed answers: what the cards ask by and the desk reads by."""

from types import MappingProxyType
from typing import Final

from bot.domain.identity import Method

RIGHTS: Final = "rights"
SCOPE: Final = "scope"
SCOPE_FIELDS: Final = "scope_fields"
ROLES: Final = "roles"
LANGUAGE: Final = "language"
RECEIVED: Final = "received"
RECEIVED_WHY: Final = "received_why"
SUBJECT: Final = "subject"
NAME: Final = "name"
PHONE: Final = "phone"
CHANNEL: Final = "channel"
TEXT: Final = "text"
REASON: Final = "reason"
COLLEAGUE: Final = "colleague"
FROM: Final = "from"
#: Prefix of a decision's field: "task:<task id>", answered "", APPROVE or DECLINE_BY + ground.
TASK: Final = "task:"
REFERENCE: Final = "reference"
WAY: Final = "way"
METHOD: Final = "method"
CHECKED: Final = "checked"
RESULT: Final = "result"
COUNT: Final = "count"
EXCEPTION_REASON: Final = "exception_reason"
MASKED: Final = "masked"
NOTE: Final = "note"
PARTS: Final = "parts"
DAYS: Final = "days"
WHY: Final = "why"
NOTIFIED_AT: Final = "notified_at"
IMY_REFERENCE: Final = "imy_reference"
LATE_REASON: Final = "late_reason"
AWARE_AT: Final = "aware_at"
CONTACT: Final = "contact"
PASSED_ON: Final = "passed_on"
SITE: Final = "site"
REACH: Final = "reach"
QUESTIONS: Final = "questions"
WORDS: Final = "words"
DOCUMENT: Final = "document"
COVERS: Final = "covers"
ANSWER_TO: Final = "answer_to"
ANSWER: Final = "answer"
WISH: Final = "wish"
REQUESTER: Final = "requester"
GROUND: Final = "ground"
ENDS: Final = "ends"
WEIGHING: Final = "weighing"
APPROVED_AT: Final = "approved_at"
REVIEW_ON: Final = "review_on"
REASONS: Final = "reasons"
LETTER: Final = "letter"
CATEGORIES: Final = "categories"
CORRECTED: Final = "corrected"
NEW_VALUE: Final = "new_value"

APPROVE: Final = "approve"
DECLINE_BY: Final = "decline:"

DECLINE: Final = "decline"
KEEP_OPEN: Final = "keep_open"
CLOSE_KINDLY: Final = "close_kindly"
ERASE_ON_MAIL: Final = "erase_on_mail"
WAS_SENT: Final = "was_sent"
SEND_AGAIN: Final = "send_again"
REACHED: Final = "reached"
UNREACHED: Final = "unreached"

KEEP_APART: Final = "apart"
TAKE_BACK: Final = "take_back"
GO_ON: Final = "go_on"

SEND_NOW: Final = "send_now"
READ_FIRST: Final = "read_first"
#: How a colleague knows that the person took the request back.
WITHDRAWN_BY: Final = ("mail", "call", "visit")
#: How it was found out that an answer went to the wrong person, and what it held, by category (Art. 33(3)).
WRONG_FOUND: Final = ("recipient", "person", "ourselves")
WRONG_CATEGORIES: Final = (
    "contact",
    "messages",
    "activity",
    "events",
    "application",
    "identity_number",
    "special",
    "unclear",
)
NOT_A_LETTER: Final = "not_a_letter"

KEEP_HOLD: Final = "keep_hold"
RELEASE_HOLD: Final = "release_hold"

DONE: Final = "done"
NOT_FOUND: Final = "not_found"
EXCEPTION: Final = "exception"

DISMISSALS: Final = ("not_about_data", "sales", "newsletter", "automatic", "duplicate", "answered_elsewhere")
#: Why a closed ticket, or a dismissed part, is opened again; OTHER asks for words.
OTHER: Final = "other"
REOPENINGS: Final = ("wrongly_closed", "person_came_back", "late_hit", "another_person", OTHER)
#: Why a step could not be done: facts about a system. What the law says is a ground, and an officer's (D9).
EXCEPTIONS: Final = ("no_access", "vendor", "not_possible")
#: How a step at a recipient ends, why one cannot be told (Art. 19), why a file cannot be handed over (Art. 20(2)).
ENDINGS: Final = (DONE, NOT_FOUND, EXCEPTION)
CANNOT_TELL: Final = ("impossible", "disproportionate")
CANNOT_HAND_OVER: Final = ("no_safe_way", "not_taken", "format")
#: What a colleague ticks to attest that the person approved (P16).
APPROVAL_CHECKS: Final = ("own_words", "names_whom")
TO_PERSON: Final = "to_person"
TO_REQUESTER: Final = "to_requester"
#: What is asked when it is unclear what is meant (T3); each has its question and its answers in the texts.
CLARIFICATIONS: Final = ("right", "scope", "address")
#: Documents that show that somebody may act for another, and ANY to ask for one of them.
DOCUMENTS: Final = ("power", "guardian", "appointment")
ANY: Final = "any"
AUTHORITY_CHECKS: Final = ("read", "valid", "heard")
#: What the person read from their browser, as they pasted it; and how the case goes on with or without it (R20).
COOKIE: Final = "cookie"
WITH_ID: Final = "with_id"
WITHOUT_ID: Final = "without_id"
ERASE: Final = "erase"
STOP: Final = "stop"
#: What was checked where a colleague vouches for somebody, by how they were known again: the one tick that it needs.
CHECK_OF: Final = MappingProxyType(
    {
        Method.CALL_BACK: "number_on_file",
        Method.VISIT: "id_seen_not_copied",
        Method.BANKID: "bankid_matches",
        Method.VERIFIED_THREAD: "same_thread",
    }
)
