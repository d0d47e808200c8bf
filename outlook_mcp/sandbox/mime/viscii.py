"""VISCII."""

from __future__ import annotations

import codecs

# Six of its letters stand where ASCII has control characters: RFC 1456.
_UPPER_HALF = (
    "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯ"
    "ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡưàáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ"
)
_LOW = {0x02: "Ẳ", 0x05: "Ẵ", 0x06: "Ẫ", 0x14: "Ỷ", 0x19: "Ỹ", 0x1E: "Ỵ"}
_TABLE = "".join(_LOW.get(byte, chr(byte)) for byte in range(128)) + _UPPER_HALF


def from_viscii(raw: bytes) -> str:
    """The text of bytes in VISCII, a charset for Vietnamese that Python and browsers do not know.

    >>> from_viscii(b"Vi\\xaet Nam")
    'Việt Nam'
    """
    return codecs.charmap_decode(raw, "strict", _TABLE)[0]
