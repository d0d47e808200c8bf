"""What stands above the text of an earlier message, in many languages: who wrote it, or that it is the original.

Each constant holds alternatives of a regular expression; they are matched without regard to case. The forms are those
of Outlook, Gmail, Apple Mail, Thunderbird, Yahoo and Seznam.
"""

from __future__ import annotations

_WROTE = {
    "af": "geskryf",
    "ar": "كتب|كتبت",
    "az": "yazdı",
    "be": "піша|напісаў|напісала",
    "bg": "написа|пише",
    "bn": "লিখেছেন",
    "ca": "va escriure|ha escrit",
    "cs": r"napsal\(a\)|napsala?|píše",
    "cy": "ysgrifennodd",
    "da": "skrev",
    "de": "schrieb|schreibt",
    "el": "έγραψε|γράφει",
    "en": "wrote|writes|said",
    "es": "escribió|escribio|ha escrito",
    "et": "kirjutas",
    "eu": "idatzi du|igorleak idatzi zuen",
    "fa": "نوشت|نوشته است",
    "fi": "kirjoitti",
    "fr": "a écrit",
    "ga": "scríobh",
    "gl": "escribiu",
    "he": "כתב/ה|כתב|כתבה|כתבו",
    "hi": "ने लिखा",
    "hr": r"napisao je|napisala je|je napisao/la|je napisao|je napisala",
    "hu": "írta|ezt írta",
    "hy": "գրել է",
    "id": "menulis",
    "is": "skrifaði",
    "it": "ha scritto|scrive",
    "ka": "დაწერა",
    "kk": "жазды",
    "lt": "rašė|parašė",
    "lv": "rakstīja",
    "mk": "напиша",
    "ms": "menulis|telah menulis",
    "nb": "skrev",
    "nl": "schreef|het volgende geschreven",
    "pl": r"napisał\(a\)|napisała?|pisze",
    "pt": "escreveu",
    "ro": "a scris",
    "ru": r"написал\(а\)|написала?|пишет|писал\(а\)|писала?",
    "sk": r"napísal\(a\)|napísala?|píše",
    "sl": r"je napisal/a|je napisala?|je napisal\(a\)",
    "sq": "shkroi|ka shkruar",
    "sr": "је написао/ла|је написао|је написала|je napisao|je napisala|пише",
    "sv": "skrev",
    "sw": "aliandika",
    "th": "เขียนว่า|เขียน",
    "tl": "isinulat ni|sumulat",
    "tr": "şunu yazdı|şunları yazdı|yazdı",
    "uk": r"написав\(ла\)|написала?|написав|пише",
    "ur": "نے لکھا",
    "vi": "đã viết|viết",
}
# These languages part no words, so that no edge of a word can be asked for.
WROTE_WITHOUT_EDGES = "のメール|さんは書きました|写道|寫道|撰写|님이 작성|님의 메시지|쓴 글|작성"
# In these languages the name may stand behind the verb.
WROTE_FIRST = (
    "schrieb|schreef|skrev|kirjoitti|yazdı|írta|kirjutas|je oseba|skrifaði|scríobh|ysgrifennodd|isinulat ni|shkroi"
)

ORIGINAL = (
    "begin forwarded text|original message|original appointment|forwarded message|reply message|forwarded email"
    "|urspr(?:ü|u|ue)ngliche nachricht|urspr(?:ü|ue)nglicher termin|weitergeleitete nachricht|original-nachricht"
    "|message d.origine|message original|message transféré|mensaje original|mensaje reenviado|missatge original"
    "|mensagem original|mensagem encaminhada|messaggio originale|messaggio inoltrato|oorspronkelijk bericht"
    "|doorgestuurd bericht|wiadomość oryginalna|oryginalna wiadomość|wiadomość przekazana|исходное сообщение"
    "|пересылаемое сообщение|оригинальное сообщение|оригінальне повідомлення|вихідне повідомлення"
    "|ursprungligt meddelande|originalmeddelande|vidarebefordrat meddelande|oprindelig meddelelse"
    "|videresendt meddelelse|opprinnelig melding"
    "|mensagem reencaminhada|mensagem transmitida|välitetty viesti|edelleenlähetetty viesti|upprunaleg skilaboð"
    "|áframsent skeyti|mensaxe orixinal|mensaxe reenviada|mesej asal|mesej yang dikirim semula|mesazhi origjinal"
    "|oorspronklike boodskap|aangestuurde boodskap|neges wreiddiol|teachtaireacht bhunaidh|ujumbe asili"
    "|изворна порака|проследена порака|зыходнае паведамленне|бастапқы хабар|orijinal mesaj|ilkin mesaj"
    "|videresendt melding|alkuperäinen viesti|původní (?:zpráva|e-?mail)|přeposlaná zpráva|pôvodná správa"
    "|eredeti üzenet|továbbított üzenet|mesaj original|mesaj redirecționat|mesajul original|orijinal (?:ileti|mesaj)"
    "|özgün ileti|iletilmiş mesaj|αρχικό μήνυμα|προωθημένο μήνυμα|הודעה מקורית|הודעה שהועברה|الرسالة الأصلية"
    "|رسالة معاد توجيهها|پیام اصلی|оригинално съобщение|izvorna poruka|proslijeđena poruka|izvirno sporočilo"
    "|originalna poruka|оригинална порука|algne (?:teade|sõnum|kiri)|sākotnējais ziņojums|pradinis laiškas"
    "|originalus laiškas|jatorrizko mezua|thư gốc|tin nhắn gốc|pesan asli|ข้อความต้นฉบับ|मूल संदेश|元のメッセージ"
    "|転送メッセージ|オリジナルメッセージ|original(?=\\s*-{4})|oprindelig besked|videresendt besked"
    "|odpovězeno na e-?mail|邮件原件|原始邮件|原始郵件|转发邮件|轉寄郵件|원본 메시지|원본 메일|전달된 메시지"
)

WROTE = "|".join(sorted({verb for verbs in _WROTE.values() for verb in verbs.split("|")}, key=len, reverse=True))
