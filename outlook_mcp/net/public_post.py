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
        try:
            with anyio.fail_after(self._deadline_s):
                # Half of the time for the connection, so that what was never sent is known to be that.
                half = self._deadline_s / 2
                async with self._http.open_answer("POST", url, _HEADERS, body.encode(), connect_s=half) as answer:
                    return answer.status
        except NameNotFound:
            raise PostFailed("has no address", may_have_arrived=False) from None
        except aiohttp.ConnectionTimeoutError:
            raise PostFailed(f"cannot be reached within {half:g} s", may_have_arrived=False) from None
        except aiohttp.ClientHttpProxyError as error:
            raise PostFailed(f"cannot be reached (the proxy answers {error.status})", may_have_arrived=False) from None
        except TimeoutError:
            raise PostFailed(f"did not answer within {self._deadline_s:g} s", may_have_arrived=True) from None
        except aiohttp.ClientConnectorCertificateError:
            raise PostFailed("has no certificate that is valid for it", may_have_arrived=False) from None
        except aiohttp.ClientConnectorError as error:
            raise PostFailed(f"cannot be reached ({type(error).__name__})", may_have_arrived=False) from None
        except (aiohttp.ClientError, OSError, UnicodeError, ValueError) as error:
            raise PostFailed(f"gave no answer ({type(error).__name__})", may_have_arrived=True) from None
