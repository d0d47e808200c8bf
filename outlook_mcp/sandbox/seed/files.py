"""Small valid files for the attachments of demo messages, generated."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable

from outlook_mcp.sandbox.message import Attachment


def pdf(name: str, lines: Iterable[str]) -> Attachment:
    """One A4 page of ASCII lines in Helvetica."""
    escaped = (line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)") for line in lines)
    page = "\n".join(["BT", "/F1 12 Tf", "16 TL", "72 770 Td", *(f"({line}) Tj T*" for line in escaped), "ET"])
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        " /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(page)} >>\nstream\n{page}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    return Attachment(name, "application/pdf", _pdf_file(objects))


def _pdf_file(objects: list[str]) -> bytes:
    content, offsets = "%PDF-1.4\n", []
    for number, text in enumerate(objects, 1):
        offsets.append(len(content))
        content += f"{number} 0 obj\n{text}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    trailer = f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{len(content)}\n%%EOF\n"
    return f"{content}xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}".encode("ascii")


def logo(name: str, content_id: str) -> Attachment:
    """A 96 x 32 PNG that fades from blue to green."""
    width, height = 96, 32
    row = b"\x00" + b"".join(bytes((30, 60 + column * 2, 220 - column)) for column in range(width))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(row * height)), (b"IEND", b"")]
    content = b"\x89PNG\r\n\x1a\n" + b"".join(_png_chunk(kind, data) for kind, data in chunks)
    return Attachment(name, "image/png", content, is_inline=True, content_id=content_id)


def _png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def text(name: str, content_type: str, content: str) -> Attachment:
    return Attachment(name, content_type, content.encode("utf-8"))
