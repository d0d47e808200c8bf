"""Markdown of an agent becomes the HTML of a draft: no raw HTML, no remote images, only web and mail links.

The dialect is CommonMark with tables, but made for letters: what people write there as text stays as they wrote it.
A line of dashes makes no heading, backslashes of paths, stars of sums and underscores of names are text, and a number
at the start of a line makes a list only beside its neighbour (1. and 2.).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Any, Protocol
from urllib.parse import quote, unquote

from outlook_mcp.text.lazy import MarkdownIt, tokenize_emphasis
from outlook_mcp.text.letter_lines import escape_letter_lines
from outlook_mcp.text.written_html import attached_image, clean_html, is_kept, is_safe_link

STYLE = "font-family:Aptos,Calibri,Arial,sans-serif;font-size:11pt"
# The length of the longest word that is looked into.
_LONGEST_WORD = 300
_WINDOWS_PATH = r"[A-Za-z]:\\|\\\\\w|\\[A-Za-z0-9]|\w\\\*\.\w"
_POSIX_PATH = r"^[(\"'\[]?(?:~|\.\.?)?/\w|\w/_\w+_/|/\*\.\w"
_PATH = re.compile(f"{_WINDOWS_PATH}|{_POSIX_PATH}")
_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]*://|www\.)", re.IGNORECASE)
_WRAPPED = re.compile(r"[(\[\"']*(?P<open>[*_~]+).*?(?P<close>(?P=open))[.,;:!?)\]\"']*")
_SPACE = re.compile(r"\s")
_WORD = "word"
# Marks with which emphasized words begin and end.
_OPENING = "\"'“‘«„（(《「『【〈["
_CLOSING = "\"'”’»“）)》」』】〉]:;,.!?%…：；，。！？、"
# Code stands in the way of images: what is in it is text.
_IMAGE = re.compile(
    r"(?P<code>```.*?(?:```|\Z)|`[^`\n]+`)|!\[(?P<alt>[^\]\n]*)\]\((?P<source><[^<>\n]+>|[^()\s]+)\)", re.DOTALL
)
_SCHEME = re.compile(r"(?!cid:|attachment:)[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_ATTACHED = "https://attached.invalid/"
# Levels of lists and quotes; a list takes two. What stands deeper is left out by the library.
_DEEPEST = 60
# Rules of CommonMark that are left out: headings by a line of dashes, code by indenting, `[name]: address` lines that
# vanish.
_LEFT_OUT = ("lheading", "code", "reference")


def markdown_to_html(text: str) -> str:
    """One `<div>` for the body of a message. Tags in `text` are shown as text, never interpreted.

    >>> markdown_to_html("2*3*4 = *24*").splitlines()[1]
    '<p>2*3*4 = <em>24</em></p>'
    """
    return f'<div style="{STYLE}">\n{_rendered(_renderer(), text)}</div>'


def markdown_with_html(text: str) -> str:
    """As `markdown_to_html`; tags in the lines, such as `<b>` and `<br>`, count as far as `clean_html` keeps them."""
    return f'<div style="{STYLE}">\n{clean_html(_rendered(_renderer_with_html(), text))}</div>'


def _rendered(renderer: MarkdownRenderer, text: str) -> str:
    """HTML of the text; lists and quotes that are nested too deep stay as they are written, or some would be lost."""
    tokens = renderer.parse(_with_attached_images(escape_letter_lines(text)))
    if any(token.level >= _DEEPEST - 1 for token in tokens):
        return "<p>" + escape(text).replace("\n", "<br>\n") + "</p>\n"
    html: str = renderer.renderer.render(tokens, renderer.options, {})
    return html


def _with_attached_images(text: str) -> str:
    """With addresses that the renderer takes in the place of `cid:name`, `id/n` and names of files in images."""

    def replaced(found: re.Match[str]) -> str:
        if found["code"] is not None:
            return found[0]
        source = found["source"].strip("<>")
        if _ADDRESS.match(source) or _SCHEME.match(source):
            return found[0]
        name = re.sub(r"^(?:cid|attachment):", "", source, flags=re.IGNORECASE)
        return f"![{found['alt']}]({_ATTACHED}{quote(name, safe='')})"

    return _IMAGE.sub(replaced, text)


class MarkdownRenderer(Protocol):
    """The part of markdown-it that is used here; its own type would load the library."""

    renderer: Any
    options: Any

    def parse(self, src: str) -> Sequence[Any]: ...


@cache
def _renderer() -> MarkdownRenderer:
    rendering: MarkdownRenderer = _new_renderer(html=False)
    return rendering


@cache
def _renderer_with_html() -> MarkdownRenderer:
    renderer = _new_renderer(html=True).disable("html_block")
    renderer.add_render_rule("html_inline", _inline_tag)
    rendering: MarkdownRenderer = renderer
    return rendering


def _new_renderer(*, html: bool) -> Any:
    options = {"html": html, "breaks": True, "linkify": False, "maxNesting": _DEEPEST}
    renderer: Any = MarkdownIt("commonmark", options)
    renderer.enable(["table", "strikethrough"]).disable(_LEFT_OUT)
    renderer.inline.ruler.before("escape", "literal", _literal)
    renderer.inline.ruler.at("emphasis", _emphasis)
    renderer.add_render_rule("image", _link_to_image)
    renderer.validateLink = is_safe_link
    return renderer


def _inline_tag(_: Any, tokens: Any, index: int, *__: Any) -> str:
    """A tag of the list, and anything else in angle brackets as text."""
    tag: str = tokens[index].content
    return tag if is_kept(tag) else escape(tag, quote=False)


def _link_to_image(_: Any, tokens: Any, index: int, *__: Any) -> str:
    """A link to a remote image, as none is fetched by the readers of a message; within a link its description alone.

    A picture that is attached to the message is shown.
    """
    address = str(tokens[index].attrs["src"])
    if address.startswith(_ATTACHED):
        return attached_image(unquote(address.removeprefix(_ATTACHED)), tokens[index].content)
    text = escape(tokens[index].content or address, quote=False)
    return text if index and tokens[index - 1].type == "link_open" else f'<a href="{escape(address)}">{text}</a>'


def _literal(state: Any, silent: bool) -> bool:
    """An inline rule of markdown-it: takes a run of marks as text where it belongs to a path, an address or a sum."""
    src, start = state.src, state.pos
    mark = src[start]
    if mark not in "\\*_~":
        return False
    end = start + 1
    if mark != "\\":
        while end < state.posMax and src[end] == mark:
            end += 1
    word = state.env.get(_WORD)
    if word is None or word.src is not src or not word.start <= start < word.end:
        word = state.env[_WORD] = _word_at(src, start)
    if not _is_text(word, start, end):
        return False
    if not silent:
        state.pending += src[start:end]
    state.pos = end
    return True


def _emphasis(state: Any, silent: bool) -> bool:
    """Stars that stand close to a mark of the words that they wrap, though a letter follows or goes before.

    `**Note:**please` is bold here. Where no spaces part words, as in `这是**“重要”**的`, it is often written so.
    """
    start, known = state.pos, len(state.delimiters)
    found: bool = tokenize_emphasis(state, silent)
    if found and state.src[start] == "*":
        before, after = state.src[start - 1 : start] if start else "", state.src[state.pos : state.pos + 1]
        for delimiter in state.delimiters[known:]:
            delimiter.open = delimiter.open or (_is_wide(before) and after != "" and after in _OPENING)
            delimiter.close = delimiter.close or (before != "" and before in _CLOSING and after.isalnum())
    return found


def _is_wide(letter: str) -> bool:
    """Whether it is one of Chinese, Japanese or Korean."""
    return letter.isalpha() and unicodedata.east_asian_width(letter) == "W"


@dataclass(frozen=True, slots=True)
class _Word:
    """The text without spaces from `start` to `end`. `opening` and `closing` are the marks that wrap it as a whole."""

    src: str
    start: int
    end: int
    is_path: bool = False
    address_from: int | None = None
    opening: tuple[int, int] = (0, 0)
    closing: tuple[int, int] = (0, 0)


def _word_at(src: str, position: int) -> _Word:
    """The word around a position, which is nothing special when it is too long for a path or an address."""
    start = max(src.rfind(space, max(0, position - _LONGEST_WORD), position) for space in " \n\t") + 1
    found = _SPACE.search(src, position)
    end = found.start() if found else len(src)
    if end - start > _LONGEST_WORD or position - start > _LONGEST_WORD:
        return _Word(src, position, end)
    word = src[start:end]
    address = _ADDRESS.search(word)
    wrapped = _WRAPPED.fullmatch(word)
    return _Word(
        src,
        start,
        end,
        is_path=bool(_PATH.search(word)),
        address_from=start + address.start() if address else None,
        opening=(start + wrapped.start("open"), start + wrapped.end("open")) if wrapped else (0, 0),
        closing=(start + wrapped.start("close"), start + wrapped.end("close")) if wrapped else (0, 0),
    )


def _is_text(word: _Word, start: int, end: int) -> bool:
    """Whether the run of marks from `start` to `end` is text and no Markdown."""
    src, mark = word.src, word.src[start]
    is_in_address = word.address_from is not None and word.address_from < start and mark != "\\"
    if word.is_path or is_in_address:
        return (start, end) not in (word.opening, word.closing)
    if mark == "*":
        before, after = src[start - 1 : start] if start else "", src[end : end + 1]
        if end - start > 1 and src.startswith(src[start:end], word.start):
            # No product begins with stars: `**5**-6` is bold.
            return False
        is_between = _ends_factor(before) and _starts_factor(after, src[end + 1 : end + 2])
        return is_between and (end - start == 1 or before.isdigit() or after.isdigit())
    # __name__ is a name, not bold.
    return mark == "_" and end - start > 1


def _ends_factor(letter: str) -> bool:
    """Whether a factor of a product can end with it, as in `2*3`, `f(x)*3` and `5%*3`."""
    return _is_plain(letter) or letter in (")", "]", "%")


def _starts_factor(letter: str, following: str) -> bool:
    """Whether a factor can start with it, as in `2*x`, `2*(x+1)` and `2*-3`; in `*x*.` and `*x*-` none does."""
    return _is_plain(letter) or (letter in ("(", "[", ".", "-") and _is_plain(following))


def _is_plain(letter: str) -> bool:
    return letter.isascii() and letter.isalnum()
