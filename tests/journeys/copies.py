"""Going through a copy as a colleague does: find the record on the review page, say what becomes of it, save."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from zipfile import ZipFile

from aiohttp import FormData
from selectolax.lexbor import LexborHTMLParser, LexborNode

from tests.journeys.furnished import FIRST, Furnished, Visitor
from tests.journeys.leaks import leaks


@dataclass(slots=True)
class CopyPage:
    """An opened review page, with the records of a copy by a word that stands in each."""

    desk: Furnished
    browser: Visitor
    path: str
    html: str
    said: list[str] = field(default_factory=list)

    @property
    def forms(self) -> list[LexborNode]:
        """The forms of the records shown."""
        return LexborHTMLParser(self.html).css("form[action$='/copy']")

    def record(self, word: str) -> LexborNode:
        """Return the form of the one record in which a word stands."""
        found = [one for one in self.forms if word in section_of(one)]
        assert len(found) == 1, f"{word!r} stands in {len(found)} records"
        return found[0]

    async def judge(self, word: str, file: tuple[str, bytes] | None = None, **given: str) -> tuple[int, str]:
        """Say what becomes of the record in which a word stands; return the answer, let follow what follows."""
        return await self.send(values_of(self.record(word)) | given, file)

    async def send(self, values: Mapping[str, str], file: tuple[str, bytes] | None = None) -> tuple[int, str]:
        """Send a record's form."""
        form = FormData(default_to_multipart=True)
        for name, value in values.items():
            form.add_field(name, value)
        if file is not None:
            form.add_field("file", file[1], filename=file[0])
        return await self._posted("copy", form)

    async def let_all_out(self, system: str, **given: str) -> tuple[int, str]:
        """Press that nothing shown of a system concerns others."""
        forms = LexborHTMLParser(self.html).css("form[action$='/copies']")
        (form,) = (one for one in forms if system in section_of(one))
        return await self._posted("copies", FormData(values_of(form) | given))

    async def fetch(self, values: Mapping[str, str]) -> tuple[int, bytes]:
        """Fetch a file of a record."""
        async with self.browser.session.post(f"{self.browser.url}{self.path}/copied", data=dict(values)) as answer:
            return answer.status, await answer.read()

    async def _posted(self, act: str, form: FormData) -> tuple[int, str]:
        async with self.browser.session.post(f"{self.browser.url}{self.path}/{act}", data=form) as answer:
            status, page = answer.status, await answer.text()
        await self.desk.settle()
        self.html = page
        return status, notice(page)


async def copy_page(desk: Furnished, name: str, ref: str = FIRST) -> CopyPage:
    """Open the review page as a colleague."""
    return CopyPage(desk, *await desk.review(name, ref))


def values_of(form: LexborNode) -> dict[str, str]:
    """Return the hidden values of a form."""
    return {one.attributes["name"] or "": one.attributes["value"] or "" for one in form.css("input[type=hidden]")}


def section_of(form: LexborNode) -> str:
    """Return what stands in the section a form belongs to."""
    assert form.parent is not None
    return form.parent.text()


def notice(page: str) -> str:
    """Return what the page says about the last press."""
    found = LexborHTMLParser(page).css_first(".notice[role]")
    return found.text().strip() if found is not None else ""


def leaking(package: bytes, *words: str) -> list[str]:
    """Return where any of the words stand in a package, however spelled: in its names and in every file."""
    archive = ZipFile(BytesIO(package))
    held = {name: archive.read(name) for name in archive.namelist()}
    return leaks({**held, "names": "\n".join(held).encode()}, words)
