"""`python -m tests.benchmarks.mail_tokens`: what messages cost as answers, in tokens of o200k, against their sources.

The corpora are public mail outside of the project, one folder for each figure.
"""

from __future__ import annotations

import asyncio
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import toktok

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.graph.handles import Handles
from outlook_mcp.graph.ids import Handle
from outlook_mcp.graph.models import Address, Body, Recipient
from outlook_mcp.mail.mime.reader import read_mail
from outlook_mcp.mail.models import Message
from outlook_mcp.mail.new_content import full_content
from outlook_mcp.mail.reading import ReadItem
from tests.answers import read_answer
from tests.benchmarks.figure import Figure, header
from tests.new_part import new_part

HANDLES = Handles(bytes(range(16)))
NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
CONTEXT = AnswerContext(HANDLES, UTC, NOW, "adele@contoso.example")
QUOTED_LINES = 20


def tokens(texts: Sequence[str]) -> list[int]:
    return [int(count) for count in toktok.batch_count(list(texts), "o200k_base")]


def person(name: str, address: str) -> Recipient:
    return Recipient(email_address=Address(name=name, address=address))


def letter(body: Body) -> Message:
    return Message(
        id=HANDLES.full(Handle("1")),
        subject="Your invoice for November",
        from_=person("Contoso Billing", "billing@contoso.example"),
        to_recipients=[person("Adele", "adele@contoso.example")],
        received_date_time=NOW,
        is_read=False,
        body=body,
    )


async def html_share(pages: Sequence[str]) -> Figure:
    """The answer about a page with its frame and headers, by the tokens of its HTML."""
    letters = [letter(Body(content_type="html", content=page)) for page in pages]
    answers = [read_answer(CONTEXT, [ReadItem(message, await new_part(message))]) for message in letters]
    return _share("HTML mail with frame and headers by its HTML", answers, pages, 6.0)


async def answered_below_share(mails: Sequence[bytes]) -> Figure:
    """The new part of plain messages with at least 20 quoted lines, by the whole text."""
    letters = []
    for mail in mails:
        body = read_mail(mail).body
        if body is not None and body.content_type == "text":
            quoted = sum(line.lstrip().startswith(">") for line in (body.content or "").splitlines())
            letters += [letter(body)] if quoted >= QUOTED_LINES else []
    new = [(await new_part(message)).text for message in letters]
    whole = [(await full_content(message)).text for message in letters]
    return _share("mail with 20 quoted lines or more by its text", new, whole, 30.0)


def _share(name: str, shown: Sequence[str], whole: Sequence[str], bound: float) -> Figure:
    shares = [100 * part / all_ for part, all_ in zip(tokens(shown), tokens(whole), strict=True)]
    return Figure(name, f"{len(shares)} messages", f"{median(shares):.1f} %", median(shares), bound, "%")


def figures(corpora: Path) -> list[Figure]:
    """The figures of the corpora that are there."""
    found = []
    if pages := [file.read_text("utf-8", "replace") for file in sorted(corpora.glob("html/*.html"))]:
        found.append(asyncio.run(html_share(pages)))
    if mails := [file.read_bytes() for file in sorted(corpora.glob("spamassassin/*.eml"))]:
        found.append(asyncio.run(answered_below_share(mails)))
    return found


def main() -> int:
    """Exit status 1 when a figure misses its bound, 2 without any mail."""
    parser = ArgumentParser()
    parser.add_argument("corpora", type=Path, help="a folder with `html` (pages) and `spamassassin` (.eml files)")
    rows = figures(parser.parse_args().corpora)
    print(header("over", "answer"))
    for row in rows:
        print(row.row())
    return 2 if not rows else int(not all(row.holds for row in rows))


if __name__ == "__main__":
    sys.exit(main())
