"""Whether a subject says that a message is a reply or a forward, in the languages of mail programs."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

SubjectKind = Literal["reply", "forward"]

# As Outlook and others write them in front of a subject, without the colon. VS is a reply in Finnish and a forward in
# Danish and Norwegian; it counts as a reply, of which nothing is left out that the mailbox does not have.
_REPLIES = (
    "re|aw|antw|antwort|sv|svar|vs|r|rif|ris|res|resp|rép|odp|odg|vá|válasz|ynt|yan|απ|απάντηση|bls|balas|atb|ats|on"
    "|ha|отв|ответ"
    "|відп|відповідь|отг|תשובה|תגובה|השב|رد|پاسخ|答复|回复|回覆|答覆|返信|회신|답장|ตอบ|trả lời"
)
_FORWARDS = (
    "fw|fwd|wg|weitergeleitet|videresendt|välitetty|reencaminhado|encaminhado|tr|rv|rnv|reenv|enc|i|vb|vl|vid|doorst|pd|přep|tov|továbbítva|ilt|i̇lt|πρθ|προωθ"
    "|trs|pārs"
    "|persiųsta|pers|fs|пересл|пер|перес|препр|proslijeđeno|prosl|posr|הועבר|העברה|إعادة توجيه|تحويل|转发|轉寄|转寄"
    "|轉發|転送|전달"
    "|ส่งต่อ|chuyển tiếp|redir"
)
# In front of it may stand what a mail server puts there, such as [EXTERNAL].
_PREFIX = re.compile(rf"\s*(?:\[[^\]]{{1,40}}\]\s*)*(?:({_REPLIES})|({_FORWARDS}))(?:\s*[\[(]\d+[\])])?\s*[:：]")


def without_prefixes(subject: str) -> str:
    """The subject without what says that it is a reply or a forward.

    >>> without_prefixes("AW: WG: Angebot"), without_prefixes("Re:"), without_prefixes("Report: May")
    ('Angebot', '', 'Report: May')
    """
    rest = unicodedata.normalize("NFC", subject)
    while (found := _PREFIX.match(rest.lower())) and len(rest.lower()) == len(rest):
        rest = rest[found.end() :].lstrip()
    return rest


def subject_kind(subject: str) -> SubjectKind | None:
    """What the first prefix says; None where there is none.

    >>> subject_kind("AW: WG: Angebot"), subject_kind("[EXTERNAL] Fwd: offer"), subject_kind("Report: May")
    ('reply', 'forward', None)
    """
    found = _PREFIX.match(unicodedata.normalize("NFKC", subject[:200]).lower())
    if found is None:
        return None
    return "reply" if found[1] else "forward"
