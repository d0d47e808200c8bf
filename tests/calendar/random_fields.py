"""What a caller at random writes of an event."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any


def random_fields(rng: Random, day: str, people: Sequence[str], *, always: Sequence[str]) -> dict[str, Any]:
    """One to four arguments of event_save and those in `always`, for an event on this day."""
    choices: dict[str, Any] = {
        "subject": rng.choice(("Review", "Budget", "Lunch")),
        "start": rng.choice((day, f"{day}T{rng.randrange(8, 18):02}:00")),
        "place": rng.choice(("Pine", "Oak", "")),
        "body": rng.choice(("Agenda", "**New**")),
        "attendees": rng.sample(people, rng.randrange(4)),
        "show_as": rng.choice(("free", "busy", "oof")),
        "private": rng.random() < 0.5,
        "reminder_minutes": rng.choice((-1, 5, 30)),
        "repeat": rng.choice(("FREQ=DAILY;COUNT=3", "FREQ=WEEKLY;COUNT=2", "none")),
        "online": True,
    }
    names = rng.sample(list(choices), rng.randrange(1, 5))
    return {name: choices[name] for name in (*names, *always)}
