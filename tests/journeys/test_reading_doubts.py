"""Why a reading may be wrong is told on the review page in the colleague's language, and never in the chat."""

from bot.domain.request import Language
from config.texts import load_catalogue
from tests.journeys.furnished import Furnished
from tests.journeys.test_boundaries import mail

OBLIQUE = "Hej! Jag har gått i pension nu, så breven om kontorsplatser kan gå till någon annan. Tack för den här tiden."


async def test_a_guess_says_on_the_review_page_that_it_is_one(desk: Furnished) -> None:
    await desk.mail(mail(desk, "Ulla Ek <ulla.ek@example.org>", "Nyhetsbrevet", OBLIQUE))
    await desk.settle()
    _, _, page = await desk.review("sara")
    texts = load_catalogue()
    assert texts[Language.SV]["review.doubts"] in page
    assert texts[Language.SV]["reading_doubt.guessed"] in page
