"""Servers are killed while they send held messages and change many: nothing is sent twice, nothing is lost."""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

import httpx

from outlook_mcp.mail.bulk.selections import HELD_S
from outlook_mcp.sandbox import Sandbox, User
from outlook_mcp.sandbox.faults import Fault
from tests.e2e.office import draft_of, letter
from tests.effort import usually
from tests.replicas.bearer import Bearer, bearer
from tests.replicas.deployment import deployed
from tests.replicas.killing import killed_at_random, restarted, server_of_later
from tests.sending import terms_in
from tests.valkey import Valkey
from tests.waiting import pause
from tests.web.issuers_e2e.entra import told

ROUNDS = usually(1, thoroughly=25)
HELD = 4
CHANGED = 100
SCOPES = "mail.read mail.write mail.send"
# Longer than any claim on a held message and any hold on a list of messages.
AHEAD_S = HELD_S + 100
DELAY_S = 0.2
SEND, BATCH = "/v1.0/me/messages/*/send", "/v1.0/$batch"


def arrived(sandbox: Sandbox, user: User, run: int) -> Counter[str]:
    """How often each message of a round reached the user."""
    mailbox = sandbox.store.mailbox(user.oid)
    found = mailbox.messages.select(f"m.subject LIKE 'Held {run}.%' AND NOT m.is_draft", (), "m.id", 100)
    return Counter(mailbox.messages.load_message(message).subject for message in found)


async def test_held_messages_go_out_once_or_stay_drafts_when_servers_are_killed(
    sandbox: Sandbox, a_valkey: Valkey, tmp_path: Path
) -> None:
    alice, bob = sandbox.users[-2:]
    chance = random.Random(7)
    async with (
        deployed(tmp_path, sandbox, a_valkey, replicas=2) as deployment,
        bearer(deployment, alice.upn, SCOPES) as client,
    ):
        for run in range(ROUNDS):
            sandbox.faults.replace_rules([Fault(route=SEND, delay_s=DELAY_S, answer_delay_s=DELAY_S)])
            drafts = {}
            for number in range(HELD):
                subject = f"Held {run}.{number}"
                saved = told(await client.call("draft_save", to=[bob.upn], subject=subject, body="Hi"))
                drafts[subject] = draft_of(saved)
                shown = told(await client.call("mail_send", draft=drafts[subject]))
                held = told(await client.call("mail_send", draft=drafts[subject], undo_s=1, **terms_in(shown)))
                assert 'at="cancel"' in held, held
            await killed_at_random(deployment.replicas, chance, 1.5)
            # What Exchange has taken it carries out, long before a claim of a killed server ends.
            await pause(2 * DELAY_S)
            sandbox.faults.replace_rules([])
            async with server_of_later(deployment, tmp_path / f"later-{run}", client.token, AHEAD_S) as later:
                await sandbox.store.outbox.settled()
                states = {subject: await settled(later, draft) for subject, draft in drafts.items()}
            await sandbox.store.outbox.settled()
            got = arrived(sandbox, bob, run)
            assert set(got.values()) <= {1}, got
            # What did not go out still is a draft, of which the user is told that it was not sent.
            for subject, state in states.items():
                assert (state == "sent") == (subject in got), (subject, state, got)
            await restarted(deployment.replicas)


async def settled(later: Bearer, draft: str | int) -> str:
    """`sent` or `draft`, as a user is told who takes it back, once no server has anything left to do for it."""
    while True:
        answer = told(await later.call("mail_send", draft=draft, at="cancel"))
        if "sent already" in answer:
            return "sent"
        if "just being sent" not in answer:
            assert "taken back" in answer or "was not sent" in answer, answer
            return "draft"
        await pause(0.2)


async def test_a_change_of_many_messages_goes_on_where_a_killed_server_left_it(
    sandbox: Sandbox, a_valkey: Valkey, tmp_path: Path
) -> None:
    alice = sandbox.users[-1]
    mailbox = sandbox.store.mailbox(alice.oid)
    chance = random.Random(11)
    async with (
        deployed(tmp_path, sandbox, a_valkey, replicas=2) as deployment,
        bearer(deployment, alice.upn, SCOPES) as client,
    ):
        for run in range(ROUNDS):
            mailbox.insert_many(letter(f"Letter {run}.{number}", minutes=number) for number in range(CHANGED))
            change: dict[str, Any] = {"folder": "archive", "where": {"subject": f"Letter {run}."}}
            shown = told(await client.call("mail_move", **change))
            code = re.search(r'confirm="(\w+)"', shown)
            assert code, shown
            sandbox.faults.replace_rules([Fault(route=BATCH, delay_s=DELAY_S, answer_delay_s=DELAY_S)])
            archived, moment = mailbox.folders.by_name("archive").total, chance.randrange(1, CHANGED - 20)
            changing = asyncio.create_task(client.call("mail_move", **change, confirm=code[1]))
            while mailbox.folders.by_name("archive").total < archived + moment:
                await pause(0.01)
            await killed_at_random(deployment.replicas, chance, DELAY_S)
            (answer,) = await asyncio.gather(changing, return_exceptions=True)
            await pause(2 * DELAY_S)
            sandbox.faults.replace_rules([])
            await restarted(deployment.replicas)
            if not isinstance(answer, httpx.Response) or answer.status_code != 200:
                async with server_of_later(deployment, tmp_path / f"later-{run}", client.token, AHEAD_S) as later:
                    again = told(await later.call("mail_move", **change, confirm=code[1]))
                # What it says of all calls together is all messages, each counted once.
                assert now_and_before(again) == CHANGED, again
            assert mailbox.folders.by_name("archive").total == CHANGED * (run + 1)
            assert mailbox.folders.by_name("inbox").total == 0


def now_and_before(answer: str) -> int:
    """How many messages an answer says were changed, by their number or by their ids, and by earlier calls."""
    now, _, before = answer.partition("Earlier calls had changed ")
    counted = re.search(r": ([\d,]+) messages", now)
    changed = int(counted[1].replace(",", "")) if counted else len(re.findall(r"\d+", now.partition(":")[2]))
    return changed + (int(before.split()[0]) if before else 0)
