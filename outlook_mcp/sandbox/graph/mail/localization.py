"""/outlook, and the languages and time zones that a mailbox can be set to."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from starlette.responses import Response

from outlook_mcp.sandbox.graph.core.errors import bad_request
from outlook_mcp.sandbox.graph.mail.call import MailCall
from outlook_mcp.sandbox.windows_zones import WINDOWS_ZONES

_LANGUAGES = {
    "ar-SA": "Arabic (Saudi Arabia)",
    "bg-BG": "Bulgarian (Bulgaria)",
    "ca-ES": "Catalan (Catalan)",
    "cs-CZ": "Czech (Czech Republic)",
    "da-DK": "Danish (Denmark)",
    "de-AT": "German (Austria)",
    "de-CH": "German (Switzerland)",
    "de-DE": "German (Germany)",
    "el-GR": "Greek (Greece)",
    "en-AU": "English (Australia)",
    "en-CA": "English (Canada)",
    "en-GB": "English (United Kingdom)",
    "en-IE": "English (Ireland)",
    "en-IN": "English (India)",
    "en-NZ": "English (New Zealand)",
    "en-US": "English (United States)",
    "es-ES": "Spanish (Spain)",
    "es-MX": "Spanish (Mexico)",
    "et-EE": "Estonian (Estonia)",
    "fi-FI": "Finnish (Finland)",
    "fr-BE": "French (Belgium)",
    "fr-CA": "French (Canada)",
    "fr-FR": "French (France)",
    "he-IL": "Hebrew (Israel)",
    "hi-IN": "Hindi (India)",
    "hr-HR": "Croatian (Croatia)",
    "hu-HU": "Hungarian (Hungary)",
    "id-ID": "Indonesian (Indonesia)",
    "it-IT": "Italian (Italy)",
    "ja-JP": "Japanese (Japan)",
    "ko-KR": "Korean (Korea)",
    "lt-LT": "Lithuanian (Lithuania)",
    "lv-LV": "Latvian (Latvia)",
    "nb-NO": "Norwegian, Bokmål (Norway)",
    "nl-NL": "Dutch (Netherlands)",
    "pl-PL": "Polish (Poland)",
    "pt-BR": "Portuguese (Brazil)",
    "pt-PT": "Portuguese (Portugal)",
    "ro-RO": "Romanian (Romania)",
    "ru-RU": "Russian (Russia)",
    "sk-SK": "Slovak (Slovakia)",
    "sl-SI": "Slovenian (Slovenia)",
    "sv-SE": "Swedish (Sweden)",
    "th-TH": "Thai (Thailand)",
    "tr-TR": "Turkish (Turkey)",
    "uk-UA": "Ukrainian (Ukraine)",
    "vi-VN": "Vietnamese (Vietnam)",
    "zh-CN": "Chinese (Simplified, China)",
    "zh-TW": "Chinese (Traditional, Taiwan)",
}
_STANDARD = re.compile(r"timeZoneStandard=(?:microsoft\.graph\.timeZoneStandard)?'(windows|iana)'", re.IGNORECASE)
# In winter of the northern half, when most zones have their standard time.
_WINTER = datetime(2026, 1, 15, tzinfo=UTC)


def locale_of(name: str) -> Mapping[str, str] | None:
    """The localeInfo of a language, by its name without case.

    >>> locale_of("de-ch")
    {'locale': 'de-CH', 'displayName': 'German (Switzerland)'}
    """
    known = {locale.lower(): locale for locale in _LANGUAGES}.get(name.lower())
    return None if known is None else {"locale": known, "displayName": _LANGUAGES[known]}


async def get_outlook(call: MailCall) -> Response:
    return call.json_answer({"@odata.context": call.context("outlook"), "id": f"{call.account.oid}@{call.account.tid}"})


async def list_languages(call: MailCall) -> Response:
    values = [{"locale": locale, "displayName": name} for locale, name in _LANGUAGES.items()]
    return _page(call, "microsoft.graph.localeInfo", values)


async def list_zones(call: MailCall) -> Response:
    """By their Windows names, or by those of the standard that the path asks for."""
    zones = WINDOWS_ZONES
    if (parameters := call.arguments.get("parameters")) is not None:
        standard = _STANDARD.fullmatch(parameters)
        if standard is None:
            raise bad_request("The parameter TimeZoneStandard is expected, with the value Windows or Iana.")
        if standard[1].lower() == "iana":
            zones = {zone: zone for zone in sorted(available_timezones())}
    values = [{"alias": alias, "displayName": _display_name(zone)} for alias, zone in zones.items()]
    return _page(call, "microsoft.graph.timeZoneInformation", values)


def _page(call: MailCall, type_name: str, values: Sequence[Mapping[str, Any]]) -> Response:
    start = call.options.skip
    end = start + (call.options.top or len(values))
    body: dict[str, Any] = {"@odata.context": call.type_context(f"Collection({type_name})")}
    if call.options.count:
        body["@odata.count"] = len(values)
    body["value"] = values[start:end]
    if end < len(values):
        body["@odata.nextLink"] = call.link(skip=str(end))
    return call.json_answer(body)


def _display_name(zone: str) -> str:
    """Such as `(UTC+01:00) Berlin`."""
    offset = _WINTER.astimezone(ZoneInfo(zone)).strftime("%z")
    return f"(UTC{offset[:3]}:{offset[3:5]}) {zone.rpartition('/')[2].replace('_', ' ')}"
