"""Posts a form to an address that a stranger named; see `public_http`.

It is limited in time, and nothing of the answer is read but its status.
"""

from __future__ import annotations

import aiohttp
import anyio

from outlook_mcp.net.public_address import AddressRefused as AddressRefused
from outlook_mcp.net.public_http import NameNotFound
from outlook_mcp.net.public_http import PublicHttp as PublicHttp

_HEADERS = {"Accept": "*/*", "Content-Type": "application/x-www-form-urlencoded"}


class PostFailed(Exception):
    """There was no answer. `may_have_arrived` says whether the request may have been carried out."""

    def __init__(self, message: str, *, may_have_arrived: bool) -> None:
        super().__init__(message)
        self.may_have_arrived = may_have_arrived


class PublicPost:
    """Sends forms as `http` does, each answered within `deadline_s` seconds."""

    def __init__(self, http: PublicHttp, *, deadline_s: float = 10.0) -> None:
        self._http = http
        self._deadline_s = deadline_s

    async def post_form(self, url: str, body: str) -> int:
        """The status of the answer. Raises AddressRefused for an address that is not public, and PostFailed."""
        connected = anyio.Event()
        try:
            with anyio.fail_after(self._deadline_s):
                async with self._http.open_answer(
                    "POST", url, _HEADERS, body.encode(), on_connected=connected.set
                ) as answer:
                    return answer.status
        except NameNotFound:
            raise PostFailed("has no address", may_have_arrived=False) from None
        except TimeoutError:
            told = "did not answer" if connected.is_set() else "cannot be reached"
            told = f"{told} within {self._deadline_s:g} s"
        except aiohttp.ClientHttpProxyError as error:
            told = f"cannot be reached (the proxy answers {error.status})"
        except aiohttp.ClientConnectorCertificateError:
            told = "has no certificate that is valid for it"
        except (aiohttp.ClientError, OSError, UnicodeError, ValueError) as error:
            told = f"{'gave no answer' if connected.is_set() else 'cannot be reached'} ({type(error).__name__})"
        raise PostFailed(told, may_have_arrived=connected.is_set())
