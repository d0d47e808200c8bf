"""Bytes are read as browsers read their label; without a label that fits the charset is guessed, and said to be."""

from __future__ import annotations

import pytest
from webencodings.labels import LABELS

from outlook_mcp.text.charset_guess import guessed_charset
from outlook_mcp.text.charsets import DEFAULT, charset_named, decoded, decoded_by_guess, label_in_html
from outlook_mcp.text.decoding import decode

LABELLED = [
    (b"don\x92t \x96 \x80 500", "iso-8859-1", "don’t – € 500"),
    (b"don\x92t", "us-ascii; x", "don’t"),
    ("朱镕基".encode("gbk"), "gb2312", "朱镕基"),
    ("똠방각하".encode("cp949"), "ks_c_5601-1987", "똠방각하"),
    ("ไทย €".encode("cp874"), "tis-620", "ไทย €"),
    ("ไทย".encode("cp874"), "windows-874", "ไทย"),
    ("ğış".encode("cp1254"), "iso-8859-9", "ğış"),
    ("日本語ｶﾅ".encode("iso2022_jp_ext"), "iso-2022-jp", "日本語ｶﾅ"),
    (b"\x1b$B-!-j|b\x1b(B!", "ISO-2022-JP", "①㈱髙!"),
    ("①髙".encode("cp932"), "shift_jis", "①髙"),
    ("囧".encode("big5hkscs"), "big5", "囧"),
    ("שלום".encode("iso8859-8"), "iso-8859-8-i", "שלום"),
    ("Größe".encode("cp850"), "cp850", "Größe"),
    ("Ağrı".encode("cp857"), "cp857", "Ağrı"),
    ("5 €".encode("cp1252"), "ISO8859_1", "5 €"),
    ("Ağrı".encode("cp1254"), "8859_9", "Ağrı"),
    (bytes.fromhex("5669ae74204e616d"), "viscii", "Việt Nam"),
    ("안녕".encode("iso2022_kr"), "iso-2022-kr", "안녕"),
    ("é".encode(), " 'UTF-8' ", "é"),
    ("é".encode("utf-8-sig"), "ascii", "é"),
    ("é".encode("utf-16"), None, "é"),
    ("日本".encode(), "us-ascii", "日本"),
    ("Café".encode("cp1252"), "iso-8859-1", "Café"),
    ("é".encode("cp1252"), "iso_8859-1:1987", "é"),
    ("Café".encode(), "latin1", "Café"),
    ("Привет".encode("cp1251"), "win-1251", "Привет"),
    (b"5 \x80", "windows1252", "5 €"),
    ("日本".encode("iso2022_jp"), "iso-2022-jp-2", "日本"),
    ("Größe".encode(), "iso-8859-1", "Größe"),
    (b"abc", "no-such-charset", "abc"),
    (b"\x80 50 " + "合同".encode("gbk"), "gbk", "€ 50 合同"),
    ("Grüße aus Köln – 5 €".encode("utf-7"), "unicode-1-1-utf-7", "Grüße aus Köln – 5 €"),
    (b"a+2AA-b" + b"c" * 60, "utf-7", "a\ufffdb" + "c" * 60),
    ("Příliš žluťoučký".encode("mac-latin2"), "x-mac-centraleurroman", "Příliš žluťoučký"),
    ("Καλημέρα".encode("mac-greek"), "x-mac-greek", "Καλημέρα"),
    ("Görüşürüz".encode("mac-turkish"), "x-mac-turkish", "Görüşürüz"),
    ("Grüße à Zürich".encode("cp437"), "437", "Grüße à Zürich"),
    ("Grüße".encode("cp850"), "csPC850Multilingual", "Grüße"),
    ("5 € Grüße".encode("cp858"), "IBM00858", "5 € Grüße"),
    ("Hello World 42".encode("cp037"), "ibm037", "Hello World 42"),
    # A text that was cut in the middle of its last letter.
    ("Übergrößenträger für alle".encode()[:-1] + "ü".encode()[:1], "utf-8", "Übergrößenträger für all\ufffd"),
]
GUESSED = [
    ("cp1251", "Клиент;Сумма\r\nООО Ромашка;1200\r\nИП Иванов;800\r\n"),
    ("cp1251", "Иванов Пётр;Москва;№ 5"),
    ("cp1251", "Київ;їжа;Сума"),
    ("cp1251", "Клиент;Сумма\r\nООО Ромашка;1200"),
    ("koi8-r", "Здравствуйте, это счет на оплату"),
    ("cp866", "Клиент;Сумма заказа"),
    ("cp1252", "Größe;Straße"),
    ("cp1252", "Müller;5 €"),
    ("cp1252", "Prénom;Hélène;Forêt"),
    ("cp1252", "Namn;Ålder\nÅsa;33"),
    ("cp1250", "Příliš žluťoučký kůň"),
    ("cp1250", "Paweł;Michał;Zażółć"),
    ("cp1250", "Győr;őszi;Összeg"),
    ("cp1253", "Πελάτης;Ποσό\nΑθήνα;300"),
    ("cp1254", "Müşteri;Şehir;ığüşöç"),
    ("cp1255", "לקוח;סכום;ירושלים"),
    ("cp1256", "العميل;المبلغ;القاهرة"),
    ("cp874", "ลูกค้า;จำนวนเงิน;กรุงเทพ"),
    ("cp932", "お客様;金額\nカタカナのテスト;1200"),
    ("euc-jp", "顧客;金額\n株式会社山田のテスト;1200"),
    ("gbk", "姓名,金额\n张伟,1200\n王芳,300"),
    ("big5", "客戶;金額\n台北公司;1200"),
    ("cp949", "고객;금액\n서울 회사;1200"),
    ("utf-16-le", "Kunde;Größe"),
    ("cp1251", "Привет"),
    ("koi8-r", "Счёт за март"),
    ("cp1253", "Καλημέρα"),
    ("cp874", "ใบแจ้งหนี้"),
    ("iso8859-2", "Zażółć gęślą jaźń"),
    ("cp949", "회의 시간 안내"),
    ("cp932", "請求書を送ります"),
    ("cp932", "顧客,金額\n山田商店,500\n鈴木,700"),
    ("cp850", "Artikel;Größe\nTür;Fläche\nÜberhöhung;schön"),
    ("cp850", "Prénom;Hélène;Forêt"),
    ("mac-roman", "Artikel;Größe\nTür;Fläche\nÜbermaß"),
]


