from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outlook_mcp.errors import InvalidInput
from outlook_mcp.graph.handles import Handles, mailbox_guid_of, mailbox_guid_of_folder
from outlook_mcp.graph.id_starts import MARK, MOST_STARTS, learned_starts
from outlook_mcp.graph.ids import FolderId, Handle, MessageId, is_short_or_full_id
from tests.ids import message_id

PUBLIC_IDS = [
    message_id(written)
    for written in (
        "AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0AGnUPtcQC-Eiwmc39SmMpPgAAA8ZAfgAA",
        "AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0AGnUPtcQC-Eiwmc39SmMpPgAAAiVYkAAA",
        "AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0AZ7t6JRezX06Ecidn-vkzXAABPDii4gAA",
        "AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0AkOO4xOT--0qFRAqk3TNe0QAAAy35RwAA",
        "AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0ASob_gLILBkqmsfXCe_UwTAAAS_jomAAA",
        "AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0AbPP4kzljlk2qSPs1IbTldgADiYZLAwAA",
    )
]

PUBLIC_FOLDER_ID = FolderId(
    "AAMkADliMmU5YjJlLTVmMmQtNGQzNS1iYjA0LTdmZTA2NTI0MTE5YwAuAAAAAADdOMUbUmCfTKa7OC-fqjkdAQBnu3olF7NfToRyJ2f__TNc"
    "AAAAAAESAAA="
)


def handles_of(message_id: MessageId) -> Handles:
    return Handles(mailbox_guid_of(message_id))


@pytest.mark.parametrize("full", PUBLIC_IDS)
def test_real_ids_become_short_and_come_back_exactly(full: MessageId) -> None:
    handles = handles_of(full)
    short = handles.short(full)
    assert short.isdecimal()
    assert len(short) <= 15
    assert handles.full(short) == full


def test_a_folder_id_tells_the_mailbox_of_its_messages() -> None:
    assert mailbox_guid_of_folder(PUBLIC_FOLDER_ID) == mailbox_guid_of(PUBLIC_IDS[2]) is not None
    assert mailbox_guid_of_folder(FolderId(PUBLIC_IDS[2])) is None
    assert mailbox_guid_of_folder(FolderId("inbox")) is None


def test_an_id_of_another_mailbox_is_not_shortened() -> None:
    assert handles_of(PUBLIC_IDS[0]).short(PUBLIC_IDS[2]) == PUBLIC_IDS[2]


def test_a_handle_means_a_message_of_the_callers_mailbox_only() -> None:
    handle = handles_of(PUBLIC_IDS[0]).short(PUBLIC_IDS[0])
    other = handles_of(PUBLIC_IDS[2]).full(handle)
    assert other != PUBLIC_IDS[0]
    assert mailbox_guid_of(other) == mailbox_guid_of(PUBLIC_IDS[2])


@pytest.mark.parametrize("handle", ["007", "٣", "281474976710656", "-1", "1 2", "AAMkAD="])
def test_what_is_no_canonical_counter_passes_as_it_is(handle: str) -> None:
    assert handles_of(PUBLIC_IDS[0]).full(Handle(handle)) == handle


def test_without_a_known_mailbox_ids_stay_long_and_handles_are_refused() -> None:
    handles = Handles(None)
    assert handles.short(PUBLIC_IDS[0]) == PUBLIC_IDS[0]
    with pytest.raises(InvalidInput):
        handles.full(Handle("42"))


@given(st.integers(0, 2**48 - 1), st.binary(min_size=16, max_size=16))
def test_every_counter_round_trips(counter: int, guid: bytes) -> None:
    handles = Handles(guid)
    assert handles.short(handles.full(Handle(str(counter)))) == str(counter)


@given(st.text(max_size=100) | st.binary(max_size=60).map(lambda raw: raw.decode("latin-1")))
def test_any_text_is_shortened_only_when_it_comes_back(text: str) -> None:
    handles = handles_of(PUBLIC_IDS[0])
    short = handles.short(message_id(text))
    assert short == text or handles.full(short) == text
    if MARK in text:
        with pytest.raises(InvalidInput):
            handles.full(Handle(text))
    else:
        handles.full(Handle(text))


REST_START = "AAMkAGI2TG93AAA-" * 8


def test_ids_of_another_layout_are_shortened_by_what_many_share_and_come_back_exactly() -> None:
    ids = [message_id(f"{REST_START}ASoXUT{number}AAA=") for number in range(10, 15)]
    alone = message_id("C" * 140)
    handles = Handles(None, learned_starts([*ids, alone]))
    shorts = [handles.short(item) for item in (*ids, alone)]
    assert [handles.full(short) for short in shorts] == [*ids, alone]
    assert all(len(short) == 21 and is_short_or_full_id(short) for short in shorts[:-1])
    assert shorts[-1] == alone
    assert [handles.full(item) for item in ids] == ids
    other = Handles(None, learned_starts([item.replace("G", "H") for item in ids]))
    for unknown in (shorts[0], Handle("aaaa~" + "A" * 16), Handle(f"{shorts[0]}A")):
        with pytest.raises(InvalidInput, match="There is no message"):
            other.full(unknown)
    assert other.short(ids[0]) == ids[0]


def test_what_was_learned_stays_and_more_is_added() -> None:
    first = learned_starts([f"{letter * 80}{number:016}" for letter in "AB" for number in range(3)])
    more = learned_starts([f"{letter * 80}{number:016}" for letter in "BC" for number in range(3)], first)
    assert more == (*first, "C" * 80)
    many = learned_starts([f"{letter:04}{'x' * 80}{number:016}" for letter in range(40) for number in range(2)])
    assert len(many) == MOST_STARTS
