"""Card 8: a retention review: how many, by which rule, who is left out and why.

The list itself is a review page, never a chat message. *Godkänn alla* appears only once
somebody has opened the list (D29), and takes two people, for it cannot be undone.
"""

from bot.card import Card, CardElement, Text, Verb
from bot.cards.buttons import Choices, aimed, button, pressing
from bot.cards.progress import aloud
from bot.cards.scene import Scene, dotted
from bot.domain.approving import said_by_one
from bot.domain.retention import NoInterestRule
from bot.ports import RetentionReview, ReviewState


def review_card(scene: Scene, review: RetentionReview, rule: NoInterestRule) -> Card:
    """Return the card of a review."""
    title = _title(scene, review)
    lines = (
        Text(_found(scene, review, rule), strong=True),
        Text(_excepted(scene, review)),
        Text(_state(scene, review)),
    )
    count = scene.count(review.count, "count.contacts")
    over = review.state in (ReviewState.APPROVED, ReviewState.DONE)
    to_do = "" if over else scene.say("retention.to_go_through", {"count": count})
    said = (title, to_do, _state(scene, review))
    shown = tuple(line for line in lines if line.text)
    elements: tuple[CardElement, ...] = (*shown, *_choices(scene, review, rule).actions())
    return Card(title, elements, aloud(*said), f"review:{review.id}")


def _title(scene: Scene, review: RetentionReview) -> str:
    facts = {
        "month": scene.texts.month(scene.language, review.started_at),
        "system": scene.system(review.system),
        "rule": scene.say(f"retention.rule.{review.rule}"),
    }
    return scene.say("retention.title", facts)


def _which(scene: Scene, review: RetentionReview) -> str:
    """Return the button of one list among several: its title would not fit a phone."""
    facts = {"month": scene.texts.month(scene.language, review.started_at), "system": scene.system(review.system)}
    return scene.say("button.review_list_of", facts)


def _found(scene: Scene, review: RetentionReview, rule: NoInterestRule) -> str:
    facts = {
        "count": scene.count(review.count, "count.contacts"),
        "signs": scene.say("retention.signs"),
        "months": scene.count(rule.months, "count.months"),
    }
    return scene.say("retention.line", facts)


def _excepted(scene: Scene, review: RetentionReview) -> str:
    counts = [_exempt(scene, review, why, n) for why, n in review.exempt.items() if n]
    if not counts:
        return scene.say("retention.excepted_none")
    return scene.say("retention.excepted", {"what": dotted(*counts)})


def _exempt(scene: Scene, review: RetentionReview, why: str, n: int) -> str:
    """Return "3 bevarandekrav": our own words, else the system's, else just how many for another reason."""
    own = scene.counted_by(review.system, f"exempt.{why}", n)
    if own:
        return own
    key = f"count.exempt_{why}"
    return scene.count(n, key if scene.texts.has(f"{key}.one") else "count.exempt")


def _state(scene: Scene, review: RetentionReview) -> str:
    facts = {"who": scene.names(review.approved_by), "done": review.done, "total": review.count}
    alone = scene.say("retention.alone") if said_by_one(review.approved_by) else ""
    match review.state:
        case ReviewState.PROPOSED:
            return dotted(scene.say("retention.not_opened"), _waiting(scene, review))
        case ReviewState.OPENED if review.approved_by:
            return dotted(scene.say("retention.approved_once", facts), _waiting(scene, review))
        case ReviewState.OPENED:
            opened = scene.say("retention.opened_by", {"who": scene.names(review.opened_by)})
            return dotted(opened, _waiting(scene, review))
        case ReviewState.POSTPONED:
            until = scene.day(review.postponed_until) if review.postponed_until else ""
            return scene.say("retention.postponed", {"day": until})
        case ReviewState.APPROVED:
            return dotted(scene.say("retention.approved", facts), alone, scene.say("retention.working", facts))
        case ReviewState.DONE:
            return dotted(scene.say("retention.done", facts), alone)


def _waiting(scene: Scene, review: RetentionReview) -> str:
    others = scene.seconds(scene.people.approvers(review.system), review.approved_by)
    return scene.say("card.waiting_for", {"who": scene.names(others, either=True)})


def _choices(scene: Scene, review: RetentionReview, rule: NoInterestRule) -> Choices:
    look = button(scene, Verb.REVIEW_LIST, review)
    days = scene.count(rule.postpone_days, "count.days")
    postpone = button(scene, Verb.POSTPONE_REVIEW, review, scene.say("button.postpone_review", {"days": days}))
    count = scene.texts.number(scene.language, review.count)
    approve = pressing(scene, aimed(Verb.APPROVE_REVIEW, review), scene.say("button.approve_review", {"count": count}))
    match review.state:
        case ReviewState.PROPOSED:
            return Choices((look, postpone))
        case ReviewState.OPENED:
            return Choices((look, approve, postpone), leads=False)
        case ReviewState.POSTPONED:
            return Choices((look,), leads=False)
        case ReviewState.APPROVED | ReviewState.DONE:
            return Choices()


def reviews_card(scene: Scene, reviews: tuple[RetentionReview, ...], about: str = "retention") -> Card:
    """Return the open reviews in one line each, private to the asker."""
    title = scene.say("retention.list_title")
    lines = [dotted(_title(scene, review), _state(scene, review)) for review in reviews]
    said = lines or [scene.say("retention.nothing_open")]
    open_them = tuple(button(scene, Verb.REVIEW_LIST, review, _which(scene, review)) for review in reviews)
    return Card(
        title, (*(Text(line) for line in said), *Choices(open_them, leads=False).actions()), aloud(title, *said), about
    )
