"""Request bodies made from Microsoft's metadata: right ones, and ones with a single mistake."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

from tests.sandbox.graph.strict_schema import definitions

_DEEPEST = 3
# By the format of a text in the metadata; "" for no format.
_TEXTS = {
    "date-time": ("2026-05-04T12:00:00Z", "2026-05-04T12:00:00.1234567+02:00"),
    "date": ("2026-05-04",),
    "time": ("09:00:00.0000000",),
    "duration": ("PT1H",),
    "base64url": ("cGVhcw==",),
    "uuid": ("00000001-0000-4000-8000-000000000000",),
    "": ("peas", "Zoë 東京", "", "anna@contoso.com", "UTC", "2026-05-04T12:00:00"),
}
_WRONG: tuple[Any, ...] = (None, True, -1, 1.5, "peas", "", [], [None], {}, {"peas": 1}, [[]], 10**30)


def properties_of(type_name: str) -> dict[str, Any]:
    """The schema of each property that the type itself has; those of derived types are left out."""
    found = definitions()
    base = found.get(f"{type_name}.__base", found[type_name])
    return dict(base["properties"])


class SchemaBodies:
    """Values are chosen by `chosen`, so that each number makes the same body again."""

    def __init__(self, chosen: random.Random) -> None:
        self._random = chosen

    def of(self, type_name: str, share: float = 0.3, depth: int = 0) -> dict[str, Any]:
        """An object of the type with about this share of its properties."""
        wanted = {name: schema for name, schema in properties_of(type_name).items() if self._random.random() < share}
        return {name: self.value(schema, depth + 1) for name, schema in wanted.items()}

    def value(self, schema: dict[str, Any], depth: int = 0) -> Any:
        """A value that the schema allows."""
        if "$ref" in schema:
            return self._of_definition(schema["$ref"].rpartition("/")[2], depth)
        if "anyOf" in schema:
            return self.value(schema["anyOf"][0], depth)
        kinds = schema.get("type", "string")
        kind = kinds if isinstance(kinds, str) else kinds[0]
        if kind == "array":
            return [self.value(schema["items"], depth + 1) for _ in range(self._random.randrange(3))]
        if kind == "boolean":
            return self._random.random() < 0.5
        if kind in ("integer", "number"):
            return self._random.choice((0, 1, 7))
        if kind == "object":
            return {}
        return self._random.choice(_TEXTS.get(schema.get("format", ""), _TEXTS[""]))

    def broken(self, body: dict[str, Any]) -> dict[str, Any]:
        """The body with one mistake anywhere in it: a wrong type, an unknown property, or a value that is none."""
        places = list(_places(body))
        holder, key = self._random.choice(places) if places else (body, "peas")
        if isinstance(holder, dict) and self._random.random() < 0.3:
            holder[self._random.choice(("peas", "", "@peas", "@odata.type", "Id", "subject\u0000"))] = "peas"
        else:
            holder[key] = copy.deepcopy(self._random.choice(_WRONG))
        return body

    def _of_definition(self, name: str, depth: int) -> Any:
        schema = definitions()[name]
        if "enum" in schema:
            return self._random.choice(schema["enum"])
        return self.of(name, 0.7 if depth < _DEEPEST else 0.0, depth)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every object or list with every key of it."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(pairs):
        yield value, key
        yield from _places(inner)
