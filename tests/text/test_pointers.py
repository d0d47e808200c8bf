"""Sentences that send the reader into the quoted mail below are found in languages without spaces and with endings."""

from __future__ import annotations

import pytest

from outlook_mcp.text.quotes.pointers import points_below


@pytest.mark.parametrize(
    "text",
    [
        "아래에 답변 드립니다.",
        "아래 의견을 참고해 주세요.",
        "인라인으로 답변드렸습니다. 아래에 회신합니다.",
        "赤字で回答しました。",
        "以下に回答します。",
        "请见下面，答复在下。",
    ],
)
def test_a_pointer_is_found_within_other_letters(text: str) -> None:
    assert points_below(text)


@pytest.mark.parametrize("text", ["감사합니다.", "오래 답을 기다렸습니다.", "了解しました。", "谢谢。"])
def test_a_text_without_one_points_nowhere(text: str) -> None:
    assert not points_below(text)
