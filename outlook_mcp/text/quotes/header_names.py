"""The names, in many languages, of the headers that mail programs put above a quoted message.

Each language has the names of the sender's header, of the date's, and of the others (recipients, subject). The three
constants at the end hold all of them as alternatives of a regular expression.
"""

from __future__ import annotations

from typing import NamedTuple


class HeaderNames(NamedTuple):
    """Names of one language, parted by `|`."""

    sender: str
    sent: str
    others: str


NAMES = {
    "af": HeaderNames("Van", "Gestuur|Datum", "Aan|Onderwerp"),
    "ar": HeaderNames("من", "تم الإرسال|تاريخ الإرسال|التاريخ|أُرسلت", "إلى|الموضوع|نسخة"),
    "az": HeaderNames("Kimdən", "Göndərilib|Göndərildi|Tarix", "Kimə|Mövzu"),
    "be": HeaderNames("Ад", "Даслана|Адпраўлена|Дата", "Каму|Тэма"),
    "bg": HeaderNames("От", "Изпратено|Дата", "До|Относно|Тема"),
    "bn": HeaderNames("প্রেরক|থেকে", "পাঠানো হয়েছে|তারিখ", "প্রাপক|প্রতি|বিষয়"),
    "ca": HeaderNames("De", "Enviat el|Enviat|Data", "Per a|A|Tema|Assumpte"),
    "cs": HeaderNames("Od", "Odesláno|Datum", "Komu|Předmět|Kopie"),
    "cy": HeaderNames("Oddi wrth", "Anfonwyd|Dyddiad", "At|Pwnc"),
    "da": HeaderNames("Fra", "Sendt|Dato", "Til|Emne"),
    "de": HeaderNames("Von", "Gesendet|Datum", "An|Betreff|Kopie"),
    "el": HeaderNames("Από|Αποστολέας", "Στάλθηκε|Εστάλη|Ημερομηνία", "Προς|Θέμα|Κοιν"),
    "en": HeaderNames("From", "Sent|Date", "To|Cc|Subject"),
    "es": HeaderNames("De|Remitente", "Enviado el|Enviado|Fecha", "Para|Asunto"),
    "et": HeaderNames("Saatja|Kellelt", "Saadetud|Kuupäev", "Adressaat|Kellele|Teema"),
    "eu": HeaderNames("Nork|Igorlea", "Bidaltze-data|Bidalia|Data", "Nori|Gaia"),
    "fa": HeaderNames("از", "ارسال شده|تاریخ", "به|موضوع"),
    "fi": HeaderNames(
        "Lähettäjä", "Lähetetty|Päivämäärä|Päiväys|Päivä|Pvm", "Vastaanottajat|Vastaanottaja|Saaja|Kopio|Aihe|Otsikko"
    ),
    "fr": HeaderNames("De|Expéditeur", "Envoyé|Date", "À|A|Objet|Destinataire"),
    "ga": HeaderNames("Ó", "Seolta|Dáta", "Chuig|Ábhar"),
    "gl": HeaderNames("De", "Enviado o|Enviado|Data", "Para|Asunto"),
    "he": HeaderNames("מאת", "נשלח|תאריך", "אל|נושא|עותק"),
    "hi": HeaderNames("प्रेषक|से", "भेजा गया|दिनांक", "प्रति|विषय"),
    "hr": HeaderNames("Od|Šalje", "Poslano|Datum", "Za|Prima|Predmet"),
    "hu": HeaderNames("Feladó|Küldő", "Elküldve|Küldve|Dátum", "Címzett|Tárgy|Másolatot kap"),
    "hy": HeaderNames("Ումից", "Ուղարկված է|Ամսաթիվ", "Ում|Թեմա"),
    "id": HeaderNames("Dari", "Dikirim|Terkirim|Tanggal", "Kepada|Ke|Subjek|Perihal"),
    "is": HeaderNames("Frá", "Sent|Dagsetning", "Til|Efni"),
    "it": HeaderNames("Da", "Inviato|Data", "A|Oggetto"),
    "ja": HeaderNames("差出人|送信者", "送信日時|日付", "宛先|件名"),
    "ka": HeaderNames("გამგზავნი", "გაგზავნილია|თარიღი", "მიმღები|თემა"),
    "kk": HeaderNames("Кімнен", "Жіберілді|Күні", "Кімге|Тақырып"),
    "ko": HeaderNames("보낸 사람", "보낸 날짜|날짜", "받는 사람|제목"),
    "lt": HeaderNames("Nuo|Siuntėjas", "Išsiųsta|Data", "Kam|Tema"),
    "lv": HeaderNames("No|Sūtītājs", "Nosūtīts|Datums", "Kam|Temats|Tēma"),
    "mk": HeaderNames("Од", "Испратено|Датум", "До|Предмет"),
    "ms": HeaderNames("Daripada", "Dihantar|Tarikh", "Kepada|Subjek"),
    "nb": HeaderNames("Fra", "Sendt|Dato", "Til|Emne"),
    "nl": HeaderNames("Van", "Verzonden|Datum", "Aan|Onderwerp"),
    "pl": HeaderNames("Od", "Wysłano|Wysłane|Data", "Do|DW|Temat"),
    "pt": HeaderNames("De|Remetente", "Enviada em|Enviado em|Enviada|Enviado|Data", "Para|Destinatário|Assunto"),
    "ro": HeaderNames("De la|De", "Trimis|Data", "Către|Catre|Subiect"),
    "ru": HeaderNames("От", "Отправлено|Дата", "Кому|Тема|Копия"),
    "sk": HeaderNames("Od|Odosielateľ", "Odoslané|Dátum", "Komu|Predmet"),
    "sl": HeaderNames("Od|Pošiljatelj", "Poslano|Datum", "Za|Zadeva"),
    "sq": HeaderNames("Nga", "Dërguar|Data", "Për|Tema|Subjekti"),
    "sr": HeaderNames("Од|Od", "Послато|Poslato|Датум|Datum", "За|Za|Наслов|Naslov|Предмет"),
    "sv": HeaderNames("Från", "Skickat|Datum", "Till|Ämne"),
    "sw": HeaderNames("Kutoka", "Imetumwa|Tarehe", "Kwa|Mada"),
    "th": HeaderNames("จาก", "ส่ง|วันที่", "ถึง|เรื่อง"),
    "tl": HeaderNames("Mula kay", "Ipinadala|Petsa", "Kay|Paksa"),
    "tr": HeaderNames("Kimden|Gönderen", "Gönderildi|Gönderilme Tarihi|Gönderim|Tarih", "Kime|Konu"),
    "uk": HeaderNames("Від", "Надіслано|Відправлено|Дата", "Кому|Тема|Копія"),
    "ur": HeaderNames("منجانب|از طرف", "بھیجا گیا|تاریخ", "بنام|موضوع"),
    "vi": HeaderNames("Từ", "Đã gửi|Đã Gửi|Ngày", "Tới|Đến|Chủ đề|Chủ Đề"),
    "zh": HeaderNames("发件人|寄件者|寄件人", "发送时间|发送日期|寄件日期|日期", "收件人|收件者|主题|主旨|抄送|副本"),
}


def _joined(parts: list[str]) -> str:
    """All names once, the longer ones first, so that none is taken for the beginning of another."""
    names = dict.fromkeys(name for part in parts for name in part.split("|"))
    return "|".join(sorted(names, key=len, reverse=True))


FROM = _joined([names.sender for names in NAMES.values()])
SENT = _joined([names.sent for names in NAMES.values()])
OTHERS = _joined([names.others for names in NAMES.values()])
