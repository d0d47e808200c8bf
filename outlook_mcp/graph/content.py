"""How the content of an upload is given and how its progress is told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

# Reads so many bytes (the second number) of a file from this position on, fewer only at its end.
ContentReader = Callable[[int, int], Awaitable[bytes]]
# Is told how many bytes have arrived.
UploadProgress = Callable[[int], Awaitable[None]]
