"""An httpx transport over aiohttp, whose C parser needs a tenth of httpcore's CPU time.

URLs are not changed, no cookie is stored or sent, no redirect is followed, the size of a body is limited as it
arrives, and every aiohttp error becomes the httpx error of the same meaning.
"""

from __future__ import annotations

import io
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import partial

import aiohttp
import httpx
import yarl

from outlook_mcp.graph.request_log import is_logging, log_request
from outlook_mcp.net.clock import seconds_since_boot
from outlook_mcp.net.proxies import NO_PROXIES, Proxies
from outlook_mcp.net.request_id import current_request_id, new_request_id

MAX_BODY = "outlook_mcp.max_body_bytes"
# The SDK would send another `client-request-id` with each request.
_DROPPED_REQUEST = frozenset({b"host", b"transfer-encoding", b"cookie", b"connection", b"client-request-id"})
# aiohttp has decoded the body already; a cookie of one user must never reach another.
_DROPPED_RESPONSE = frozenset({b"content-encoding", b"content-length", b"transfer-encoding", b"set-cookie"})
_LARGE_BODY = 2**20


class BodyTooLarge(httpx.ReadError):
    """The body is larger than the limit."""


class Redirected(httpx.RemoteProtocolError):
    """The answer is a redirect, which Graph never sends; the SDK would take it for a success."""


class EmptyAnswer(httpx.RemoteProtocolError):
    """A change was answered 200 without a body, which Graph never does: it answers 202 or 204 when it sends none."""


class AiohttpTransport(httpx.AsyncBaseTransport):
    """One connection pool for all users. The extension MAX_BODY of a request overrides `max_body_bytes`."""

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None,
        max_connections: int,
        max_body_bytes: int,
        path_words: frozenset[str],
        proxies: Proxies = NO_PROXIES,
    ) -> None:
        """`path_words` may stand in the request log; see `request_log`."""
        self._proxies = proxies
        self._path_words = path_words
        self._tls = tls
        self._max_connections = max_connections
        self._max_body_bytes = max_body_bytes
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._logged(request)
        if 300 <= answer.status < 400:
            answer.close()
            raise Redirected(f"answered {answer.status}", request=request)
        limit = request.extensions.get(MAX_BODY, self._max_body_bytes)
        return httpx.Response(
            answer.status,
            headers=[pair for pair in answer.raw_headers if pair[0].lower() not in _DROPPED_RESPONSE],
            stream=_Body(answer, request, limit),
            extensions={"http_version": b"HTTP/1.1"},
            request=request,
        )

    async def _logged(self, request: httpx.Request) -> aiohttp.ClientResponse:
        if not is_logging():
            return await self._send_request(request)
        log = partial(log_request, request.method, str(request.url), self._path_words, seconds_since_boot())
        try:
            answer = await self._send_request(request)
        except BaseException as error:
            log(type(error).__name__)
            raise
        log(answer.status, answer.headers.get("request-id", ""))
        return answer

    async def _send_request(self, request: httpx.Request) -> aiohttp.ClientResponse:
        body, url = await request.aread(), str(request.url)
        proxy = self._proxies.proxy_for(url)
        with _as_httpx_errors(request):
            return await self._open().request(
                request.method,
                yarl.URL(url, encoded=True),
                proxy=None if proxy is None else proxy.get_secret_value(),
                headers=_request_headers(request),
                # aiohttp wants large bodies as files.
                data=io.BytesIO(body) if len(body) > _LARGE_BODY else body or None,
                allow_redirects=False,
                skip_auto_headers=("User-Agent", "Content-Type", "Accept", "Accept-Encoding"),
                timeout=_timeout(request),
            )

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=self._max_connections, ssl=self._tls or True)
            self._session = aiohttp.ClientSession(
                connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
            )
        return self._session

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: aiohttp.ClientResponse, request: httpx.Request, limit: int) -> None:
        self._answer = answer
        self._request = request
        self._limit = limit

    async def __aiter__(self) -> AsyncIterator[bytes]:
        seen = 0
        with _as_httpx_errors(self._request):
            async for chunk in self._answer.content.iter_any():
                seen += len(chunk)
                if seen > self._limit:
                    self._answer.close()
                    raise BodyTooLarge(f"more than {self._limit} bytes", request=self._request)
                yield chunk
        if not seen and self._answer.status == 200 and self._request.method != "GET":
            raise EmptyAnswer("answered without a body", request=self._request)

    async def aclose(self) -> None:
        self._answer.release()


def _request_headers(request: httpx.Request) -> list[tuple[str, str]]:
    """With the id of our request as `client-request-id`, by which Microsoft finds it in the logs of Graph."""
    headers = [
        (name.decode("ascii"), value.decode("latin-1"))
        for name, value in request.headers.raw
        if name.lower() not in _DROPPED_REQUEST
    ]
    headers.append(("client-request-id", current_request_id() or new_request_id()))
    return headers


def _timeout(request: httpx.Request) -> aiohttp.ClientTimeout:
    timeout = request.extensions.get("timeout", {})
    return aiohttp.ClientTimeout(
        total=None,
        connect=timeout.get("pool"),
        sock_connect=timeout.get("connect"),
        sock_read=timeout.get("read"),
    )


@contextmanager
def _as_httpx_errors(request: httpx.Request) -> Iterator[None]:
    try:
        yield
    except aiohttp.SocketTimeoutError as error:
        raise httpx.ReadTimeout(str(error), request=request) from error
    except aiohttp.ConnectionTimeoutError as error:
        raise httpx.ConnectTimeout(str(error), request=request) from error
    except aiohttp.ClientHttpProxyError as error:
        raise httpx.ProxyError(str(error.status), request=request) from error
    except (aiohttp.ClientConnectorError, UnicodeError) as error:
        # A UnicodeError: no name can be like this host.
        raise httpx.ConnectError(str(error), request=request) from error
    except aiohttp.ServerDisconnectedError as error:
        raise httpx.RemoteProtocolError(str(error), request=request) from error
    except (aiohttp.ClientError, ConnectionError) as error:
        raise httpx.ReadError(str(error), request=request) from error
    except TimeoutError as error:
        raise httpx.PoolTimeout(str(error), request=request) from error
