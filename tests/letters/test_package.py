"""The package: readable, loadable, the same bytes every time, and never a path of somebody else's choosing."""

import json
import re
from html.parser import HTMLParser
from io import BytesIO
from pathlib import PurePosixPath, PureWindowsPath
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.request import Language
from bot.domain.system import Exported, Record
from bot.letters.package import LONGEST_NAME, pack, safe_name
from tests.letters.examples import STATIONERY, Words

VOICES = {
    "hubspot": Words("HubSpot", {one: {"kind.contact.one": "{n} kontakt"} for one in Language}),
    "paper": Words("Papper & pärm"),
}
HOSTILE = "<script>alert(1)</script>"


def exported(**fields: object) -> Exported:
    return Exported(Record("hubspot", "contact", "1"), {**fields, "none": None})


CONTENTS = {
    "paper": [],
    "hubspot": [
        exported(email="anna@example.org", note=HOSTILE, tags=["a", "b"], address={"city": "Malmö"}, empty=""),
        Exported(Record("hubspot", "file", "2"), {"n": 3}, (("cv.pdf", b"one"), ("cv.pdf", b"two"))),
    ],
}


def packed(language: Language = Language.SV) -> bytes:
    return pack(STATIONERY, language, "PR-2026-0042", CONTENTS, VOICES)


def entries(content: bytes) -> dict[str, bytes]:
    with ZipFile(BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_everything_that_was_exported_is_there() -> None:
    found = entries(packed())
    assert list(found) == sorted(found)
    assert set(found) == {
        "index.html",
        "data/hubspot.json",
        "data/paper.json",
        "files/hubspot/0002-01-cv.pdf",
        "files/hubspot/0002-02-cv.pdf",
    }
    assert found["files/hubspot/0002-01-cv.pdf"] == b"one"
    assert found["files/hubspot/0002-02-cv.pdf"] == b"two"


def test_a_computer_can_read_it_all() -> None:
    loaded = json.loads(entries(packed())["data/hubspot.json"])
    assert loaded["system"] == "HubSpot"
    assert loaded["records"][0]["fields"] == dict(CONTENTS["hubspot"][0].fields)
    assert loaded["records"][1]["files"] == ["files/hubspot/0002-01-cv.pdf", "files/hubspot/0002-02-cv.pdf"]
    assert json.loads(entries(packed())["data/paper.json"])["records"] == []


def test_the_same_exports_give_the_same_bytes() -> None:
    assert packed() == packed()
    turned = dict(reversed(CONTENTS.items()))
    assert pack(STATIONERY, Language.SV, "PR-2026-0042", turned, VOICES) == packed()
    assert packed(Language.EN) != packed(Language.SV)


class Seen(HTMLParser):
    """Collects tags, attributes and text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("language", Language)
def test_the_page_is_readable_and_runs_nothing(language: Language) -> None:
    page = Seen()
    page.feed(entries(packed(language))["index.html"].decode())
    assert not {"script", "img", "link", "iframe", "object", "form"} & set(page.tags)
    assert {"main", "h1", "h2", "table", "caption", "th"} <= set(page.tags)
    assert ("lang", language.value) in page.attributes
    assert ("scope", "row") in page.attributes
    assert HOSTILE in page.text
    assert all(value and value.startswith("files/") for name, value in page.attributes if name == "href")
    assert not any(name.startswith("on") or name == "src" for name, _ in page.attributes)
    for shown in ("anna@example.org", "address › city", "Malmö", "tags 2", "PR-2026-0042", "Papper & pärm"):
        assert shown in page.text
    assert any(value and "default-src 'none'" in value for _, value in page.attributes)


def test_a_system_that_gave_nothing_says_so() -> None:
    page = entries(packed())["index.html"].decode()
    assert "Inga uppgifter." in page[page.index("Papper") :]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("cv.pdf", "cv.pdf"),
        ("Mitt CV, våren.pdf", "Mitt CV_ våren.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\system.ini", "system.ini"),
        ("/etc/", "file"),
        ("", "file"),
        ("...", "file"),
        (".hidden", "hidden"),
        ("con", "file_con"),
        ("LPT1.txt", "file_LPT1.txt"),
        ("console.txt", "console.txt"),
        ("a\x00b\n.txt", "a_b_.txt"),
        ("a:b*?.txt", "a_b_.txt"),
    ],
)
def test_a_file_name_is_only_a_hint(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_long_name_keeps_its_ending() -> None:
    assert safe_name("x" * 300 + ".pdf") == "x" * (LONGEST_NAME - 4) + ".pdf"
    assert safe_name("x" * 300) == "x" * LONGEST_NAME
    assert safe_name("x." + "y" * 300) == ("x." + "y" * 300)[:LONGEST_NAME]


@given(st.text(max_size=200))
def test_no_name_leaves_its_folder(name: str) -> None:
    safe = safe_name(name)
    assert 0 < len(safe) <= LONGEST_NAME + len("file_")
    assert PurePosixPath(safe).name == safe
    assert PureWindowsPath(safe).name == safe
    assert not re.search(r"[\x00-\x1f]", safe)
    assert safe not in (".", "..")


@pytest.mark.parametrize(("language", "words"), [(Language.SV, "mappen files"), (Language.EN, "folder files")])
def test_the_page_points_to_files_only_where_there_are_some(language: Language, words: str) -> None:
    assert words in entries(packed(language))["index.html"].decode()
    without = pack(STATIONERY, language, "PR-2026-0042", {"hubspot": [exported(email="a@example.org")]}, VOICES)
    page = entries(without)["index.html"].decode()
    assert words not in page
    assert "data" in page
