"""Pictures are told by their bytes, and made smaller where they are too large for a model."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from outlook_mcp.text.files import picture_scaling
from outlook_mcp.text.files.picture_head import picture_head, run
from outlook_mcp.text.files.picture_scaling import scaled
from outlook_mcp.text.files.result import PictureHead, decoded_head, decoded_picture


def picture(form: str, size: tuple[int, int] = (300, 20), mode: str = "RGB") -> bytes:
    written = BytesIO()
    Image.new(mode, size).save(written, form)
    return written.getvalue()


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP"])
def test_format_and_size_are_told_without_unpacking(form: str) -> None:
    assert picture_head(picture(form)) == PictureHead(f"image/{form.lower()}", 300, 20)


def test_what_is_no_picture_or_cut_has_no_size() -> None:
    assert picture_head(picture("BMP")) is None
    assert decoded_head(run([], picture("JPEG")[:8])) is None
    assert decoded_head(run([], b"\x89PNG\r\n\x1a\n")) is None


def test_a_large_picture_is_made_smaller_in_its_proportions() -> None:
    found = scaled(picture("BMP", (3136, 1000)))
    assert found is not None
    assert found.media_type == "image/jpeg"
    assert picture_head(found.content) == PictureHead("image/jpeg", 1568, 500)
    clear = scaled(picture("PNG", (2000, 10), "RGBA"))
    assert clear is not None
    assert clear.media_type == "image/png"


def test_a_picture_that_unpacks_to_too_much_or_is_none_is_not_shown() -> None:
    assert decoded_picture(picture_scaling.run([], picture("PNG", (60_000, 1_001), "1"))) is None
    assert decoded_picture(picture_scaling.run([], b"\x89PNG\r\n\x1a\n")) is None
