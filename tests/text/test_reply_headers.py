"""How programs introduce what a reply quotes, in many languages, and how subjects tell replies from forwards."""

from __future__ import annotations

import pytest

from outlook_mcp.text.html.document import html_to_text
from outlook_mcp.text.quotes.history import drop_history
from outlook_mcp.text.quotes.subjects import subject_kind

ATTRIBUTIONS = """
El vie, 27 nov 2026 a las 10:15, Bob Brandt (<bob@contoso.example>) escribió:
Em sex., 27 de nov. de 2026 às 10:15, Bob Brandt <bob@contoso.example> escreveu:
pe 27. marrask. 2026 klo 10.15 Bob Brandt (bob@contoso.example) kirjoitti:
Bob Brandt kirjoitti 27.11.2026 klo 10.15:
Bob Brandt <bob@contoso.example>, 27 Kas 2026 Cum, 10:15 tarihinde şunu yazdı:
27.11.2026 10:15 tarihinde Bob Brandt yazdı:
בתאריך יום ו׳, 27 בנוב׳ 2026 ב-10:15 מאת Bob\u200f <bob@x.example>:\u200f
בתאריך 27/11/2026 10:15, Bob Brandt כתב:
Στις Παρ 27 Νοε 2026 στις 10:15 π.μ., ο χρήστης Bob <bob@x.example> έγραψε:
Στις 27/11/2026 10:15 π.μ., ο/η Bob Brandt έγραψε:
vin., 27 nov. 2026 la 10:15, Bob Brandt <bob@x.example> a scris:
Pe 27.11.2026 10:15, Bob Brandt a scris:
пт, 27 лист. 2026 р. о 10:15 Bob Brandt <bob@x.example> пише:
27.11.26 10:15, Bob Brandt пише:
27.11.2026 10:15, Bob Brandt пишет:
2026. 11. 27. 10:15 keltezéssel, Bob Brandt írta:
Bob Brandt <bob@x.example> ezt írta (időpont: 2026. nov. 27., P, 10:15):
W dniu 27.11.2026 o 10:15, Bob Brandt pisze:
pt., 27 lis 2026 o 10:15 Bob Brandt <bob@x.example> napisał(a):
Dne 27. 11. 26 v 10:15 Bob Brandt napsal(a):
pá 27. 11. 2026 v 10:15 odesílatel Bob Brandt <bob@x.example> napsal:
Op vr 27 nov 2026 om 10:15 schreef Bob Brandt <bob@x.example>:
Op 27 nov. 2026, om 10:15 heeft Bob Brandt <bob@x.example> het volgende geschreven:
Den fre 27 nov. 2026 kl 10:15 skrev Bob Brandt <bob@x.example>:
fre. 27. nov. 2026 kl. 10:15 skrev Bob Brandt <bob@x.example>:
2026/11/27 10:15、Bob Brandt のメール:
2026年11月27日(金) 10:15 Bob Brandt <bob@x.example>:
在 2026/11/27 10:15, Bob Brandt 写道:
Bob Brandt <bob@x.example> 于2026年11月27日周五 10:15写道：
2026년 11월 27일 (금) 오전 10:15, Bob Brandt <bob@x.example>님이 작성:
Il giorno ven 27 nov 2026 alle ore 10:15 Bob Brandt <bob@x.example> ha scritto:
Am Fr., 27. Nov. 2026 um 10:15 Uhr schrieb Bob Brandt <bob@x.example>:
Le ven. 27 nov. 2026 à 10:15, Bob Brandt <bob@x.example> a écrit :
Vào Th 6, 27 thg 11, 2026 vào lúc 10:15 Bob <bob@x.example> đã viết:
Pada tanggal Jum, 27 Nov 2026 pukul 10.15 Bob <bob@x.example> menulis:
R, 27. november 2026 kell 10:15 Bob (<bob@x.example>) kirjutas:
piektd., 2026. g. 27. nov., plkst. 10:15 — lietotājs Bob (<bob@x.example>) rakstīja:
2026-11-27, pn, 10:15 Bob <bob@x.example> rašė:
pet, 27. stu 2026. u 10:15 Bob <bob@x.example> napisao je:
في جمعة، 27 نوفمبر 2026 في 10:15 ص تمت كتابة ما يلي بواسطة Bob <bob@x.example>:
-----Mensaje original-----
-----Původní zpráva-----
---------- Původní e-mail ----------
-----Eredeti üzenet-----
-----Mesaj original-----
-----Özgün İleti-----
-----הודעה מקורית-----
-----Αρχικό μήνυμα-----
-----Вихідне повідомлення-----
-----Oryginalna wiadomość-----
-----邮件原件-----
---------- Välitetty viesti ----------
---------- Mensagem reencaminhada ----------
Þann fös., 27. nóv. 2026 kl. 10:15 skrifaði Bob <bob@x.example>:
Ar 27/11/2026 10:15, scríobh Bob Brandt:
Më 27/11/2026 10:15, Bob Brandt shkroi:
---- On Fri, 27 Nov 2026 10:15:00 +0100 Bob Brandt <bob@x.example> wrote ---
------------------ Original ------------------
-------- オリジナルメッセージ --------
-------- Oprindelig besked --------
---------- Odpovězeno na e-mail ----------
Bob Brandt wrote on 11/27/2026 10:15 AM:
""".strip().split("\n")
BLOCKS = [
    "*Van:* Bob\n*Verzonden:* vrijdag 27 november\n*Aan:* Erin\n*Onderwerp:* x",
    "Fra: Bob\nDato: fredag\nTil: Erin\nEmne: x",
    "De : Bob\nEnvoyé : vendredi\nÀ : Erin\nObjet : x",
    "Expéditeur: Bob\nDate: vendredi\nDestinataire: Erin\nObjet: x",
    "Da: Bob\nInviato: venerdì\nA: Erin\nOggetto: x",
    "差出人: Bob\n送信日時: 2026\n宛先: Erin\n件名: x",
    "보낸 사람: Bob\n보낸 날짜: 2026\n받는 사람: Erin\n제목: x",
    "寄件者: Bob\n寄件日期: 2026\n收件者: Erin\n主旨: x",
    "Gönderen: Bob\nTarih: 27 Kasım\nKime: Erin\nKonu: x",
    "Küldő: Bob\nElküldve: péntek\nCímzett: Erin\nTárgy: x",
    "Αποστολέας: Bob\nΗμερομηνία: Παρ\nΠρος: Erin\nΘέμα: x",
    "От: Bob\nОтправлено: пятница\nКому: Erin\nТема: x",
    "Lähettäjä: Bob\nPäiväys: pe 27. marraskuuta\nSaaja: Erin\nAihe: x",
    "Lähettäjä: Bob\nPäivä: 27.11.2026\nVastaanottajat: Erin\nOtsikko: x",
    "Remetente: Bob\nEnviado: 27/11/2026\nDestinatário: Erin\nAssunto: x",
    "Frá: Bob\nSent: föstudagur\nTil: Erin\nEfni: x",
    "Daripada: Bob\nDihantar: Jumaat\nKepada: Erin\nSubjek: x",
    "Nga: Bob\nDërguar: e premte\nPër: Erin\nTema: x",
    "Од: Bob\nИспратено: петок\nДо: Erin\nПредмет: x",
    "Ад: Bob\nДаслана: 27\nКаму: Erin\nТэма: x",
    "Kimdən: Bob\nGöndərilib: 27\nKimə: Erin\nMövzu: x",
    "გამგზავნი: Bob\nგაგზავნილია: 27\nმიმღები: Erin\nთემა: x",
    "Oddi wrth: Bob\nAnfonwyd: 27\nAt: Erin\nPwnc: x",
]
NO_ATTRIBUTIONS = [
    "In 2024 he wrote this list:",
    "The order 10:30 is:",
    "Please note what we said on 12.11.2026.",
    "Agenda:\n- 10:15 Bob\n- 11:00 Erin",
    "Meeting at 10:15 in room @home",
    "Erin wrote on the board at 10:15 what follows:",
]
SUBJECTS = {
    "reply": "RE: x|Re[2]: x|Re：x|AW: x|SV: x|Antw: x|R: x|RES: x|ODP: x|VÁ: x|YNT: x|ΑΠ: x|答复: x|[EXT] RE: FW: x"
    "|VS: x|Svar: x",
    "forward": "FW: x|Fw : x|Fwd: x|WG: x|TR: x|RV: x|ENC: x|I: x|PD: x|TOV: x|İLT: x|ΠΡΘ: x|VB: x|Doorst: x|转发：x"
    "|FW: RE: x|Videresendt: x",
    None: "x|Report: May|Invoice: 4|Reply: x|Ref: 123|Regards|Terms: x",
}


