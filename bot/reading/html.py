"""HTML as a person sees it, and what the same HTML hides.

Hidden text is kept apart and shown to the handler as hidden; it never decides anything
(R66). White letters are hidden only where nothing coloured lies behind them: newsletters
are full of honest white buttons.
"""

import re
from dataclasses import dataclass, replace
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

HTML_LETTERS: Final = 600_000
DEEPEST: Final = 800  # elements inside each other; a parser takes the square of it in time
_SILENT: Final = frozenset({"script", "style", "template", "noscript", "head", "title", "-doctype", "iframe"})
_BLOCKS: Final = frozenset(
    {"p", "div", "br", "tr", "table", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article"}
    | {"header", "footer", "pre", "hr", "blockquote", "address", "dl", "dt", "dd", "form", "center", "body"}
)
#: Elements without an end, or whose end is often left out.
_SHALLOW: Final = frozenset(
    {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr", "p", "li", "td", "tr", "th"}
    | {"dt", "dd", "option", "tbody", "thead", "body", "html", "head"}
)
_APART: Final = frozenset({"p", "ul", "ol", "table", "h1", "h2", "h3", "h4", "blockquote", "pre"})
_WHITE: Final = re.compile(r"^(?:white|#f{3,4}|#f{6}|#f{8}|#fe+fe+fe+|rgba?\(255,255,255.*\)|transparent)$")
_NOTHING: Final = re.compile(r"^(?:0+(?:\.0+)?(?:px|pt|em|rem|%)?|[01](?:\.\d+)?(?:px|pt))$")
_FAR_AWAY: Final = re.compile(r"^-\d{3,}")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,15})")
_RULE = re.compile(r"([^{}]{1,300})\{([^{}]{0,2000})\}")


@dataclass(frozen=True, slots=True)
class Page:
    """What a page shows, and what it hides; `cut` when it was too deep to be read to its end."""

    text: str
    hidden: str = ""
    cut: bool = False


@dataclass(frozen=True, slots=True)
class _Look:
    """How a node looks, as inherited: hidden, on a coloured ground, in how deep a quotation."""

    hidden: bool = False
    ground: bool = False
    quoted: int = 0


class _Paper:
    """Lines as they are written: each with the depth of its quotation."""

    def __init__(self) -> None:
        self.lines: list[tuple[int, list[str]]] = [(0, [])]
        self.hidden: list[str] = []

    def line(self, quoted: int, *, apart: bool = False) -> None:
        """Begin a line, with an empty one before it when it stands *apart*."""
        if apart and self.lines[-1][1]:
            self.lines.append((quoted, []))
        if self.lines[-1][1] or apart:
            self.lines.append((quoted, []))
        self.lines[-1] = (quoted, self.lines[-1][1])

    def page(self) -> Page:
        shown = [("> " * depth + " ".join("".join(line).split())).rstrip() for depth, line in self.lines]
        text = re.sub(r"\n(?:[> ]*\n){2,}", "\n\n", "\n".join(shown))
        return Page(text.strip("\n"), "\n".join(" ".join(part.split()) for part in self.hidden if part.strip()))


def read_page(html: str) -> Page:
    """Return what *html* (cut to `HTML_LETTERS`) shows and hides."""
    html, cut = _sane(html[:HTML_LETTERS])
    tree = LexborHTMLParser(html)
    paper = _Paper()
    invisible = _invisible_names(tree)
    waiting: list[tuple[LexborNode, _Look, bool]] = []
    if tree.root is not None:
        waiting.append((tree.root, _Look(), False))
    while waiting:
        node, look, closing = waiting.pop()
        if closing:
            paper.line(look.quoted, apart=node.tag in _APART)
            continue
        if not _is_element(node, look, paper):
            continue
        inner = _look(node, look, invisible)
        if node.tag in _BLOCKS:
            paper.line(inner.quoted, apart=node.tag in _APART)
            waiting.append((node, look, True))
        waiting.extend((child, inner, False) for child in reversed(_children(node)))
    return replace(paper.page(), cut=cut)


def _sane(html: str) -> tuple[str, bool]:
    """Return the page up to where its elements lie too deep inside each other, and whether that cut it."""
    depth = 0
    for tag in _TAG.finditer(html):
        if tag[2].lower() not in _SHALLOW:
            depth = max(0, depth - 1) if tag[1] else depth + 1
            if depth > DEEPEST:
                return html[: tag.start()], True
    return html, False


def _is_element(node: LexborNode, look: _Look, paper: _Paper) -> bool:
    """Write a node that is text or comment; True when it is an element to walk into."""
    tag = node.tag or ""
    if tag == "-text":
        text = node.text_content or ""
        if look.hidden:
            paper.hidden.append(text)
        else:
            paper.lines[-1][1].append(text)
    elif tag == "-comment":
        comment = (node.html or "").removeprefix("<!--").removesuffix("-->").strip()
        if comment and not comment.startswith("[if"):  # Outlook's own conditions
            paper.hidden.append(comment)
    return tag not in _SILENT and not tag.startswith(("-text", "-comment", "-doctype", "!"))


def _children(node: LexborNode) -> list[LexborNode]:
    found: list[LexborNode] = []
    child = node.first_child
    while child is not None:
        found.append(child)
        child = child.next
    return found


def _look(node: LexborNode, look: _Look, invisible: frozenset[str]) -> _Look:
    """Return how the inside of *node* looks."""
    given = {name: value or "" for name, value in node.attributes.items()}
    names = {f".{name}" for name in given.get("class", "").split()} | {f"#{given.get('id', '')}"}
    style = _declarations(given.get("style", ""))
    ground = look.ground or "bgcolor" in given or _is_coloured(style)
    colour = style.get("color", given.get("color", "").lower())
    hidden = (
        look.hidden
        or "hidden" in given
        or bool(names & invisible)
        or _hides(style)
        or (bool(_WHITE.match(colour)) and not ground)
    )
    return _Look(hidden, ground, look.quoted + (node.tag == "blockquote"))


def _declarations(style: str) -> dict[str, str]:
    pairs = (part.partition(":") for part in style.lower().split(";"))
    return {name.strip(): "".join(value.replace("!important", "").split()) for name, _, value in pairs}


def _is_coloured(style: dict[str, str]) -> bool:
    ground = style.get("background-color", style.get("background", ""))
    return bool(ground) and not _WHITE.match(ground) and ground not in {"none", "inherit", "initial"}


def _hides(style: dict[str, str]) -> bool:
    return (
        style.get("display") == "none"
        or style.get("visibility") in {"hidden", "collapse"}
        or style.get("mso-hide") == "all"
        or style.get("opacity", "1").strip("0.") == ""
        or bool(_NOTHING.match(style.get("font-size", "")))
        or (style.get("overflow") == "hidden" and any(_NOTHING.match(style.get(side, "")) for side in _SIDES))
        or any(_FAR_AWAY.match(style.get(side, "")) for side in ("left", "top", "text-indent", "margin-left"))
    )


_SIDES: Final = ("height", "max-height", "width", "max-width")


def _invisible_names(tree: LexborHTMLParser) -> frozenset[str]:
    """Return the .classes and #ids that the page's own style sheets hide."""
    names: set[str] = set()
    for sheet in tree.css("style"):
        for selectors, style in _RULE.findall((sheet.text() or "")[:50_000]):
            if _hides(_declarations(style)):
                names |= {name.strip() for name in selectors.split(",") if re.fullmatch(r"[.#][\w-]+", name.strip())}
    return frozenset(names)
