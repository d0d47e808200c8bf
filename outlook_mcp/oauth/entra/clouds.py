"""The national clouds of Microsoft: the addresses of Entra ID and Microsoft Graph in each."""

from __future__ import annotations

from dataclasses import dataclass

from outlook_mcp.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Cloud:
    """Origins without a trailing slash; `portal` is where apps are registered."""

    name: str
    authority: str
    graph: str
    portal: str


# https://learn.microsoft.com/graph/deployments
CLOUDS = {
    cloud.name: cloud
    for cloud in (
        Cloud(
            "global", "https://login.microsoftonline.com", "https://graph.microsoft.com", "https://entra.microsoft.com"
        ),
        Cloud("usgov", "https://login.microsoftonline.us", "https://graph.microsoft.us", "https://entra.microsoft.us"),
        Cloud(
            "usgov-dod",
            "https://login.microsoftonline.us",
            "https://dod-graph.microsoft.us",
            "https://entra.microsoft.us",
        ),
        Cloud(
            "china",
            "https://login.chinacloudapi.cn",
            "https://microsoftgraph.chinacloudapi.cn",
            "https://portal.azure.cn",
        ),
    )
}


def cloud_named(name: str) -> Cloud:
    """Raises ConfigurationError when there is no such cloud."""
    try:
        return CLOUDS[name]
    except KeyError:
        raise ConfigurationError(f"cloud: read {name!r}; expected one of {', '.join(CLOUDS)}.") from None