@pytest.mark.parametrize("attribution", [*ATTRIBUTIONS, *BLOCKS])
def test_what_a_program_puts_above_a_quote_is_known_in_many_languages(attribution: str) -> None:
    assert drop_history(f"Yes.\n\n{attribution}\n\n> old text here\n> and more\n")[0] == "Yes."


@pytest.mark.parametrize("text", NO_ATTRIBUTIONS)
def test_sentences_with_a_time_or_a_verb_are_no_attribution_line(text: str) -> None:
    assert drop_history(f"{text}\nmore") == (f"{text}\nmore", 0)


@pytest.mark.parametrize("kind", SUBJECTS)
def test_the_first_prefix_of_a_subject_tells_replies_and_forwards(kind: str | None) -> None:
    assert {subject: subject_kind(subject) for subject in SUBJECTS[kind].split("|")} == dict.fromkeys(
        SUBJECTS[kind].split("|"), kind
    )


CITE = "<blockquote type=cite>When?</blockquote>"
ANSWERED = {
    "Gmail, between": '<div class="gmail_quote"><div class="gmail_attr">On Fri, Nov 27, 2026 at 10:15 Bob wrote:'
    "</div><blockquote class=gmail_quote>When?</blockquote><div>On Friday.</div>"
    "<blockquote class=gmail_quote>Where?</blockquote><div>Room 4.</div></div>",
    "Thunderbird, below": f"<div class=moz-cite-prefix>On 27.11.26 10:15, Bob wrote:</div>{CITE}<p>On Friday.</p>"
    "Room 4.",
    "Apple Mail, between": f"{CITE}<div>On Friday.</div><blockquote type=cite>Where?</blockquote>Room 4.",
}


@pytest.mark.parametrize("program", ANSWERED)
def test_answers_between_or_below_quoted_blocks_stay_with_what_they_answer(program: str) -> None:
    found = html_to_text(ANSWERED[program], drop_quotes=True)
    assert [line for line in ("> When?", "On Friday.", "Room 4.") if line not in found.text] == []
    assert drop_history(found.text) == (found.text, 0)


def test_a_quote_with_nothing_below_it_but_space_is_left_out() -> None:
    quote = f"<div class=moz-cite-prefix>On 27.11.26 10:15, Bob wrote:</div>{CITE}<p> </p><br>\xa0<style>p{{}}</style>"
    assert html_to_text(f"<p>On Friday.</p>{quote}", drop_quotes=True).text == "On Friday."


def test_many_quotes_with_text_below_are_not_all_looked_at() -> None:
    assert html_to_text(f"{CITE}x" * 3000, drop_quotes=True).cut_chars > 0
