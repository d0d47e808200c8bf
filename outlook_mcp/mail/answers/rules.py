"""The inbox rules of a mailbox, and what is asked before one that sends mail to others or loses it is saved."""

from __future__ import annotations

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.answers.frame import framed, framed_words
from outlook_mcp.errors.counting import counted
from outlook_mcp.mail.rules.editor import ListedRules, RuleWords, UnsavedRule
from outlook_mcp.text.characters import one_line

_LONGEST_LINE = 400
# Of a rule that is saved or is to be confirmed everything is told: what is cut off may be whom it sends mail to.
_WHOLE = 20_000


def rules_answer(context: AnswerContext, edited: ListedRules | UnsavedRule) -> str:
    """The rule that was changed, or all in order; or the rule that was not saved yet, and its code."""
    if isinstance(edited, UnsavedRule):
        return _unsaved_answer(context, edited)
    lines = [f"{edited.done}: {framed_words(one_line(edited.name, 80))}."] if edited.done else []
    if edited.unread is not None:
        return "\n".join([*lines, f"The rules could not be read afterwards: {context.error_text(edited.unread)}"])
    if not edited.rules:
        return "\n".join([*lines, "There are no inbox rules."])
    name = edited.name.casefold()
    shown = [rule for rule in edited.rules if not edited.done or rule.rule.name.casefold() == name]
    if shown:
        longest = _WHOLE if edited.done else _LONGEST_LINE
        listed = [line for rule in shown for line in _rule_lines(context, rule, longest)]
        lines += ["" if edited.done else "Inbox rules in their order:", framed("\n".join(listed))]
    if edited.done:
        lines.append(f"Without arguments rules shows {counted(len(edited.rules), 'inbox rule')} in order.")
    return "\n".join(line for line in lines if line)


def _unsaved_answer(context: AnswerContext, unsaved: UnsavedRule) -> str:
    rule = unsaved.rule
    lines = []
    if unsaved.was_refused:
        lines.append("The code does not fit: the rule differs from what was shown, or it is older than 10 minutes.")
    lines += [
        f"Nothing was saved yet: this rule {' and '.join(rule.effects)} mail without asking again.",
        framed("\n".join(_rule_lines(context, rule, _WHOLE))),
    ]
    if not rule.when:
        lines.append("It has no condition, so it is applied to all mail that comes.")
    lines.append(f'Once the user agrees: the same call with confirm="{unsaved.code}".')
    return "\n".join(lines)


def _rule_lines(context: AnswerContext, words: RuleWords, longest: int) -> list[str]:
    rule = words.rule
    marks = [
        "" if rule.is_enabled else "off",
        "has an error" if rule.has_error else "",
        "only Outlook can change it" if rule.is_read_only else "",
        *words.effects,
        _outside(context, words),
    ]
    told = ", ".join(mark for mark in marks if mark)
    number = f"{rule.sequence}. " if rule.id else ""
    lines = [f"{number}{one_line(rule.name, 80)}{f' [{told}]' if told else ''}"]
    for label, phrases in (("when", words.when), ("unless", words.unless), ("do", words.do)):
        if phrases:
            lines.append(f"   {label}: {one_line('; '.join(phrases), longest)}")
    return lines


def _outside(context: AnswerContext, words: RuleWords) -> str:
    own = context.mailbox_address.rpartition("@")[2].lower()
    domains = dict.fromkeys(address.rpartition("@")[2].lower() for address in words.reaches)
    others = [one_line(domain, 80) for domain in domains if domain and domain != own]
    return f"to outside {own}: {', '.join(others)}" if others and own else ""
