"""When a request may be sent again without doing anything twice."""

from __future__ import annotations

import httpx
from kiota_http.middleware import RetryHandler
from kiota_http.middleware.options import RetryHandlerOption

_REPEATABLE = frozenset({"GET", "HEAD"})
_RETRIES = 2

NEVER = RetryHandlerOption(delay=0, max_retries=0, should_retry=False)


class OfReads(RetryHandlerOption):
    """Marks a POST that changes nothing, such as a batch of reads."""

    def __init__(self) -> None:
        super().__init__(delay=0, max_retries=_RETRIES)


ONLY_READS = OfReads()


class SafeRetry(RetryHandler):
    """Repeats any request after 429, which says that nothing was done, and only reads after 503 and 504.

    A POST that changes nothing, such as a batch of reads, has the option ONLY_READS.

    When Graph asks to wait longer than `longest_s` seconds, its answer goes to the caller with the Retry-After header.
    When it does not say how long, the pauses are `backoff_s` seconds and then twice as long each time.
    """

    def __init__(self, longest_s: float, backoff_s: float) -> None:
        super().__init__(RetryHandlerOption(delay=0, max_retries=_RETRIES))
        self._longest_s = longest_s
        self._backoff_s = backoff_s

    def should_retry(self, request: httpx.Request, options: RetryHandlerOption, response: httpx.Response) -> bool:
        if not super().should_retry(request, options, response):
            return False
        return response.status_code == 429 or request.method in _REPEATABLE or isinstance(options, OfReads)

    def get_delay_time(self, retry_count: int, response: httpx.Response | None = None, delay: float = 0) -> float:
        asked = self._get_retry_after(response)
        wait = self._backoff_s * 2**retry_count if asked is None else asked
        # The base class takes MAX_DELAY to mean: do not retry.
        return wait if wait <= self._longest_s else float(RetryHandlerOption.MAX_DELAY)
