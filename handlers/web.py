"""The one web application: doors (routes) of every handler, guarded alike.

Every answer carries the same security headers, every refusal is one clear sentence, and
the log knows a route by its pattern only: aiohttp's own access log stays off because
it would write the tokens of links down (D14).
"""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from bot.domain.errors import (
    NO_FACTS,
    Incomplete,
    NotAllowedNow,
    NotFound,
    NotYours,
    PrivacyDeskError,
    Shredded,
    StaleCard,
    SystemTrouble,
)
from handlers.page import FORM_LIMIT, Pages, language_of, look_routes

log = logging.getLogger(__name__)

Door = Iterable[web.AbstractRouteDef]

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}
STATUSES: Final[dict[type[PrivacyDeskError], int]] = {
    NotFound: 404,
    Shredded: 410,
    NotYours: 403,
    NotAllowedNow: 409,
    StaleCard: 409,
    Incomplete: 422,
    SystemTrouble: 503,
    PrivacyDeskError: 400,
}
SENTENCES: Final = {404: "web.not_found", 405: "web.not_found", 413: "web.too_large", 429: "web.slow_down"}
PROMETHEUS: Final = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Figure:
    """One count for /metrics, by labels: closed words (stage, right, outcome), never anything about a person."""

    name: str
    says: str
    labels: tuple[str, ...]
    counts: Mapping[tuple[str, ...], int]


@dataclass(frozen=True, slots=True)
class Vitals:
    """How the desk is. `ready` names what must work (store, keys, worker); `figures` counts."""

    ready: Callable[[], Awaitable[Mapping[str, bool]]]
    figures: Callable[[], Awaitable[Sequence[Figure]]]


def make_application(pages: Pages, vitals: Vitals, doors: Iterable[Door]) -> web.Application:
    """Return the application with health, metrics, the look and every door behind the same guards."""
    answered: Counter[tuple[str, str, str]] = Counter()
    application = web.Application(middlewares=[_counted(answered), _clear_refusals(pages)], client_max_size=FORM_LIMIT)
    application.on_response_prepare.append(_guarded)
    application.add_routes([web.get("/healthz", _alive), *_vital_routes(vitals, answered), *look_routes()])
    for door in doors:
        application.add_routes(door)
    return application


def make_runner(application: web.Application) -> web.AppRunner:
    """Return the runner, without aiohttp's access log."""
    return web.AppRunner(application, access_log=None)


async def _alive(_request: web.Request) -> web.Response:
    return web.json_response({"alive": True})


def _vital_routes(vitals: Vitals, answered: Counter[tuple[str, str, str]]) -> list[web.RouteDef]:
    async def ready(_request: web.Request) -> web.Response:
        parts = dict(await vitals.ready())
        return web.json_response(parts, status=200 if all(parts.values()) else 503)

    async def metrics(_request: web.Request) -> web.Response:
        registry = CollectorRegistry(auto_describe=False)
        ProcessCollector(registry=registry)
        registry.register(_Once([*map(_family, await vitals.figures()), _answers(answered)]))
        return web.Response(body=generate_latest(registry), headers={"Content-Type": PROMETHEUS})

    return [web.get("/readyz", ready), web.get("/metrics", metrics)]


class _Once:
    """Hands prometheus_client the families of one scrape."""

    def __init__(self, families: Sequence[Metric]) -> None:
        self._families = families

    def collect(self) -> Sequence[Metric]:
        return self._families


def _family(figure: Figure) -> Metric:
    family = GaugeMetricFamily(f"privacy_desk_{figure.name}", figure.says, labels=figure.labels)
    for values, count in sorted(figure.counts.items()):
        family.add_metric(values, count)
    return family


def _answers(answered: Counter[tuple[str, str, str]]) -> Metric:
    family = CounterMetricFamily(
        "privacy_desk_http_answers", "Answers by route pattern.", labels=("method", "route", "status")
    )
    for values, count in sorted(answered.items()):
        family.add_metric(values, count)
    return family


async def _guarded(_request: web.Request, response: web.StreamResponse) -> None:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.pop("Server", None)


def pattern_of(request: web.Request) -> str:
    """Return the route's pattern ("/c/{token}"), the only form of a path that is written down."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "-"


def _counted(answered: Counter[tuple[str, str, str]]) -> Middleware:
    @web.middleware
    async def counted(request: web.Request, handler: Handler) -> web.StreamResponse:
        route, status = pattern_of(request), 500
        try:
            response = await handler(request)
            status = response.status
        except web.HTTPRedirection as elsewhere:
            status = elsewhere.status
            raise
        finally:
            answered[request.method, route, str(status)] += 1
            log.info("answered %s %s %d", request.method, route, status)
        return response

    return counted


def _clear_refusals(pages: Pages) -> Middleware:
    @web.middleware
    async def clear_refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except PrivacyDeskError as refusal:
            status = next(code for kind, code in STATUSES.items() if isinstance(refusal, kind))
            return pages.notice(language_of(request), refusal.key, status, refusal.facts)
        except web.HTTPRedirection:
            raise
        except web.HTTPException as http:
            return _in_words(pages, request, http)
        except Exception as trouble:  # noqa: BLE001 - the last line of defence: nobody outside sees a traceback
            log.error("failed %s %s %s", request.method, pattern_of(request), _where(trouble))
            return pages.notice(language_of(request), "web.broken", 500, NO_FACTS)

    return clear_refusals


def _in_words(pages: Pages, request: web.Request, http: web.HTTPException) -> web.StreamResponse:
    page = pages.notice(language_of(request), SENTENCES.get(http.status, "web.refused"), http.status, NO_FACTS)
    for name in ("Allow", "Retry-After"):
        if name in http.headers:
            page.headers[name] = http.headers[name]
    return page


def _where(trouble: Exception) -> str:
    """Return the exception's class and the line it came from: its message may hold personal data."""
    trace = trouble.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    code = f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}" if trace is not None else "-"
    return f"{type(trouble).__name__} in {code}"
