"""Rules about tags, classes and ids are found without the parser, and are about the same elements."""

from __future__ import annotations

import pytest

from outlook_mcp.text.html.budget import Budget
from outlook_mcp.text.html.css.simple_rules import SimpleRules, is_simple
from outlook_mcp.text.html.document import html_to_text

SELECTORS = (
    *("p", "P", "*", ".a", ".A", "p.a", "p.b.a", "#x", "#X", "p#x.a", "*.a", ".é", ".a-b", ".k", "._", "#x, .b"),
    *(
        "foreignobject",
        "foreignObject",
        "linearGradient",
        "html",
        "body",
        "svg p",
        "p::before, .a",
        ".a > i",
        "b:not(.a)",
    ),
)
ELEMENTS = (
    "<p>plain</p><p class=a>small</p><p class=A>large</p><p class='b\ta'>tab</p><p class='b\x0ba'>line</p><p id=x>x</p>"
    "<p id=X class='a  a'>twice</p><p class='a\xa0b'>hard</p><p class=é>accent</p><p class=É>great</p><p class=K>K</p>"
    "<p class=a-b>dash</p><p class=_>low</p><p class=''>empty</p><b class=a>bold<i>inside</i></b>"
    "<P Class=b ID=y>names</P><p class=\u212a>Kelvin</p>"
    "<svg><foreignObject class=a><p>drawn</p></foreignObject></svg><template><p class=a>made</p></template>"
)
# More rules than so many steps are enough for, but enough for the parser to find these few elements.
MANY_RULES = "".join(f".unused{number}{{color:red}}" for number in range(200))
FEW_STEPS = Budget(steps=30_000)


@pytest.mark.parametrize("doctype", ["<!doctype html>", ""])
@pytest.mark.parametrize("selector", SELECTORS)
def test_a_rule_hides_the_same_elements_however_they_are_found(selector: str, doctype: str) -> None:
    document = f"{doctype}<style>{selector}{{display:none}}{MANY_RULES}</style>{ELEMENTS}"
    by_names, by_parser = html_to_text(document), html_to_text(document, budget=FEW_STEPS)
    assert not by_parser.doubtful
    assert by_names == by_parser


def test_an_element_has_the_rules_of_its_tag_its_id_and_all_its_classes_in_order() -> None:
    rules = SimpleRules(enumerate(["p", ".a.b", "#x", "*", "b", ".c", "p.b#x"]), quirks=False)
    assert rules.rules_of("p", "x", "b a") == (0, 1, 2, 3, 6)


def test_no_other_selector_is_taken_for_one_of_names() -> None:
    others = ["p > a", "p a", ".a:hover", "[class]", "p,a", ".1a", ".a\\62", "p::before", "a|b", "", ".", "&"]
    assert not any(map(is_simple, others))
