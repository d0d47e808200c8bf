"""How fast HTML becomes text, against the standard library's parser that only reads the tags of the same bytes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from html.parser import HTMLParser
from pathlib import Path
from statistics import median

from outlook_mcp.text.html.document import html_to_text
from tests.benchmarks.figure import Figure
from tests.text.generated import generated_mails

PUBLIC_MAIL = [parent / "shared" / "mail" / "html" for parent in Path(__file__).parents]
ROUNDS = 10
# Times the work of the floor, which reads about 20 MB a second: so about 2 MB a second.
MOST = 9.0


def bodies() -> list[str]:
    """The templates of real mail beside the repository; where they are missing, mails made for the tests."""
    found = next((sorted(folder.glob("*.html")) for folder in PUBLIC_MAIL if folder.is_dir()), [])
    return [path.read_text("utf-8", "replace") for path in found] or generated_mails(10)


def speed() -> list[Figure]:
    """The median of rounds in which each body is read by both, one after the other, so that load slows both alike."""
    mail = bodies()
    rounds = [_round(mail) for _ in range(ROUNDS)]
    megabytes = sum(len(body.encode()) for body in mail) / 1e6
    floor, product = (megabytes / min(seconds[side] for seconds in rounds) for side in (0, 1))
    ratio = median(product / floor for floor, product in rounds)
    return [
        Figure("HTML to text, against html.parser", f"{floor:.1f} MB/s", f"{product:.1f} MB/s", ratio, MOST, "x"),
    ]


def _round(mail: Sequence[str]) -> tuple[float, float]:
    """Seconds of CPU of the floor and of the product."""
    floor = product = 0.0
    for body in mail:
        floor += _seconds(lambda html: HTMLParser().feed(html), body)
        product += _seconds(html_to_text, body)
    return floor, product


def _seconds(convert: Callable[[str], object], body: str) -> float:
    began = time.process_time()
    convert(body)
    return time.process_time() - began
