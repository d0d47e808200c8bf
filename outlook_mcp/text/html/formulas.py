"""What stands between the parts of a formula (MathML) so that it reads as one line."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

# Before the parts of an element; the first one of a root has nothing before it but the sign.
_BEFORE = {
    "mfrac": ("", "/"),
    "msup": ("", "^"),
    "msub": ("", "_"),
    "mover": ("", "^"),
    "munder": ("", "_"),
    "msubsup": ("", "_", "^"),
    "munderover": ("", "_", "^"),
    "msqrt": ("√",),
    "mroot": ("√", " root "),
    "mtr": ("", *[" "] * 50),
}
FORMULAS = frozenset(_BEFORE)
# They show elements alone.
WITHOUT_TEXT = frozenset({"math", "mrow", "mstyle", "mpadded", "mphantom", "merror", "semantics", "mtd"})


def signs_around(tag: str, place: int, part: LexborNode) -> tuple[str, str]:
    """What is written before and behind a part of a formula: signs, and brackets around parts of parts."""
    signs = _BEFORE[tag]
    before = signs[place] if place < len(signs) else ""
    is_compound = tag != "mtr" and part.tag in ("mrow", "mfrac", "mfenced") and _has_several_parts(part)
    return (f"{before}(", ")") if is_compound else (before, "")


def _has_several_parts(node: LexborNode) -> bool:
    parts, child = 0, node.first_child
    while child is not None and parts < 2:
        parts += (child.tag or "-")[0] != "-"
        child = child.next
    return parts > 1
