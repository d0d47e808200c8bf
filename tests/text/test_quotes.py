from __future__ import annotations

import anyio
import pytest

from outlook_mcp.graph.models import Body
from outlook_mcp.mail.models import Message
from outlook_mcp.mail.new_content import full_content
from outlook_mcp.text.quotes.history import drop_history, drop_repeated
from tests.ids import message_id
from tests.new_part import new_part
from tests.waiting import pause

NEW = "<p>Friday works for me.</p>"
OLD = "<p>Shall we meet on Friday about the budget?</p>"

WRAPPERS = {
    "Outlook on the web": f'{NEW}<div id="appendonsend"></div><div id="divRplyFwdMsg"><b>From:</b> Megan</div>{OLD}',
    "Outlook, quoted again": f'{NEW}<div id="x_divRplyFwdMsg"><b>Von:</b> Megan</div><div>{OLD}</div>',
    "Gmail": f'{NEW}<div class="gmail_quote"><div>On Mon, Megan wrote:</div><blockquote>{OLD}</blockquote></div>',
    "Apple Mail": f'{NEW}<blockquote type="cite"><div>On 20 Nov 2026, Megan wrote:</div>{OLD}</blockquote>',
    "Thunderbird": f'{NEW}<div class="moz-cite-prefix">On 20.11.26 Megan wrote:</div><blockquote>{OLD}</blockquote>',
    "Yahoo": f'{NEW}<div id="yahoo_quoted" class="yahoo_quoted">{OLD}</div>',
    "Outlook desktop": f'{NEW}<div style="border:none;border-top:solid #E1E1E1 1.0pt"><p><b>From:</b> Megan<br>'
    f"<b>Sent:</b> Monday<br><b>To:</b> Adele</p></div>{OLD}",
    "Outlook desktop in German": f"{NEW}<p>Von: Megan<br>Gesendet: Montag<br>An: Adele<br>Betreff: x</p>{OLD}",
}


def html_message(html: str, unique: str | None = None) -> Message:
    return Message(
        id=message_id("m"),
        body=Body(content_type="html", content=html),
        unique_body=Body(content_type="html", content=unique) if unique else None,
    )


@pytest.mark.parametrize("program", WRAPPERS)
async def test_the_history_each_program_wraps_is_left_out_and_counted(program: str) -> None:
    new = await new_part(html_message(WRAPPERS[program]))
    assert new.text == "Friday works for me."
    assert new.cut_chars >= len("ShallwemeetonFridayaboutthebudget?")


async def test_graphs_unique_body_goes_first_and_the_rest_is_counted() -> None:
    new = await new_part(html_message(f"{NEW}<hr>{OLD}", unique=NEW))
    assert new.text == "Friday works for me."
    assert new.cut_chars == len("ShallwemeetonFridayaboutthebudget?")


async def test_what_the_head_of_the_whole_body_hides_is_hidden_in_the_unique_body() -> None:
    head = "<html><head><style>.x{display:none}</style></head><body>"
    part = "<p>seen</p><p class=x>unseen</p>"
    new = await new_part(html_message(f"{head}{part}<hr>{OLD}", unique=f"<html><body>{part}</body></html>"))
    assert new.text == "seen"


async def test_a_unique_body_that_keeps_the_quote_is_cut_again() -> None:
    new = await new_part(html_message(WRAPPERS["Gmail"], unique=WRAPPERS["Gmail"]))
    assert new.text == "Friday works for me."


async def test_a_forwarded_message_without_a_word_comes_whole() -> None:
    message = html_message(f'<div class="gmail_quote">Forwarded message{OLD}</div>')
    assert "Shall we meet" in (await new_part(message)).text


async def test_the_full_text_keeps_the_history() -> None:
    assert "Shall we meet" in (await full_content(html_message(WRAPPERS["Gmail"]))).text


async def test_a_message_without_a_body_is_empty() -> None:
    assert (await new_part(Message(id=message_id("m")))).text == ""


async def test_a_plain_body_is_cut_and_its_long_links_are_numbered() -> None:
    url = "https://contoso.com/" + "x" * 60
    text = f"See {url}\r\n\r\n-----Original Message-----\r\nFrom: Megan\r\nold"
    new = await new_part(Message(id=message_id("m"), body=Body(content_type="text", content=text)))
    assert new.text == "See contoso.com[1]"
    assert new.links[0].url == url


