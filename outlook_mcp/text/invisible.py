"""Regular expressions for characters that show nothing, each with the places where it does show something."""

from __future__ import annotations

import re
from functools import cache

# Scripts whose letters change their shape with those beside them (Unicode 16, 23.2, and RFC 5892 appendix A):
# Arabic, Syriac, N'Ko, Mandaic, the scripts of India and Sri Lanka, Tibetan, Myanmar, Khmer, Mongolian and more.
_JOINING = (
    "\u0600-\u061b\u061d-\u074f\u0750-\u077f\u07c0-\u07ff\u0840-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u17b3\u17b6-\u17ff"
    "\u1810-\u18af\u19e0-\u19ff\u1a00-\u1aaf\u1b00-\u1bff\u1c00-\u1c4f\u1cd0-\u1cff\ua840-\ua8ff\ua930-\ua9ff\uaa00-\uaaff"
    "\uabc0-\uabff\ufb50-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc\U00010a00-\U00010aff\U00010d00-\U00010d3f\U00011000-\U00011fff"
    "\U0001e900-\U0001e95f"
)
# The blocks in which the characters with the property Extended_Pictographic stand, skin tones and flags with them.
_EMOJI = (
    "\xa9\xae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u24c2\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff\u3030\u303d"
    "\u3297\u3299\U0001f000-\U0001faff"
)
_IDEOGRAPHS = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# Letters and signs of which Unicode's StandardizedVariants.txt knows a second form.
_VARIED = f"{_IDEOGRAPHS}0\u1000-\u109f\u2200-\u22ff\u2a00-\u2aff\u3001\u3002\ua840-\ua87f\uaa60-\uaa7f\uff01-\uff1f"
_MONGOLIAN = "\u1800-\u180a\u1820-\u18af"
_SOUTH_EAST_ASIAN = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf\uaa60-\uaadf"
_JAMO = "\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff"
_HIEROGLYPHS = "\U00013000-\U0001345f"
# England, Scotland and Wales: the only flags of this kind that are recommended for use (UTS 51, RGI).
_FLAGS = tuple(
    "\U0001f3f4" + "".join(chr(0xE0000 + ord(letter)) for letter in region) + "\U000e007f"
    for region in ("gbeng", "gbsct", "gbwls")
)
_CANDIDATES = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufdd0-\ufdef"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d159"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff\ud800-\udfff"
)
# What makes a candidate show something: what stands before it, or what stands on both sides.
_BEHIND = (
    # A joiner at a letter of such a script, as in Persian.
    f"[{_JOINING}][\u200c\u200d]",
    # The coloured or plain form of a sign.
    f"[{_EMOJI}0-9#*][\ufe0e\ufe0f]",
    # Chosen forms of a letter: in mathematics, Japanese names, Mongolian.
    f"[{_VARIED}][\ufe00-\ufe02]",
    f"[{_IDEOGRAPHS}][\U000e0100-\U000e01ef]",
    f"[{_MONGOLIAN}][\u180b-\u180f]",
    f"[{_JAMO}]\u1160",
    f"[{_HIEROGLYPHS}][\U00013430-\U0001343f]",
    # Marks of direction are judged apart.
    "[\u061c\u200e\u200f]",
)
_BETWEEN = (
    *((flag[:end], flag[end:]) for flag in _FLAGS for end in range(2, len(flag) + 1)),
    # Emoji made of several.
    (f"[{_EMOJI}\ufe0f\U000e007f]\u200d", f"[{_EMOJI}]"),
    # A grapheme joiner keeps marks apart, as in Hebrew and Lithuanian.
    ("\u034f", "[\u0300-\u036f\u0591-\u05c7]"),
    # Where a line may end, in scripts that write no spaces.
    (f"[{_SOUTH_EAST_ASIAN}][\u200b\u2060]", f"[{_SOUTH_EAST_ASIAN}]"),
    ("[\u115f\u1160]", f"[{_JAMO}]"),
)


@cache
def invisible() -> re.Pattern[str]:
    """Matches one character that is to be removed. Compiled at its first, rare use, as that takes 10 ms."""
    return re.compile(
        f"[{_CANDIDATES}]"
        + "".join(f"(?<!{before})" for before in _BEHIND)
        + "".join(f"(?!(?<={before}){after})" for before, after in _BETWEEN)
        # A joiner before such a letter, as in the plural of a foreign word; the first of several.
        + f"(?!(?<=[\u200c\u200d])(?<![{_CANDIDATES}][\u200c\u200d])[{_JOINING}])"
    )


MAY_BE_INVISIBLE = re.compile(f"[{_CANDIDATES}]")
# No run that shows something is longer; without this, a million of them would be judged one by one.
END_OF_LONG_RUN = re.compile(f"(?<=[{_CANDIDATES}]{{12}})[{_CANDIDATES}]+")
RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
# They order words of a text that runs from right to left; in any other text they do nothing.
MARKS_OF_DIRECTION = re.compile("[\u061c\u200e\u200f]+")
