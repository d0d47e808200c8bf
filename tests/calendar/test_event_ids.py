"""Short ids of events, against ids of Exchange from public captures."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from outlook_mcp.calendar.event_ids import EventIds
from outlook_mcp.calendar.models import EventId
from outlook_mcp.errors import InvalidInput
from outlook_mcp.graph.handles import Handles, mailbox_guid_of
from outlook_mcp.graph.ids import Handle, MessageId

# From a public capture: a date of a series with its immutable id, and the series.
OCCURRENCE = EventId("AAkBOQAICN4wbJIpwAAuAAAAAB2EAxGqZhHNm8gAqgAvxFoNAOtpUxZW-2ZHr9tjSZTO0jMAA2pPCT8AABA=")
SERIES = EventId("AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0A62lTFlb-Zkev22NJlM7SMwADak8JPwAA")
ORDINARY = EventId(
    "AAMkADg2YzQzNzgwLTE4MGQtNDQwZC05OWZlLTViMjBjMzA2NTEzMwFRAAgI3D-L3RfAAEYAAAAAeSYPUpsQW0ex0XQevGDzrwcAA3aUUvi0ik"
    "GD6_Be_G6BIgAAAAABDQAAA3aUUvi0ikGD6_Be_G6BIgAAAHtjvgAAEA=="
)
ORDINARY_SERIES = EventId(
    "AAMkADg2YzQzNzgwLTE4MGQtNDQwZC05OWZlLTViMjBjMzA2NTEzMwBGAAAAAAB5Jg9SmxBbR7HRdB68YPOvBwADdpRS_LSKQYPr4F74boEiAAAA"
    "AAENAAADdpRS_LSKQYPr4F74boEiAAAAe2O_AAA="
)


def ids_of(series: EventId) -> EventIds:
    return EventIds(Handles(mailbox_guid_of(MessageId(Handle(series)))))


def test_a_real_date_of_a_series_becomes_short_and_full_again() -> None:
    ids = ids_of(SERIES)
    short = ids.short(OCCURRENCE)
    assert short.endswith("@251201")
    assert ids.full(short) == OCCURRENCE
    assert ids.full(short.partition("@")[0]) == SERIES


@pytest.mark.parametrize("other", [ORDINARY, EventId("AAMkAGI2"), EventId("../me"), EventId("")])
def test_an_id_of_another_form_stays_as_it_is(other: EventId) -> None:
    ids = ids_of(SERIES)
    assert ids.short(other) == other
    assert ids.full(other) == other


def test_an_id_of_another_mailbox_stays_as_it_is() -> None:
    assert EventIds(Handles(bytes(16))).short(OCCURRENCE) == OCCURRENCE


def test_an_id_with_one_letter_changed_is_never_shortened_to_that_of_another_event() -> None:
    ids = ids_of(SERIES)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_="
    source = random.Random(11)
    for place in range(len(OCCURRENCE)):
        changed = EventId(OCCURRENCE[:place] + source.choice(letters) + OCCURRENCE[place + 1 :])
        assert ids.full(ids.short(changed)) == changed


def test_every_day_of_a_leap_year_comes_back() -> None:
    ids = ids_of(SERIES)
    for number in range(366):
        day = date(2028, 1, 1) + timedelta(days=number)
        short = f"4711@{day:%y%m%d}"
        assert ids.short(ids.full(short)) == short


def test_a_day_that_there_is_not_is_refused() -> None:
    with pytest.raises(InvalidInput, match="No event has the id ...@260230"):
        ids_of(SERIES).full("4711@260230")


def test_a_short_id_needs_to_know_the_mailbox() -> None:
    with pytest.raises(InvalidInput):
        EventIds(Handles(None)).full("4711@261130")


def test_a_date_of_a_series_of_another_layout_is_named_by_the_learned_id_of_the_series() -> None:
    series = ORDINARY_SERIES
    assert EventIds(Handles(None)).short(ORDINARY) == ORDINARY
    ids = EventIds(Handles(None, (series[:-16],)))
    short = ids.short(ORDINARY)
    assert (len(short), short.endswith("@240309")) == (28, True)
    assert ids.full(short) == ORDINARY
    assert ids.full(ids.short(series)) == series
    with pytest.raises(InvalidInput, match="There is no event 'aaaa~"):
        ids.full("aaaa~" + short.partition("~")[2])


def test_a_date_of_what_is_no_series_is_refused() -> None:
    ids = EventIds(Handles(None, ("A" * 60,)))
    short = ids.short(EventId("A" * 76))
    with pytest.raises(InvalidInput, match="no date of a series"):
        ids.full(f"{short}@261130")
