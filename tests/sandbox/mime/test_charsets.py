"""Text of messages is read by its label as browsers read it; without one that fits the charset is guessed."""

from __future__ import annotations

import pytest

from outlook_mcp.sandbox.mime.charsets import decode

LABELLED = [
    ("windows-874", "cp874", "ลูกค้า €"),
    ("x-sjis", "cp932", "お客様へ ①"),
    ("x-mac-cyrillic", "mac-cyrillic", "счёт"),
    ("iso-8859-2", "iso8859-2", "Zażółć"),
    ("win-1251", "cp1251", "Привет"),
    ("gb2312", "gbk", "朱镕基"),
    ("x-gbk", "gbk", "你好"),
    ("ks_c_5601-1987", "cp949", "똠방각하"),
    ("iso-8859-8-i", "iso8859-8", "שלום"),
    ("iso-8859-1", "cp1252", "don’t €"),
    ("us-ascii", "cp1252", "Grüße aus Köln"),
    ("us-ascii", "utf-8", "日本"),
    ("x-unknown", "utf-8", "日本"),
    ("hz-gb-2312", "hz", "你好"),
    ("ISO8859_1", "cp1252", "5 €"),
    ("8859_12", "cp1252", "Größe der Räume"),
    ("chinesebig5", "big5", "會議"),
    ("cp857", "cp857", "Ağrı"),
    ("utf-16le", "utf-16-le", "Привет"),
    ("utf-16", "utf-8", "Grüße"),
    ("utf-16", "ascii", "plain"),
]
UNLABELLED = [
    ("cp1251", "Здравствуйте! Направляю счёт."),
    ("koi8-r", "Здравствуйте! Направляю счёт."),
    ("cp1253", "Γεια σας, σας στέλνω το τιμολόγιο."),
    ("cp1255", "שלום, מצורפת החשבונית."),
    ("cp1256", "مرحبا، مرفق الفاتورة"),
    ("cp932", "お世話になっております。"),
    ("euc-jp", "お世話になっております。"),
    ("gbk", "您好，附件是发票，请查收。"),
    ("big5", "您好，附件是發票，請查收。"),
    ("cp949", "안녕하세요, 송장을 첨부합니다."),
    ("cp874", "สวัสดีครับ แนบใบแจ้งหนี้"),
    ("cp1250", "Dzień dobry, w załączeniu"),
    ("cp1252", "Olá João, não há problema"),
    ("cp1252", "5 € pro Stück – “ok”"),
    ("cp1252", "20 °C"),
    ("iso8859-2", "Spotkanie przełożone: środa, piątek"),
    ("cp949", "회의 시간 안내"),
    ("gbk", "会议时间安排"),
]


@pytest.mark.parametrize(("label", "codec", "text"), LABELLED)
def test_a_label_is_read_as_browsers_read_it(label: str, codec: str, text: str) -> None:
    assert decode(text.encode(codec), label) == text


@pytest.mark.parametrize(("codec", "text"), UNLABELLED)
def test_text_without_a_label_is_read_in_the_charset_that_gives_words(codec: str, text: str) -> None:
    assert decode(text.encode(codec)) == text
    assert text in decode(f"<p class=x>{text}</p>".encode(codec), "no-such-charset")


def test_vietnamese_of_before_unicode_is_read() -> None:
    assert decode(bytes.fromhex("5669ae74204e616d"), "VISCII") == "Việt Nam"


@pytest.mark.parametrize(("label", "codec"), [("utf-8", "koi8-r"), ("iso-2022-jp", "cp932"), ("us-ascii", "cp1251")])
def test_a_label_that_the_bytes_do_not_fit_is_left_for_a_guess(label: str, codec: str) -> None:
    text = "会議の時間について" if codec == "cp932" else "Встреча в пятницу"
    assert decode(text.encode(codec), label) == text


@pytest.mark.parametrize("label", ["punycode", "idna", "unicode_escape", "undefined", "rot13"])
def test_a_codec_of_python_that_is_no_charset_is_never_used(label: str) -> None:
    assert decode(b"a-b \\u0041", label) == "a-b \\u0041"


@pytest.mark.parametrize("codec", ["utf-16", "utf-8-sig"])
@pytest.mark.parametrize("label", ["", "utf-8", "us-ascii", "iso-8859-1"])
def test_a_mark_of_the_order_of_bytes_counts_more_than_a_label(codec: str, label: str) -> None:
    assert decode("Größe: Ж".encode(codec), label) == "Größe: Ж"
