"""Files that colleagues attached to activities. HubSpot can delete a file for good, unlike the note it hangs on."""

from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

from integrations.http import Api, NotHeld, at, link
from integrations.hubspot.answers import FileOnFile, SignedUrl
from integrations.hubspot.places import FILES

#: Largest file handed over, in octets: what a colleague attaches to a note is far smaller.
LARGEST: Final = 64 * 2**20
#: HubSpot's words for a file that nobody sees who is not let in.
PRIVATE: Final = frozenset({"HIDDEN_PRIVATE", "HIDDEN_SENSITIVE", "PRIVATE", "SENSITIVE"})


class Files:
    """HubSpot's files."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def about(self, file: str) -> FileOnFile | None:
        """Return a file's description; None when it is gone."""
        try:
            about = await self._api.get(at(FILES, file), FileOnFile)
        except NotHeld:
            return None
        return None if about.archived else about

    async def of(self, file: str) -> tuple[Mapping[str, JsonValue], tuple[tuple[str, bytes], ...]]:
        """Return what is said about a file and the file itself; nothing when it is gone."""
        about = await self.about(file)
        if about is None:
            return {}, ()
        try:
            signed = await self._api.get(at(FILES + "/signed-url", file), SignedUrl)
            content = await self._api.octets(link(signed.url), signed=False, most=LARGEST)
        except NotHeld:
            return {}, ()
        fields: dict[str, JsonValue] = about.model_dump(exclude_none=True, by_alias=True)
        return fields, ((_name(about), content),)

    async def erase(self, file: str) -> None:
        """Delete a file and its content for good."""
        await self._api.delete(at(FILES + "/gdpr-delete", file))


def for_the_record_only(about: FileOnFile) -> bool:
    """Whether a file is private and no part of any page or mailing; one of which HubSpot does not say so may be."""
    return about.access in PRIVATE and about.in_content is False


def _name(about: FileOnFile) -> str:
    """Return the file's name as a plain name: HubSpot keeps the ending apart."""
    plain = (about.name or about.id).replace("/", "_").replace("\\", "_").lstrip(".") or about.id
    ending = f".{about.extension}" if about.extension and not plain.endswith(f".{about.extension}") else ""
    return plain + ending
