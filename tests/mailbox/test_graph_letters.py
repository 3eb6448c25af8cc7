"""How a letter leaves through Graph: to one person, once, whatever the mail it answers wants."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from pydantic import JsonValue

from bot.domain.errors import CredentialsRefused, NeedsHuman, OutcomeUnknown, TryLater
from bot.ports import Attachment
from integrations.mailbox.graph import files, letterbox
from integrations.mailbox.graph.account import SENT, Mail
from integrations.sandbox import Fault, Trouble
from tests.mailbox.conftest import Graph, mail
from tests.mailbox.test_contract import LETTER

PLAIN = replace(LETTER, attachments=())
EVIL = "Reply-To: evil@example.net\r\nCc: spy@example.net, evil@example.net\r\n"
BIG = Attachment("kopia.zip", "application/zip", bytes(range(256)) * 40_000)


def sent(graph: Graph) -> list[Mail]:
    """Return what has left."""
    return graph.sandbox.account.lying_in(SENT)


def to(one: Mail) -> list[str]:
    """Return every address a mail goes to or asks to be answered at."""
    names = ("toRecipients", "ccRecipients", "bccRecipients", "replyTo")
    return [each["emailAddress"]["address"] for name in names for each in one.fields[name]]


async def test_an_answer_is_a_reply_to_the_person_alone(graph: Graph) -> None:
    """Reply-To and Cc of the mail it answers choose nothing (D7b), and nothing of it is quoted."""
    original = graph.arrive(1, raw=mail(1, more=EVIL))
    graph.sandbox.account.mails[original].files["f0"] = {"name": "bild.png", "contentType": "image/png"}
    await graph.restarted().send(PLAIN)
    (one,) = sent(graph)
    assert to(one) == ["anna@example.org"]
    assert one.fields["conversationId"] == original
    assert one.fields["body"] == {"contentType": "text", "content": PLAIN.text}
    assert one.fields["subject"] == PLAIN.subject
    assert one.files == {}
    assert one.fields["internetMessageHeaders"] == [{"name": "X-Auto-Response-Suppress", "value": "All"}]


async def test_a_letter_to_another_than_who_wrote_goes_there(graph: Graph) -> None:
    graph.arrive(1, raw=mail(1, sender="colleague@goto.work", more=EVIL))
    await graph.restarted().send(replace(PLAIN, recipient="Person@Example.org"))
    assert to(sent(graph)[0]) == ["Person@Example.org"]


@pytest.mark.parametrize("answered", ["", "<unknown@example.org>", "<o'neill@example.org>", "no message id"])
async def test_without_the_mail_it_answers_a_letter_stands_alone(graph: Graph, answered: str) -> None:
    await graph.restarted().send(replace(PLAIN, in_reply_to=answered))
    (one,) = sent(graph)
    assert to(one) == [PLAIN.recipient]
    assert "conversationId" not in one.fields


async def test_a_mail_one_cannot_reply_to_is_answered_by_a_letter_of_its_own(graph: Graph) -> None:
    graph.arrive(1)
    graph.sandbox.faults.add(Fault(Trouble.STATUS, "POST", "/createReply", status=400))
    await graph.restarted().send(PLAIN)
    assert [to(one) for one in sent(graph)] == [[PLAIN.recipient]]


async def test_ten_thousand_recipients_of_a_mail_get_no_answer(graph: Graph) -> None:
    crowd = ", ".join(f"person{number}@example.org" for number in range(10_000))
    graph.arrive(1, raw=mail(1, more=f"Cc: {crowd}\r\nReply-To: {crowd}\r\n"))
    await graph.restarted().send(PLAIN)
    assert to(sent(graph)[0]) == [PLAIN.recipient]


async def test_a_draft_that_would_go_elsewhere_is_thrown_away(graph: Graph) -> None:
    graph.arrive(1)
    graph.sandbox.stubborn_cc = "spy@example.net"
    with pytest.raises(NeedsHuman) as refused:
        await graph.restarted().send(PLAIN)
    assert refused.value.key == "trouble.mail_recipient"
    assert not sent(graph)
    assert not graph.sandbox.account.lying_in("drafts")
    graph.sandbox.stubborn_cc = ""
    await graph.restarted().send(PLAIN)
    assert len(sent(graph)) == 1


async def test_a_reply_that_passes_over_what_it_is_made_with_is_set_all_the_same(graph: Graph) -> None:
    """Seen in the wild: createReply takes neither recipients nor text; Reply-To must not win then either."""
    graph.arrive(1, raw=mail(1, more=EVIL))
    graph.sandbox.deaf = True
    await graph.restarted().send(LETTER)
    (one,) = sent(graph)
    assert to(one) == [LETTER.recipient]
    assert one.fields["body"]["content"] == LETTER.text
    await graph.restarted().send(LETTER)
    assert len(sent(graph)) == 1


async def test_a_draft_that_could_not_be_found_again_does_not_leave(graph: Graph) -> None:
    graph.arrive(1)
    original = letterbox.write

    def forgetful(draft: Mail, said: Mapping[str, Any], stubborn_cc: str) -> None:
        original(draft, {name: value for name, value in said.items() if "Properties" not in name}, stubborn_cc)

    graph.sandbox.write = forgetful
    with pytest.raises(NeedsHuman) as refused:
        await graph.restarted().send(PLAIN)
    assert refused.value.key == "trouble.mail_refused"
    assert not sent(graph)
    assert not graph.sandbox.account.lying_in("drafts")


async def test_sending_twice_sends_once(graph: Graph) -> None:
    box = graph.restarted()
    for _ in range(3):
        await box.send(LETTER)
    await graph.restarted().send(LETTER)
    assert len(sent(graph)) == 1


async def test_a_sent_letter_that_somebody_filed_elsewhere_is_still_sent(graph: Graph) -> None:
    box = graph.restarted()
    await box.send(PLAIN)
    graph.sandbox.account.move(sent(graph)[0], "deleteditems")
    assert await box.was_sent(PLAIN.message_id)
    await box.send(PLAIN)
    assert not sent(graph)


async def test_an_answer_lost_in_sending_is_looked_into(graph: Graph) -> None:
    graph.sandbox.faults.add(Fault(Trouble.LOST_ANSWER, "POST", "/send"))
    await graph.restarted().send(LETTER)
    assert len(sent(graph)) == 1


async def test_when_looking_cannot_tell_the_outcome_is_unknown_and_the_same_draft_goes_later(graph: Graph) -> None:
    graph.sandbox.faults.add(Fault(Trouble.LOST_REQUEST, "POST", "/send"))
    box = graph.restarted()
    with pytest.raises(OutcomeUnknown):
        await box.send(LETTER)
    assert not await box.was_sent(LETTER.message_id)
    await graph.restarted().send(LETTER)
    assert len(sent(graph)) == 1
    assert not graph.sandbox.account.lying_in("drafts")


@pytest.mark.parametrize("path", ["/createReply", "/messages/AAk", "/attachments"])
@pytest.mark.parametrize("trouble", [Trouble.LOST_ANSWER, Trouble.LOST_REQUEST, Trouble.GARBAGE])
async def test_a_lost_answer_before_sending_means_nothing_has_left(graph: Graph, path: str, trouble: Trouble) -> None:
    graph.arrive(1)
    method = "PATCH" if path == "/messages/AAk" else "POST"
    graph.sandbox.faults.add(Fault(trouble, method, path))
    with pytest.raises(TryLater):
        await graph.restarted().send(LETTER)
    assert not sent(graph)
    await graph.restarted().send(LETTER)
    (one,) = sent(graph)
    assert to(one) == [LETTER.recipient]
    assert [file["name"] for file in one.files.values()] == ["kopia.csv"]
    assert not graph.sandbox.account.lying_in("drafts")


async def test_a_letter_may_not_be_sent_without_the_permission(graph: Graph) -> None:
    graph.sandbox.forbidden = {"send"}
    with pytest.raises(CredentialsRefused):
        await graph.restarted().send(PLAIN)
    assert not sent(graph)


async def test_a_big_file_goes_in_stretches_without_our_token(graph: Graph) -> None:
    await graph.restarted().send(replace(LETTER, attachments=(BIG, *LETTER.attachments)))
    (one,) = sent(graph)
    held = {file["name"]: file["content"] for file in one.files.values()}
    assert held[BIG.name] == BIG.content
    assert held["kopia.csv"] == LETTER.attachments[0].content
    stretches = [seen for seen in graph.sandbox.seen if seen.path.startswith("/upload/")]
    assert len(stretches) == -(-len(BIG.content) // files.STRETCH)


@pytest.mark.parametrize("trouble", [Trouble.LOST_ANSWER, Trouble.LOST_REQUEST, Trouble.STATUS, Trouble.GARBAGE])
@pytest.mark.parametrize("times", [1, 2])
async def test_a_stretch_in_trouble_goes_on_where_the_session_says(graph: Graph, trouble: Trouble, times: int) -> None:
    graph.sandbox.faults.add(Fault(trouble, "PUT", "/upload/", times=times, status=503))
    await graph.restarted().send(replace(LETTER, attachments=(BIG,)))
    (one,) = sent(graph)
    assert [file["content"] for file in one.files.values()] == [BIG.content]


async def test_the_last_answer_of_an_upload_lost(graph: Graph) -> None:
    small = replace(BIG, content=BIG.content[: files.BIG])
    graph.sandbox.faults.add(Fault(Trouble.LOST_ANSWER, "PUT", "/upload/"))
    await graph.restarted().send(replace(LETTER, attachments=(small,)))
    assert len(sent(graph)) == 1


async def test_an_upload_that_does_not_come_through_is_left_for_later(graph: Graph) -> None:
    graph.sandbox.faults.add(Fault(Trouble.LOST_REQUEST, "PUT", "/upload/", times=None))
    box = graph.restarted()
    with pytest.raises(TryLater):
        await box.send(replace(LETTER, attachments=(BIG,)))
    graph.sandbox.faults.clear()
    await box.send(replace(LETTER, attachments=(BIG,)))
    assert len(sent(graph)) == 1


async def test_an_upload_to_a_strange_host_is_refused(graph: Graph) -> None:
    body: JsonValue = {"uploadUrl": "https://evil.example/upload", "nextExpectedRanges": ["0-"]}
    graph.sandbox.faults.add(Fault(Trouble.STATUS, "POST", "createUploadSession", status=201, body=body))
    with pytest.raises(NeedsHuman) as refused:
        await graph.restarted().send(replace(LETTER, attachments=(BIG,)))
    assert refused.value.key == "trouble.strange_host"
    assert not sent(graph)


async def test_a_file_beyond_what_graph_takes_is_refused_before_anything_leaves(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LARGEST", 100)
    with pytest.raises(NeedsHuman):
        await graph.restarted().send(replace(LETTER, attachments=(BIG,)))
    assert not sent(graph)


async def test_a_draft_that_somebody_changed_is_written_over(graph: Graph) -> None:
    graph.sandbox.faults.add(Fault(Trouble.LOST_REQUEST, "POST", "/send"))
    box = graph.restarted()
    with pytest.raises(OutcomeUnknown):
        await box.send(LETTER)
    (draft,) = graph.sandbox.account.lying_in("drafts")
    draft.fields["toRecipients"] = [{"emailAddress": {"address": "wrong@example.net"}}]
    draft.fields["body"] = {"contentType": "text", "content": "något annat"}
    draft.files["f1"] = {"name": "fel.pdf", "contentType": "application/pdf", "content": b""}
    await box.send(LETTER)
    (one,) = sent(graph)
    assert to(one) == [LETTER.recipient]
    assert one.fields["body"]["content"] == LETTER.text
    assert [file["name"] for file in one.files.values()] == ["kopia.csv"]


async def test_a_draft_that_vanished_before_it_was_sent_is_tried_again(graph: Graph) -> None:
    graph.sandbox.faults.add(Fault(Trouble.STATUS, "POST", "/send", status=404))
    with pytest.raises(TryLater):
        await graph.restarted().send(PLAIN)
    await graph.restarted().send(PLAIN)
    assert len(sent(graph)) == 1


async def test_a_wrong_draft_that_cannot_be_thrown_away_is_not_sent_either(graph: Graph) -> None:
    graph.sandbox.stubborn_cc = "spy@example.net"
    graph.sandbox.faults.add(Fault(Trouble.STATUS, "POST", "/permanentDelete", status=500))
    with pytest.raises(NeedsHuman) as refused:
        await graph.restarted().send(PLAIN)
    assert refused.value.key == "trouble.mail_recipient"
    assert not sent(graph)


@pytest.mark.parametrize(("trouble", "status"), [(Trouble.STATUS, 404), (Trouble.LOST_ANSWER, 0)])
async def test_a_stranger_among_the_files_that_is_hard_to_remove(graph: Graph, trouble: Trouble, status: int) -> None:
    original = graph.arrive(1)
    graph.sandbox.account.mails[original].files["f0"] = {"name": "bild.png", "contentType": "image/png"}
    graph.sandbox.faults.add(Fault(trouble, "DELETE", "/attachments/", status=status))
    box = graph.restarted()
    if trouble is Trouble.LOST_ANSWER:
        with pytest.raises(TryLater):
            await box.send(LETTER)
        await box.send(LETTER)
        assert [file["name"] for file in sent(graph)[0].files.values()] == ["kopia.csv"]
    else:
        with pytest.raises(TryLater):
            await box.send(LETTER)  # it is not gone: the list says so
        assert not sent(graph)


async def test_files_are_listed_to_the_last_page(graph: Graph) -> None:
    graph.arrive(1)
    await graph.restarted().send(replace(PLAIN, message_id="<other@goto.work>"))
    (other,) = sent(graph)
    body: JsonValue = {
        "value": [],
        "@odata.nextLink": f"{graph.url}/users/info@goto.work/messages/{other.id}/attachments",
    }
    graph.sandbox.faults.add(Fault(Trouble.STATUS, "GET", "/attachments", status=200, body=body))
    await graph.restarted().send(LETTER)
    assert len(sent(graph)) == 2


async def test_an_upload_without_a_place_is_a_persons_to_look_at(graph: Graph) -> None:
    graph.sandbox.faults.add(Fault(Trouble.STATUS, "POST", "createUploadSession", status=201, body={}))
    with pytest.raises(NeedsHuman):
        await graph.restarted().send(replace(LETTER, attachments=(BIG,)))
    assert not sent(graph)
