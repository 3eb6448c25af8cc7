"""The part of HubSpot's sandbox beside the CRM: files, chats, forms sent in, what became of mailings.

Guesses, not knowledge: a conversation in the bin answers 404 unless the bin is asked for,
and a file deleted for good answers 404.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from aiohttp import web
from pydantic import JsonValue

from integrations.hubspot.account import Account, Chat
from integrations.hubspot.places import FORMS, MAILING_EVENTS, THREADS, VERSION
from integrations.hubspot.seed import SEMINAR

#: A longer message is shown in part.
SHOWN: Final = 200
#: Where a signed link leads: needs no token, the link is the secret.
SIGNED: Final = "/signed-content/"
CONTENT: Final = SIGNED + "{file}"


class Inbox:
    """Answers for files, chats, forms and mailings; *changed* notes that a request changed something."""

    def __init__(self, account: Account, changed: Callable[[web.Request], None]) -> None:
        self._account = account
        self._changed = changed

    def routes(self) -> Iterable[web.RouteDef]:
        """Return what is answered here."""
        files = f"/files/{VERSION}/files/{{file}}"
        return [
            web.get(files, self._file),
            web.get(f"{files}/signed-url", self._signed),
            web.get(CONTENT, self._content),
            web.delete(f"{files}/gdpr-delete", self._forget_file),
            web.get(THREADS, self._threads),
            web.get(f"{THREADS}/{{chat}}", self._thread),
            web.get(f"{THREADS}/{{chat}}/messages", self._messages),
            web.get(f"{THREADS}/{{chat}}/messages/{{message}}/original-content", self._original),
            web.delete(f"{THREADS}/{{chat}}", self._bin_thread),
            web.get(FORMS, self._forms),
            web.get("/form-integrations/v1/submissions/forms/{form}", self._submissions),
            web.get(MAILING_EVENTS, self._mailings),
        ]

    def _held(self, request: web.Request) -> tuple[str, bytes]:
        held = self._account.files.get(request.match_info["file"])
        if held is None:
            raise web.HTTPNotFound
        return held

    async def _file(self, request: web.Request) -> web.Response:
        name, content = self._held(request)
        stem, _, ending = name.rpartition(".")
        now = self._account.now
        moments = {"createdAt": now, "updatedAt": now, "archived": False}
        about = {"id": request.match_info["file"], "name": stem, "extension": ending, "size": len(content)}
        published = request.match_info["file"] in self._account.published
        access = {"access": "PUBLIC_INDEXABLE" if published else "HIDDEN_PRIVATE", "isUsableInContent": published}
        return web.json_response({**about, **moments, **access})

    async def _signed(self, request: web.Request) -> web.Response:
        self._held(request)
        path = CONTENT.format(file=request.match_info["file"])
        return web.json_response({"url": str(request.url.origin()) + path, "expiresAt": self._account.now})

    async def _content(self, request: web.Request) -> web.Response:
        if "Authorization" in request.headers:
            raise web.HTTPBadRequest
        return web.Response(body=self._held(request)[1], content_type="application/octet-stream")

    async def _forget_file(self, request: web.Request) -> web.Response:
        self._held(request)
        del self._account.files[request.match_info["file"]]
        self._changed(request)
        return web.Response(status=204)

    def _chat(self, request: web.Request) -> Chat:
        chat = self._account.chats.get(request.match_info["chat"])
        if chat is None or chat.archived != (request.query.get("archived") == "true"):
            raise web.HTTPNotFound
        return chat

    async def _threads(self, request: web.Request) -> web.Response:
        contact = request.query["associatedContactId"]
        chats = [one for one in self._account.chats.values() if one.contact == contact and not one.archived]
        return _page(request, [self._shown(one) for one in chats])

    async def _thread(self, request: web.Request) -> web.Response:
        return web.json_response(self._shown(self._chat(request)))

    def _shown(self, chat: Chat) -> dict[str, JsonValue]:
        return {
            "id": chat.id,
            "associatedContactId": chat.contact,
            "archived": chat.archived,
            "createdAt": self._account.now,
            "inboxId": "7",
            "originalChannelId": "1000",
            "originalChannelAccountId": "1",
            "spam": False,
            "status": "CLOSED",
        }

    async def _messages(self, request: web.Request) -> web.Response:
        chat = self._chat(request)
        return _page(request, [self._message(number, text) for number, text in enumerate(chat.messages)])

    def _message(self, number: int, text: str) -> dict[str, JsonValue]:
        return {
            "id": str(number),
            "type": "MESSAGE",
            "createdAt": self._account.now,
            "text": text[:SHOWN],
            "truncationStatus": "TRUNCATED" if len(text) > SHOWN else "NOT_TRUNCATED",
        }

    async def _original(self, request: web.Request) -> web.Response:
        chat = self._account.chats.get(request.match_info["chat"])
        if chat is None:
            raise web.HTTPNotFound
        return web.json_response({"text": chat.messages[int(request.match_info["message"])]})

    async def _bin_thread(self, request: web.Request) -> web.Response:
        self._chat(request).archived = True
        self._changed(request)
        return web.Response(status=204)

    async def _forms(self, request: web.Request) -> web.Response:
        archived = request.query.get("archived") == "true"
        forms = [one for one in self._account.submissions if (one == SEMINAR) is archived]
        return _page(request, [self._form(one, archived=archived) for one in forms])

    def _form(self, form: str, *, archived: bool) -> dict[str, JsonValue]:
        moments: dict[str, JsonValue] = {"createdAt": self._account.now, "updatedAt": self._account.now}
        return {**moments, "id": form, "name": "Guide", "formType": "hubspot", "archived": archived, **FORM_SHAPE}

    async def _submissions(self, request: web.Request) -> web.Response:
        sent = self._account.submissions.get(request.match_info["form"])
        if sent is None:
            raise web.HTTPNotFound
        shown: list[Mapping[str, JsonValue]] = [
            {
                "conversionId": one.id,
                "submittedAt": 1_770_000_000_000,
                "pageUrl": "https://goto.example/guide",
                "values": [{"name": name, "value": value, "objectTypeId": "0-1"} for name, value in one.values.items()],
            }
            for one in reversed(sent)
        ]
        return _page(request, shown, most=50)

    async def _mailings(self, request: web.Request) -> web.Response:
        address = request.query["recipient"].lower()
        theirs = [one for one in self._account.mailings if one.address == address]
        start, size = int(request.query.get("offset") or 0), int(request.query.get("limit", 1000))
        events: list[JsonValue] = [
            {
                "id": one.id,
                "created": 1_770_000_000_000,
                "type": one.kind,
                "recipient": one.address,
                "location": {"city": "Stockholm", "country": "SWEDEN"},
                "userAgent": "Mail/1.0",
            }
            for one in theirs[start : start + size]
        ]
        more = start + size < len(theirs)
        return web.json_response({"events": events, "hasMore": more, "offset": str(start + size) if more else ""})


#: What HubSpot's description asks of a form and nobody here reads.
FORM_SHAPE: Final[Mapping[str, JsonValue]] = {
    "configuration": {
        "allowLinkToResetKnownValues": False,
        "archivable": True,
        "cloneable": True,
        "createNewContactForNewEmail": True,
        "editable": True,
        "language": "sv",
        "lifecycleStages": [],
        "notifyContactOwner": False,
        "notifyRecipients": [],
        "postSubmitAction": {"type": "thank_you", "value": ""},
        "prePopulateKnownValues": False,
        "recaptchaEnabled": False,
    },
    "displayOptions": {
        "renderRawHtml": False,
        "style": dict.fromkeys(
            (
                *("backgroundWidth", "fontFamily", "helpTextColor", "helpTextSize", "labelTextColor", "labelTextSize"),
                *("legalConsentTextColor", "legalConsentTextSize", "submitAlignment", "submitColor"),
                *("submitFontColor", "submitSize"),
            ),
            "left",
        ),
        "submitButtonText": "Skicka",
        "theme": "default_style",
    },
    "fieldGroups": [],
    "legalConsentOptions": {"type": "none"},
}


def _page(request: web.Request, entries: Sequence[Mapping[str, JsonValue]], most: int = 100) -> web.Response:
    start, size = int(request.query.get("after") or 0), min(int(request.query.get("limit", most)), most)
    answer: dict[str, JsonValue] = {"results": [dict(one) for one in entries[start : start + size]]}
    if start + size < len(entries):
        answer["paging"] = {"next": {"after": str(start + size)}}
    return web.json_response(answer)
