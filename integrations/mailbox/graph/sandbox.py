"""Microsoft 365 on this machine: the login server, a mailbox with delta, drafts and uploads, and subscriptions.

Guesses, not knowledge (vendors.md §7): a draft's own property follows it to the sent
items; moving a mail to where it lies is well; an answer to `send` without recipients is
ErrorInvalidRecipients. What is known: a reply begins with whoever Reply-To names, and
with the quoted mail; what it is made with may be passed over (`deaf`); ids change with a
move unless immutable ones are asked for; more than four calls at once are refused.
"""

import asyncio
import base64
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from aiohttp import web
from pydantic import JsonValue

from integrations.mailbox.graph import letterbox
from integrations.mailbox.graph.account import DELETED, DRAFTS, Account, Mail, selected
from integrations.mailbox.graph.login import CLIENT, SECRET, TENANT, LoginServer
from integrations.mailbox.graph.subscriptions import Subscriptions
from integrations.sandbox import TOKEN, Handler, Sandbox

MOST_AT_ONCE: Final = 4
#: What each permission opens, by what stands in the path.
SENDS: Final = ("/send", "/sendMail")


class GraphSandbox(Sandbox):
    """Microsoft 365 of one made-up company: `accounts` by address."""

    def __init__(self, address: str = "info@goto.work", *, latency: float = 0.0) -> None:
        super().__init__(token=TOKEN, latency=latency)
        self.accounts = {address.casefold(): Account(address)}
        self.subscriptions = Subscriptions(self)
        self.login = LoginServer()
        self.forbidden: set[str] = set()
        self.stubborn_cc = ""
        self.deaf = False
        self.write = letterbox.write
        self.pause = 0.0
        self.uploads: dict[str, letterbox.Upload] = {}
        self.most_at_once = 0
        self._at_once = 0

    @property
    def account(self) -> Account:
        """The first mailbox."""
        return next(iter(self.accounts.values()))

    def routes(self) -> Iterable[web.RouteDef]:
        """Return what Microsoft 365 answers to."""
        box = "/users/{mailbox}"
        one = box + "/messages/{id}"
        return [
            *self.login.routes(),
            web.get(box + "/mailFolders/{folder}/messages/delta", self._delta),
            web.get(box + "/mailFolders/{folder}/messages", self._listed),
            web.get(box + "/mailFolders", self._folders),
            web.post(box + "/mailFolders", self._new_folder),
            web.get(box + "/messages", self._listed),
            web.post(box + "/messages", self._new_draft),
            web.get(one + "/$value", self._octets),
            web.post(one + "/move", self._move),
            web.post(one + "/createReply", self._reply),
            web.post(one + "/send", self._send),
            web.post(one + "/permanentDelete", self._remove),
            web.get(one + "/attachments", self._files),
            web.post(one + "/attachments", self._new_file),
            web.post(one + "/attachments/createUploadSession", self._new_upload),
            web.delete(one + "/attachments/{file}", self._remove_file),
            web.get(one, self._get),
            web.patch(one, self._change),
            web.delete(one, self._throw_away),
            web.put("/upload/{session}", self._take_stretch),
            web.get("/upload/{session}", self._upload_state),
            *self.subscriptions.routes(),
        ]

    def problem(self, status: int, code: str, message: str) -> JsonValue:
        """Return Graph's error body."""
        del status
        at = datetime.fromtimestamp(0, UTC).isoformat()
        return {"error": {"code": code, "message": message, "innerError": {"request-id": TENANT, "date": at}}}

    @web.middleware
    async def _admit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let in who has a token and the permission, four at a time; the login server and uploads ask for none."""
        if request.path.endswith("/oauth2/v2.0/token") or request.path.startswith("/upload/"):
            return await handler(request)
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.login.tokens:
            return self.refuse(401, "InvalidAuthenticationToken", "Access token has expired or is not yet valid.")
        if self._needs(request) in self.forbidden:
            return self.refuse(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
        if self._at_once >= MOST_AT_ONCE:
            return self.refuse(429, "ApplicationThrottled", "Too many at once.", {"Retry-After": "1"})
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            await asyncio.sleep(self.pause)
            return await handler(request)
        except web.HTTPNotFound:
            return self.refuse(404, "ErrorItemNotFound", "The specified object was not found in the store.")
        finally:
            self._at_once -= 1

    def _needs(self, request: web.Request) -> str:
        if request.path.endswith(SENDS):
            return "send"
        return "read" if request.method == "GET" else "write"

    def box(self, request: web.Request) -> Account:
        """Return the mailbox a request is about."""
        try:
            return self.accounts[request.match_info["mailbox"].casefold()]
        except KeyError:
            raise web.HTTPNotFound from None

    def mail(self, request: web.Request) -> Mail:
        """Return the mail a request is about."""
        mail = self.box(request).find(request.match_info["id"])
        if mail is None:
            raise web.HTTPNotFound
        return mail

    def shown(self, request: web.Request, mail: Mail) -> dict[str, Any]:
        """Return a mail as it is asked for: its id for ever, or until it is moved."""
        key = mail.id if 'IdType="ImmutableId"' in request.headers.get("Prefer", "") else f"{mail.id}~{mail.moves}"
        fields = {**mail.fields, "parentFolderId": mail.folder, "bodyPreview": mail.fields["body"]["content"][:255]}
        if 'outlook.body-content-type="text"' not in request.headers.get("Prefer", "") and "body" in fields:
            fields["body"] = {"contentType": "html", "content": f"<html>{fields['body']['content']}</html>"}
        shown = {"id": key, **dict(selected(fields, request.query.get("$select", "")))}
        if "$expand" in request.query:
            shown["singleValueExtendedProperties"] = [
                {"id": name, "value": value} for name, value in mail.properties.items()
            ]
        return shown

    async def _delta(self, request: web.Request) -> web.Response:
        box = self.box(request)
        if request.match_info["folder"] != "inbox":
            raise web.HTTPNotFound
        token = request.query.get("$skiptoken") or request.query.get("$deltatoken")
        if token and token not in box.places:
            return self.refuse(410, "SyncStateNotFound", "The sync state generation is not found.")
        if token and "$deltatoken" in request.query:
            token = box.again(token)
        shown, following, over = box.page(token or box.begin(request.query.get("$filter", "")), _page_size(request))
        name = "deltatoken" if over else "skiptoken"
        where = f"{request.url.origin()}{request.rel_url.raw_path}?${name}={quote(following, safe='')}"
        return web.json_response({"value": shown, "@odata.deltaLink" if over else "@odata.nextLink": where})

    async def _listed(self, request: web.Request) -> web.Response:
        box, folder = self.box(request), request.match_info.get("folder")
        if folder is not None and folder not in box.folders:
            raise web.HTTPNotFound
        found = letterbox.listed(box, folder, request.query)
        start, size = int(request.query.get("$skip", 0)), int(request.query.get("$top", _page_size(request)))
        answer: dict[str, Any] = {"value": [self.shown(request, one) for one in found[start : start + size]]}
        if start + size < len(found):
            answer["@odata.nextLink"] = str(request.url.update_query({"$skip": start + size}))
        return web.json_response(answer)

    async def _get(self, request: web.Request) -> web.Response:
        return web.json_response(self.shown(request, self.mail(request)))

    async def _octets(self, request: web.Request) -> web.Response:
        return web.Response(body=self.mail(request).raw, content_type="text/plain")

    async def _folders(self, request: web.Request) -> web.Response:
        wanted = request.query.get("$filter", "").removeprefix("displayName eq ").strip("'").replace("''", "'")
        found = [(key, name) for key, name in self.box(request).folders.items() if wanted in ("", name)]
        return web.json_response({"value": [{"id": key, "displayName": name} for key, name in found]})

    async def _new_folder(self, request: web.Request) -> web.Response:
        box, name = self.box(request), (await request.json())["displayName"]
        if name in box.folders.values():
            return self.refuse(409, "ErrorFolderExists", "A folder with the specified name already exists.")
        key = box.new_id("folder")
        box.folders[key] = name
        self.changed(request)
        return web.json_response({"id": key, "displayName": name}, status=201)

    async def _move(self, request: web.Request) -> web.Response:
        box, mail, folder = self.box(request), self.mail(request), (await request.json())["DestinationId"]
        if folder not in box.folders:
            raise web.HTTPNotFound
        box.move(mail, folder)
        self.changed(request)
        return web.json_response(self.shown(request, mail), status=201)

    async def _new_draft(self, request: web.Request) -> web.Response:
        return self._drafted(request, {}, await request.json())

    async def _reply(self, request: web.Request) -> web.Response:
        original = self.mail(request)
        answer = self._drafted(request, letterbox.reply_to(original), (await request.json()).get("Message", {}))
        if original.files and answer.status == 201:  # pictures of the mail come along
            draft = list(self.box(request).mails.values())[-1]
            draft.files.update({key: dict(one) for key, one in original.files.items()})
        return answer

    def _drafted(self, request: web.Request, begun: Mapping[str, Any], said: Mapping[str, Any]) -> web.Response:
        headers = said.get("internetMessageHeaders", ())
        if any(not one["name"].lower().startswith("x-") for one in headers):
            return self.refuse(400, "InvalidInternetMessageHeader", "The header name should start with 'x-'.")
        box = self.box(request)
        draft = Mail(box.new_id("mail"), DRAFTS, {**letterbox.EMPTY, **begun})
        self.write(draft, {} if begun and self.deaf else said, self.stubborn_cc)
        draft.fields["internetMessageId"] = f"<{draft.id}@sandbox.example>"
        box.mails[draft.id] = draft
        self.changed(request)
        return web.json_response(self.shown(request, draft), status=201)

    async def _change(self, request: web.Request) -> web.Response:
        mail = self.mail(request)
        if not mail.fields["isDraft"]:
            return self.refuse(400, "ErrorInvalidPropertySet", "The property can only be set on a draft.")
        self.write(mail, await request.json(), self.stubborn_cc)
        self.changed(request)
        return web.json_response(self.shown(request, mail))

    async def _send(self, request: web.Request) -> web.Response:
        mail = self.mail(request)
        if not mail.fields["isDraft"]:
            return self.refuse(400, "ErrorInvalidRequest", "The item is no draft.")
        if not mail.fields["toRecipients"]:
            return self.refuse(400, "ErrorInvalidRecipients", "At least one recipient is not valid.")
        letterbox.leave(self.box(request), mail)
        self.changed(request)
        return web.Response(status=202)

    async def _remove(self, request: web.Request) -> web.Response:
        self.box(request).remove(self.mail(request))
        self.changed(request)
        return web.Response(status=204)

    async def _throw_away(self, request: web.Request) -> web.Response:
        self.box(request).move(self.mail(request), DELETED)
        self.changed(request)
        return web.Response(status=204)

    async def _files(self, request: web.Request) -> web.Response:
        named = [{"id": key, "name": one["name"]} for key, one in self.mail(request).files.items()]
        return web.json_response({"value": named})

    async def _new_file(self, request: web.Request) -> web.Response:
        said = await request.json()
        content = base64.b64decode(said["contentBytes"])
        if len(content) > letterbox.SMALL:
            return self.refuse(413, "ErrorMessageSizeExceeded", "The file is too big for one request.")
        key = letterbox.attach(self.box(request), self.mail(request), said["name"], said["contentType"], content)
        self.changed(request)
        kind = {"@odata.type": "#microsoft.graph.fileAttachment"}
        return web.json_response({**kind, "id": key, "name": said["name"]}, status=201)

    async def _remove_file(self, request: web.Request) -> web.Response:
        if self.mail(request).files.pop(request.match_info["file"], None) is None:
            raise web.HTTPNotFound
        self.changed(request)
        return web.Response(status=204)

    async def _new_upload(self, request: web.Request) -> web.Response:
        item = (await request.json())["AttachmentItem"]
        key = secrets.token_urlsafe(16)
        self.uploads[key] = letterbox.Upload(self.box(request), self.mail(request), item)
        self.changed(request)
        until = (datetime.fromtimestamp(0, UTC) + timedelta(days=365 * 100)).isoformat()
        url = f"{request.url.origin()}/upload/{key}"
        answer = {"uploadUrl": url, "expirationDateTime": until, "nextExpectedRanges": ["0-"]}
        return web.json_response(answer, status=201)

    async def _take_stretch(self, request: web.Request) -> web.Response:
        if "Authorization" in request.headers:
            return self.refuse(401, "InvalidAudience", "No token belongs here.")
        upload = self._upload(request)
        whole = upload.take(request.headers["Content-Range"], await request.read())
        self.changed(request)
        if whole:
            del self.uploads[request.match_info["session"]]
            return web.Response(status=201)
        return web.json_response({"nextExpectedRanges": [f"{len(upload.content)}-"]})

    async def _upload_state(self, request: web.Request) -> web.Response:
        return web.json_response({"nextExpectedRanges": [f"{len(self._upload(request).content)}-"]})

    def _upload(self, request: web.Request) -> letterbox.Upload:
        try:
            return self.uploads[request.match_info["session"]]
        except KeyError:
            problem = self.problem(404, "ErrorItemNotFound", "There is no such session.")
            raise web.HTTPNotFound(text=web.json_response(problem).text, content_type="application/json") from None


def _page_size(request: web.Request) -> int:
    wanted = request.headers.get("Prefer", "").partition("odata.maxpagesize=")[2].partition(",")[0]
    return int(wanted) if wanted.isdecimal() else 10


def stanza(url: str, sandbox: GraphSandbox) -> dict[str, object]:
    """Return the mailbox settings that point the desk at *sandbox*, served at *url*."""
    return {
        "kind": "graph",
        "address": sandbox.account.address,
        "tenant_id": TENANT,
        "client_id": CLIENT,
        "client_secret": SECRET,
        "base_url": url,
        "login_url": url,
    }