@pytest.mark.parametrize(("before", "after"), [("See ", "."), ("(", ")"), ("", ", and"), ("<", ">,"), ("*", "*")])
async def test_punctuation_around_a_long_address_belongs_to_the_sentence(before: str, after: str) -> None:
    url = "https://contoso.com/" + "x" * 60
    body = Body(content_type="text", content=f"{before}{url}{after}")
    new = await new_part(Message(id=message_id("m"), body=body))
    assert (new.text, new.links[0].url) == (f"{before}contoso.com[1]{after}", url)


ATTRIBUTION_LINES = [
    "On Mon, Nov 20, 2026 at 9:15 AM Megan Bowen <megan@contoso.com> wrote:",
    "On Mon, Nov 20, 2026 at 9:15 AM Megan Bowen\n<megan@contoso.com> wrote:",
    "Am 20.11.2026 um 09:15 schrieb Megan Bowen:",
    "Le lun. 20 nov. 2026 à 09:15, Megan Bowen a écrit :",
    "El lun, 20 nov 2026 a las 9:15, Megan Bowen escribió:",
    "Il giorno lun 20 nov 2026 alle ore 09:15 Megan Bowen ha scritto:",
    "Op ma 20 nov. 2026 om 09:15 schreef Megan Bowen:",
    "W dniu 20.11.2026 o 09:15 Megan Bowen napisał(a):",
    "20 ноября 2026 г. 09:15, Megan Bowen <megan@contoso.com>:",
    "-----Original Message-----",
    "-----Ursprüngliche Nachricht-----",
    "---------- Forwarded message ---------",
    "________________________________\nFrom: Megan\nSent: Monday\nTo: Adele\nSubject: Budget",
    "Från: Megan\nSkickat: måndag\nTill: Adele\nÄmne: Budget",
    "De: Megan\nEnviado el: lunes\nPara: Adele\nAsunto: x",
    "De: Megan\nEnviada em: segunda\nPara: Adele\nAssunto: x",
    "Lähettäjä: Megan\nLähetetty: maanantai\nVastaanottaja: Adele\nAihe: x",
    "Kimden: Megan\nGönderildi: Pazartesi\nKime: Adele\nKonu: x",
    "מאת: מגן\nנשלח: יום שני\nאל: אדל\nנושא: x",
    "Από: Megan\nΣτάλθηκε: Δευτέρα\nΠρος: Adele\nΘέμα: x",
    "De la: Megan\nTrimis: luni\nCătre: Adele\nSubiect: x",
    "Від: Megan\nНадіслано: понеділок\nКому: Adele\nТема: x",
    "Feladó: Megan\nElküldve: hétfő\nCímzett: Adele\nTárgy: x",
    "Od: Megan\nWysłano: poniedziałek\nDo: Adele\nTemat: x",
    "Od: Megan\nOdesláno: pondělí\nKomu: Adele\nPředmět: x",
    "发件人: Megan\n发送时间: 2026\n收件人: Adele\n主题: x",
    "Megan Bowen kirjoitti 27.11.2026 klo 15.12:",
    "Às 15:12 de 27/11/2026, Megan Bowen escreveu:",
    "On 27/11/2026 15:12, Megan Bowen wrote:",
    "Am 27.11.26 um 15:12 schrieb Megan Bowen:",
]


@pytest.mark.parametrize("attribution", ATTRIBUTION_LINES)
def test_text_below_an_attribution_line_is_history(attribution: str) -> None:
    text, cut = drop_history(f"Friday works.\n\n{attribution}\n> Shall we meet?\n")
    assert text == "Friday works."
    assert cut > 0


@pytest.mark.parametrize("kind", ["text", "html"])
async def test_others_go_on_while_the_history_of_a_long_text_is_looked_for(kind: str) -> None:
    break_ = "\n" if kind == "text" else "<br>"
    message = Message(id=message_id("m"), body=Body(content_type=kind, content=f"From: a{break_}" * 150_000))
    turns = 0
    async with anyio.create_task_group() as group:

        async def others() -> None:
            nonlocal turns
            while True:
                await pause(0.001)
                turns += 1

        group.start_soon(others)
        assert (await new_part(message)).text
        group.cancel_scope.cancel()
    assert turns > 10


