"""Drafts, what was sent, and what was unsubscribed from as fields."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.answers.fields import Fields, PersonFields, Untrusted, all_words, local_time, words
from outlook_mcp.answers.frame import paged
from outlook_mcp.mail.answers.changes import sending_lines
from outlook_mcp.mail.answers.headers import unusual_importance
from outlook_mcp.mail.answers.tips import dash_lines, tip_lines
from outlook_mcp.mail.drafts.drafts import SavedDraft
from outlook_mcp.mail.drafts.holding import HeldMessage, TakenBack
from outlook_mcp.mail.drafts.send_requests import SendOutcome
from outlook_mcp.mail.drafts.send_terms import SendTerms
from outlook_mcp.mail.drafts.sending import UnsentDraft
from outlook_mcp.mail.models import Attachment, Message
from outlook_mcp.mail.structured.listing import people_fields, sender_fields
from outlook_mcp.mail.structured.reading import FileFields, file_fields
from outlook_mcp.mail.unsubscribing.headers import Vouched
from outlook_mcp.mail.unsubscribing.unsubscriber import PlannedUnsubscription, Unsubscription


class DraftWords(Untrusted, frozen=True, kw_only=True):
    """A message that goes out, or went: a reply has words of others. `send_to` is what mail_send takes.

    `no_longer` are recipients that the call removed. `notes` are sentences of this server and of Exchange about the
    recipients and the sender.
    """

    subject: str = ""
    sender: PersonFields | None = None
    to: list[PersonFields] = []
    cc: list[PersonFields] = []
    bcc: list[PersonFields] = []
    reply_to: list[PersonFields] = []
    send_to: list[str] = []
    no_longer: list[PersonFields] = []
    files: list[FileFields] = []
    notes: list[str] = []
    text: str = ""


class DraftSaved(Fields, frozen=True, kw_only=True):
    """A draft: nothing was sent. `check` is what mail_send takes; `unread` why not all of it could be read back."""

    id: str
    check: str = ""
    importance: str = ""
    quoted_characters: int = 0
    unread: str = ""
    untrusted: DraftWords


class SendResult(Fields, frozen=True, kw_only=True):
    """`asks`: nothing was sent, as `send_to` and `check` were not given as they are. A held message goes out at
    `until`. A message that was taken back is in Deleted Items where Exchange had held it."""

    outcome: Literal["sent", "held", "taken back", "asks"]
    id: str
    until: datetime | None = None
    in_deleted: bool = False
    check: str = ""
    untrusted: DraftWords = DraftWords()


class UnsubscribeWords(Untrusted, frozen=True, kw_only=True):
    """What the header of the list names: the host of a request, the message to be sent, pages for the user.

    `refused` are sentences of this server on addresses that are not used.
    """

    sender: PersonFields | None = None
    subject: str = ""
    host: str = ""
    url: str = ""
    mail_to: list[str] = []
    mail_subject: str = ""
    mail_text: str = ""
    pages: list[str] = []
    refused: list[str] = []


class UnsubscribeResult(Fields, frozen=True, kw_only=True):
    """`asks`: it would be done in this `way` by the same call with `confirm`, or by a message with `confirm_mail`.
    `impossible`: not from here.

    `vouched` is whether a DKIM signature covers the header, `status` the HTTP status of the request that was made.
    """

    outcome: Literal["done", "asks", "impossible"]
    id: str
    way: str = ""
    confirm: str = ""
    confirm_mail: str = ""
    vouched: Vouched = "unknown"
    status: int = 0
    untrusted: UnsubscribeWords


def draft_fields(context: AnswerContext, saved: SavedDraft) -> DraftSaved:
    """A saved draft as its readers will see it; its text only when it was written by this call."""
    message, text = saved.message, saved.text
    return DraftSaved(
        id=context.handle(message.id),
        check=saved.terms.check if saved.terms else "",
        importance=unusual_importance(message),
        quoted_characters=text.cut_chars if text else 0,
        unread=context.error_text(saved.unread) if saved.unread else "",
        untrusted=_words(
            context,
            message,
            saved.terms,
            files=saved.attachments,
            notes=[
                *dash_lines(saved.terms.to if saved.terms else ()),
                *tip_lines(context, saved.tips),
                *([words(saved.refused, 300)] if saved.refused else []),
            ],
            no_longer=people_fields(saved.people.dropped),
            text=paged(text.text)[0] if text else "",
        ),
    )


def sent_fields(context: AnswerContext, sent: SendOutcome) -> SendResult:
    """What was sent, held or taken back; or what mail_send has to be given."""
    if isinstance(sent, TakenBack):
        return SendResult(outcome="taken back", id=context.handle(sent.message_id), in_deleted=sent.in_deleted)
    shown, message = context.handle(sent.message.id), sent.message
    if isinstance(sent, UnsentDraft):
        asked = _words(context, message, sent.terms, files=message.attachments)
        return SendResult(outcome="asks", id=shown, check=sent.terms.check, untrusted=asked)
    until = sent.due if isinstance(sent, HeldMessage) else sent.until
    return SendResult(
        outcome="held" if until else "sent",
        id=shown,
        until=local_time(context, until),
        untrusted=_words(context, message, None),
    )


def unsubscription_fields(context: AnswerContext, done: PlannedUnsubscription | Unsubscription) -> UnsubscribeResult:
    """What would be done and the code for it, or what was done."""
    message = done.message
    sender = sender_fields(message)
    if isinstance(done, Unsubscription):
        sent_to = all_words(done.sent.recipients) if done.sent else []
        named = UnsubscribeWords(sender=sender, subject=words(message.subject), host=words(done.host), mail_to=sent_to)
        return UnsubscribeResult(outcome="done", id=context.handle(message.id), status=done.status, untrusted=named)
    ways, codes, mail = done.ways, done.codes, done.ways.mail
    way, is_request = next(iter(codes), ""), "one-click" in codes
    named = UnsubscribeWords(
        sender=sender,
        subject=words(message.subject),
        host=words(urlsplit(ways.one_click).hostname) if is_request and ways.one_click else "",
        url=words(ways.one_click, 300) if is_request else "",
        mail_to=[words(mail.to)] if mail else [],
        mail_subject=words(mail.subject) if mail else "",
        mail_text=words(mail.body, 500) if mail else "",
        pages=all_words(ways.pages, 300),
        refused=all_words(ways.refused),
    )
    return UnsubscribeResult(
        outcome="asks" if codes else "impossible",
        id=context.handle(message.id),
        way=way,
        confirm=next(iter(codes.values()), ""),
        confirm_mail=codes.get("mail", "") if is_request else "",
        vouched=ways.vouched,
        untrusted=named,
    )


def _words(
    context: AnswerContext,
    message: Message,
    terms: SendTerms | None,
    *,
    files: Sequence[Attachment] = (),
    notes: Sequence[str] = (),
    no_longer: Sequence[PersonFields] = (),
    text: str = "",
) -> DraftWords:
    return DraftWords(
        subject=words(message.subject),
        sender=sender_fields(message),
        to=people_fields(message.to_recipients),
        cc=people_fields(message.cc_recipients),
        bcc=people_fields(message.bcc_recipients),
        reply_to=people_fields(message.reply_to),
        send_to=list(terms.to) if terms else [],
        no_longer=list(no_longer),
        files=file_fields(files),
        notes=[*sending_lines(context, message), *notes],
        text=text,
    )
