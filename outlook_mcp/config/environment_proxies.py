"""The proxy that the environment or the operating system names."""

from __future__ import annotations

from urllib.request import getproxies

from pydantic import SecretStr

from outlook_mcp.net.proxies import Proxies


def proxies_of(setting: SecretStr | None) -> Proxies:
    """The proxy of the setting, else that of HTTPS_PROXY or ALL_PROXY, on Windows and macOS also of the system.

    What NO_PROXY lists is reached directly.
    """
    found = getproxies()
    exempt = tuple(found.get("no", "").split(","))
    named = found.get("https") or found.get("all")
    if setting is None and named and "://" not in named:
        named = f"http://{named}"
    return Proxies(setting or (SecretStr(named) if named else None), exempt)
