"""Which snippets show their word in a browser: a screenshot with the word differs from one with another word."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape

from playwright.async_api import Browser, Page

from tests.text.hidden.snippet import OTHER_WORD, WORD, Snippet

# The width of the frame and the colour scheme.
VIEWS = ((1200, "light"), (400, "dark"), (1200, "dark"), (400, "light"))
_WIDEST = 1200
_HEIGHT, _PAGE_HEIGHT = 130, 3_900
# The least difference of a pixel, summed over its colours, that counts as seen.
_SEEN = 24
_DIFFERENCES = """async ([first, second, columns, width, height]) => {
  const pixels = async (data) => {
    const picture = await createImageBitmap(await (await fetch("data:image/png;base64," + data)).blob());
    const canvas = new OffscreenCanvas(picture.width, picture.height);
    const context = canvas.getContext("2d", {willReadFrequently: true});
    context.drawImage(picture, 0, 0);
    return context.getImageData(0, 0, picture.width, picture.height);
  };
  const one = await pixels(first), other = await pixels(second), found = {};
  const a = new Uint32Array(one.data.buffer), b = new Uint32Array(other.data.buffer);
  for (let i = 0; i < a.length; i++) {
    if (a[i] === b[i]) continue;
    const j = 4 * i;
    const difference = [0, 1, 2].reduce((sum, k) => sum + Math.abs(one.data[j + k] - other.data[j + k]), 0);
    const x = i % one.width, y = (i - x) / one.width;
    const cell = Math.floor(y / height) * columns + Math.floor(x / width);
    found[cell] = Math.max(found[cell] || 0, difference);
  }
  return found;
}"""


async def names_seen(
    browser: Browser, snippets: Sequence[Snippet], views: Sequence[tuple[int, str]] = VIEWS
) -> set[str]:
    """The names of those whose word is seen in any of these views."""
    seen: set[str] = set()
    comparing = await browser.new_page()
    for width, scheme in views:
        columns = _WIDEST // width
        # No higher than what is shown, since each picture is compressed and compared pixel by pixel.
        height = min(_PAGE_HEIGHT, -(-len(snippets) // columns) * _HEIGHT)
        context = await browser.new_context(
            viewport={"width": columns * width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            java_script_enabled=False,
            offline=True,
        )
        page = await context.new_page()
        at_once = columns * (_PAGE_HEIGHT // _HEIGHT)
        for start in range(0, len(snippets), at_once):
            part = snippets[start : start + at_once]
            pictures = [await _picture(page, part, width, word) for word in (WORD, OTHER_WORD)]
            found = await comparing.evaluate(_DIFFERENCES, [*pictures, columns, width, _HEIGHT])
            seen |= {part[int(cell)].name for cell, difference in found.items() if difference >= _SEEN}
        await context.close()
    await comparing.close()
    return seen


async def _picture(page: Page, snippets: Sequence[Snippet], width: int, word: str) -> str:
    style = f"width:{width}px;height:{_HEIGHT}px;border:0;background:#fff;color-scheme:light;display:block;float:left"
    frames = "".join(
        f'<iframe srcdoc="{escape(snippet.with_word(word))}" style="{style}"></iframe>' for snippet in snippets
    )
    await page.set_content(f"<body style='margin:0'>{frames}", wait_until="load")
    return base64.b64encode(await page.screenshot()).decode()