@pytest.mark.parametrize(
    "said",
    [
        "My answers are in red.",
        "Please see my comments below.",
        "Answers inline.",
        "Siehe unten.",
        "Antworten unten im Text.",
        "Mes réponses sont en rouge.",
        "Mis respuestas en rojo más abajo.",
        "Zie hieronder.",
        "Ответы ниже.",
        "回复见下",
    ],
)
async def test_a_message_that_points_to_answers_below_comes_whole(said: str) -> None:
    below = "<p>When?</p><p style=color:red>On Friday.</p>"
    new = await new_part(html_message(WRAPPERS["Outlook desktop"].replace(NEW, f"<p>{said}</p>") + below))
    assert new.text.endswith("When?\n\nOn Friday.")
    assert new.cut_chars == 0


@pytest.mark.parametrize("said", ["Well below 5 EUR.", "The red chairs are fine.", "I read it in full."])
async def test_other_words_point_to_nothing(said: str) -> None:
    new = await new_part(html_message(WRAPPERS["Outlook desktop"].replace(NEW, f"<p>{said}</p>")))
    assert new.text == said


@pytest.mark.parametrize("attribution", ATTRIBUTION_LINES[:9])
@pytest.mark.parametrize("answer", ["Yes.", "Yes, at 10:15", "See you on 27.11.2026", "Am Freitag"])
def test_an_answer_right_above_an_introduction_is_no_part_of_it(attribution: str, answer: str) -> None:
    assert drop_history(f"Dear Megan,\n{answer}\n{attribution}\n> When?")[0] == f"Dear Megan,\n{answer}"


async def test_what_the_writer_indents_is_no_quoted_mail() -> None:
    points = "".join(f"<p>Point {number}</p>" for number in range(9))
    own = f"<p>Dear Megan,</p><blockquote style='margin:0 0 0 40px'>{points}</blockquote>"
    for html in (own, f"{own}<p>Adele</p>", f"{own}{WRAPPERS['Gmail'].replace(NEW, '')}"):
        text = (await new_part(html_message(html))).text
        assert [line for line in text.split("\n") if "Point" in line] == [f"> Point {number}" for number in range(9)]


def test_answers_between_quoted_lines_stay() -> None:
    text = "On Monday Megan wrote:\n> When?\nOn Friday.\n> Where?\nIn my room."
    assert drop_history(text) == (text, 0)


@pytest.mark.parametrize(
    "footer", ["-- \nMegan", "--\nList <list@x.example>\nhttps://x.example", "_______\nlist mailing list"]
)
def test_a_signature_or_the_lines_of_a_list_below_the_quote_are_no_answer_and_stay(footer: str) -> None:
    text, cut = drop_history(f"On Friday.\n\nOn Mon, 27 Nov 2026 10:15, Megan wrote:\n> When?\n> Where?\n\n{footer}")
    assert (text, cut) == (f"On Friday.\n\n\n{footer}", 45)
    answered = f"On Mon, 27 Nov 2026 10:15, Megan wrote:\n> When?\n\nOn Friday.\n{footer}"
    assert drop_history(answered) == (answered, 0)


def test_an_answer_below_a_long_quote_stays_and_the_quote_is_shortened() -> None:
    quoted = "\n".join(f"> line {n}" for n in range(30))
    text, cut = drop_history(f"On Monday Megan wrote:\n{quoted}\n\nI agree.")
    assert text.endswith("> [28 lines left out]\n> line 28\n> line 29\n\nI agree.")
    assert cut > 100


@pytest.mark.parametrize(
    "text",
    [
        "On Monday we wrote the plan.",
        "From: here it is easy.",
        "Date: Friday\nPlace: here",
        "a > b",
        "Dear all,\n\nHi:",
    ],
)
def test_ordinary_text_is_not_history(text: str) -> None:
    assert drop_history(text) == (text, 0)


def test_trailing_paragraphs_of_earlier_messages_and_known_signatures_are_left_out() -> None:
    earlier = "Shall we meet on Friday?\n\nMegan Bowen\nContoso Ltd, Marketing"
    reply = "Tuesday is better.\n\nMegan Bowen\nContoso Ltd, Marketing\n\n> Shall we meet\n> on Friday?"
    text, cut = drop_repeated(reply, [earlier])
    assert text == "Tuesday is better."
    assert cut == len("MeganBowenContosoLtd,Marketing>Shallwemeet>onFriday?")


def test_a_message_that_repeats_an_earlier_one_is_not_emptied() -> None:
    assert drop_repeated("Shall we meet on Friday?", ["Shall we meet on Friday?"]) == ("Shall we meet on Friday?", 0)
    assert drop_repeated("Again:\n\nYes.", ["Yes."]) == ("Again:\n\nYes.", 0)
