"""A postal address in one text, taken apart into what Graph keeps of one, as far as that is certain."""

from __future__ import annotations

import re

# Graph replaces an address as a whole: https://learn.microsoft.com/graph/api/resources/physicaladdress
_PARTS = ("street", "city", "state", "postalCode", "countryOrRegion")
# Behind the town stand a state and a country at most.
_MOST_BEHIND = 3
_SEPARATORS = re.compile(r"\s*[,;\n]\s*")
# `10115 Berlin`, `Berlin 10115`, `IL 62701`, `London SW1A 1AA`.
_CODE = r"(?P<code>(?:[A-Z]{1,2}-)?\d{4,6}(?:-\d{3,4})?|[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|\d{3} \d{2})"
_CODE_FIRST, _CODE_LAST = (
    re.compile(rf"{_CODE} (?P<town>\D+)"),
    re.compile(rf"(?P<town>\D*?) ?{_CODE}"),
)
_STATE, _TOWN_AND_STATE = re.compile(r"[A-Z]{2,3}"), re.compile(r"(?P<town>.+) (?P<state>[A-Z]{2,3})")


def postal_fields(written: str) -> dict[str, str | None]:
    """The JSON of a `physicalAddress`; all of it is the street where no postal code is found. "" removes the address.

    >>> postal_fields("Main St 1, 10115 Berlin, Germany")["city"], postal_fields("1 Elm St, Troy, IL 62701")["state"]
    ('Berlin', 'IL')
    """
    fields: dict[str, str | None] = dict.fromkeys(_PARTS)
    parts = [part for part in _SEPARATORS.split(written.strip()) if part]
    for number, part in enumerate(parts[1:], 1):
        found = _CODE_FIRST.fullmatch(part) or _CODE_LAST.fullmatch(part)
        if found is None or len(parts) - number > _MOST_BEHIND:
            continue
        town, before, behind = found["town"].strip(), parts[:number], parts[number + 1 :]
        state = town if _STATE.fullmatch(town) else None
        if (state or not town) and number > 1:
            town = before.pop()
        elif state:
            town, state = state, None
        elif both := _TOWN_AND_STATE.fullmatch(town):
            town, state = both["town"], both["state"]
        *states, country = behind or [None]
        fields |= {"street": ", ".join(before), "city": town or None, "postalCode": found["code"]}
        return fields | {"state": state or next(iter(states), None), "countryOrRegion": country}
    return fields | {"street": ", ".join(parts) or None}
