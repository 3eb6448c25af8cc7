"""Which files can be blanked out by word: what would lose something by becoming text cannot."""

from email.message import EmailMessage

import pytest

from bot.services.records.readable import as_text, text_of


def mail(text: str, page: str = "", attached: bytes = b"") -> bytes:
    message = EmailMessage()
    message["From"] = "kim@example.com"
    message["Subject"] = "Två kvar"
    message.set_content(text, cte="base64")
    if page:
        message.add_alternative(page, subtype="html")
    if attached:
        message.add_attachment(attached, "application", "pdf", filename="cv.pdf")
    return message.as_bytes()


def test_a_mail_is_its_words_whatever_its_encoding() -> None:
    assert (text_of("mail.EML", mail("Hej Åsa!")) or "").strip() == "Hej Åsa!"
    both = text_of("mail.eml", mail("Hej", "<p>Hej <b>Kim</b> och alla andra som var med på mötet</p>")) or ""
    assert "Kim" in both


def test_hidden_words_of_a_mail_are_read_too() -> None:
    page = '<p>Synligt för alla som läser</p><p style="display:none">Kim Holm</p>'
    assert "Kim Holm" in (text_of("m.eml", mail("", page)) or "")


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("m.eml", mail("Hej", attached=b"%PDF")),
        ("m.eml", b"Content-Type: multipart/mixed\n\nbroken"),
        ("m.eml", mail("ord " * 40_000)),
        ("cv.pdf", b"%PDF-1.4"),
        ("cv.docx", b"PK"),
        ("note.txt", b"\xff\xfe\x00"),
        ("name", b"text"),
    ],
)
def test_what_cannot_be_read_whole_is_not_read(name: str, body: bytes) -> None:
    assert text_of(name, body) is None


def test_text_and_cards_are_read_as_they_are_and_unfolded() -> None:
    assert text_of("note.txt", "Åsa\n  Holm".encode()) == "Åsa\n  Holm"
    assert text_of("c.vcf", b"NOTE:Kim Ho\r\n lm") == "NOTE:Kim Holm"


def test_a_mail_that_became_text_is_called_so() -> None:
    assert as_text("mail.eml") == "mail.txt"
    assert as_text("contact.vcf") == "contact.vcf"
