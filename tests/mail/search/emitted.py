"""What a search may send to Graph: operators of ours, and everything else in phrases."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from hypothesis import strategies as st

from outlook_mcp.mail.search.mail_query import MailQuery
from outlook_mcp.mail.search.plan import Plan, compile_query

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ME = "adele@contoso.com"
# What our own words may be, with every phrase replaced by P.
OUR_WORDS = re.compile(
    r"AND|OR|NOT|(?:(?:from|to|cc|bcc|recipients|participants|subject|body|attachment):)?P"
    r"|received[<>]=\d{4}-\d\d-\d\d|hasAttachments:(?:true|false)|importance:(?:low|normal|high)|size(?:>=|<)\d+"
)


def is_ours(search: str) -> bool:
    """Whether nothing but operators of ours stands outside the phrases, and the brackets are balanced."""
    outside = re.sub(r'\\"[^"\\]+\\"', "P", search)
    depth = 0
    for letter in outside:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth < 0:
            return False
    return depth == 0 and all(OUR_WORDS.fullmatch(word) for word in re.split(r"[\s()]+", outside) if word)


def either(word: str) -> str:
    """A word of the text: in sender, subject, body or the name of a file."""
    return rf"(\"{word}\" OR attachment:\"{word}\")"


def checks(query: MailQuery) -> list[object]:
    return [check.expression for check in plan(query).checks]


def plan(query: MailQuery) -> Plan:
    return compile_query(query, NOW, me=ME)


def search_of(query: MailQuery) -> str:
    return str(plan(query).params["$search"])


hostile = st.text(
    st.one_of(st.sampled_from("ab \"\\'()*:-&|“”„«»＂\u2028\u2029\n\t%#+<>=@.,{}[]$"), st.characters()), max_size=60
) | st.sampled_from(['" OR from:"x', "\\", '\\"', "a NEAR(3) b", "NOT x", "x*", "received>=2000"])