@pytest.mark.parametrize(("raw", "label", "text"), LABELLED)
def test_a_label_is_read_as_browsers_read_it(raw: bytes, label: str | None, text: str) -> None:
    found = decoded(raw, label and label.partition(";")[0]) or decoded_by_guess(raw, label, guessed_charset)
    assert found.text == text


@pytest.mark.parametrize(("codec", "text"), GUESSED, ids=[codec for codec, _ in GUESSED])
def test_bytes_without_a_label_are_guessed_and_said_to_be(codec: str, text: str) -> None:
    raw = text.encode(codec)
    assert decoded(raw) is None
    found = decoded_by_guess(raw, None, guessed_charset)
    assert (found.text, found.is_guess) == (text, True)


def test_every_label_of_browsers_is_read_by_a_codec_of_the_fixed_list_or_not_at_all() -> None:
    refused = {label for label in LABELS if charset_named(label) is None}
    assert refused == {"x-user-defined", "replacement", "csiso2022kr", "iso-2022-cn", "iso-2022-cn-ext"}
    for label in set(LABELS) - refused:
        assert decoded(b"plain", label) is not None


@pytest.mark.parametrize(
    "label", ["punycode", "idna", "rot13", "unicode_escape", "raw_unicode_escape", "zlib", "undefined", "mbcs", "hex"]
)
def test_codecs_of_python_that_are_no_charset_are_never_used(label: str) -> None:
    text = "hello-kva \\u0041 ~{"
    found = decoded(text.encode(), label)
    assert (found and found.text, charset_named(label)) == (text, None)


def test_the_label_in_a_page_counts_but_for_what_cannot_be_true() -> None:
    assert label_in_html(b'<?xml version="1.0" encoding="windows-1251"?><html>') == "windows-1251"
    assert label_in_html(b"<meta http-equiv=x content='text/html; charset=koi8-r'>") == "koi8-r"
    assert label_in_html(b"<meta charset=utf-16>") == "utf-8"
    assert label_in_html(b" " * 1100 + b"<meta charset=koi8-r>") is None


async def test_a_guess_is_made_in_a_worker_and_without_one_windows_1252_is_taken() -> None:
    found = await decode("Клиент;Сумма;Ромашка".encode("cp1251"))
    assert (found.text, found.charset, found.is_guess) == ("Клиент;Сумма;Ромашка", "windows-1251", True)
    assert guessed_charset(b"") == guessed_charset(b"abc") == DEFAULT
