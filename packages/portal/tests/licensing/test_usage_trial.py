"""Reports replayed, reordered, forged and lost, by a chance that can be repeated: the truth is known, and is compared.

`make trials TRIAL=usage` plays 10,000 reports.
"""

from __future__ import annotations

import random
from datetime import timedelta
from types import SimpleNamespace

import pytest
from activating import ACTOR

from keywright_license import keys, usage
from keywright_portal.licensing.deployment_errors import ArtifactRefusedError
from keywright_portal.licensing.deployment_models import UsageReport
from keywright_portal.licensing.services import record_usage as recording
from keywright_portal.licensing.services.record_usage import record_usage
from keywright_portal.licensing.usage import peak_of, term_usage_for
from keywright_portal.licensing.usage_chain import chain_of
from server_double import MIDNIGHT, Server
from trial_size import trial_size

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_keys")]
REPORTS = trial_size(short=400)
OF_ONE_SERVER = 200
"""A chain's length: most of a term, a report a day."""
LOST = 0.03
REPLAYED = 0.5
FORGED = 0.2
MOST_AT_ONCE = 20


class Forger:
    """Makes of a sound line one that nobody signed, or that somebody else did."""

    def __init__(self, chance, server):
        self._chance = chance
        self._thief = Server(server.file, server.now, id=server.id, key=keys.generate_ed25519())

    def forge(self, line):
        way = self._chance.randrange(4)
        if way == 0:
            place = self._chance.randrange(len(line))
            other = self._chance.choice([letter for letter in b"ABCxyz019-_." if letter != line[place]])
            return line[:place] + bytes([other]) + line[place + 1 :]
        if way == 1:
            return line[: self._chance.randrange(len(line))]
        if way == 2:
            return self._thief.report(self._chance.randrange(10**6), keep=False)
        head, _claims, signature = line.split(b".")
        _head, claims, _signature = self._thief.report(1, keep=False).split(b".")
        return b".".join((head, claims, signature))


def play(server, chance, send):
    """What was sent of one chain, in whatever order and however often: {seq: (active, peak)}."""
    counts, highest = {}, 0
    for seq in range(1, OF_ONE_SERVER + 1):
        active = chance.randrange(1, 1_000)
        highest = max(highest, active + chance.randrange(3))
        counts[seq] = (active, highest)
        server.report(active, peak_active_users=highest)
    arriving = [(seq, line) for seq, line in enumerate(server.sent, 1) if chance.random() > LOST]
    posts = arriving + [one for one in arriving if chance.random() < REPLAYED]
    chance.shuffle(posts)
    forger = Forger(chance, server)
    while posts:
        batch = [posts.pop() for _ in range(min(len(posts), chance.randrange(1, MOST_AT_ONCE)))]
        if chance.random() < FORGED:
            spoiled = [line for _seq, line in batch]
            spoiled.insert(chance.randrange(len(spoiled) + 1), forger.forge(chance.choice(spoiled)))
            before = UsageReport.objects.count()
            with pytest.raises(ArtifactRefusedError):
                send(spoiled)
            assert UsageReport.objects.count() == before, "a batch with a forged report counted"
        send([line for _seq, line in batch])
    return {seq: counts[seq] for seq, _line in arriving}


def gaps(seqs):
    """Spans of numbers that are missing below the highest, reckoned another way than the portal does."""
    missing = sorted(set(range(1, max(seqs) + 1)) - set(seqs))
    spans = []
    for seq in missing:
        if spans and spans[-1][1] == seq - 1:
            spans[-1] = (spans[-1][0], seq)
        else:
            spans.append((seq, seq))
    return tuple(spans)


@pytest.fixture
def trial(licensed, take, buyer, now):
    """Play the chains of as many servers as it takes, and hold what the portal knows against what was sent."""
    at = MIDNIGHT + timedelta(days=OF_ONE_SERVER)

    def _trial():
        for number in range(max(1, REPORTS // OF_ONE_SERVER)):
            server = Server(licensed(), now)
            take(server)
            term = server.file.license.term
            seen = []

            def send(lines, term=term, seen=seen):
                record_usage(reports=b"\n".join(lines), actor=ACTOR, now=at)
                seen.append(peak_of(subscription_id=term.subscription_id, span=term.span))

            truth = play(server, random.Random(number), send)
            rows = UsageReport.objects.filter(kid=server.kid)
            assert {row.seq: (row.active_users, row.peak_active_users) for row in rows} == truth
            assert rows.count() == len(truth)
            assert seen == sorted(seen), "a peak fell"
            assert seen[-1] == max(peak for _active, peak in truth.values())
            told = term_usage_for(actor=buyer.actor, subscription_id=term.subscription_id, span=term.span)
            assert sum(day.active_users for day in told.days) == sum(active for active, _peak in truth.values())
            chain = chain_of(kid=server.kid)
            assert (chain.missing, chain.is_forked) == (gaps(truth), False)

    return _trial


def test_nothing_counts_twice_no_peak_falls_and_gaps_are_shown(trial):
    trial()


def lose_the_last():
    def read_reports(data, *, key):
        sound = usage.read_reports(data, key=key)
        return sound[:-1] or sound

    return {"read_reports": read_reports}


def take_each_for_new():
    fresh = iter(range(10**6))
    return {"digest": lambda _line: str(next(fresh))}


@pytest.mark.parametrize("spoil", [lose_the_last, take_each_for_new])
def test_without_a_guard_the_trial_fails(trial, monkeypatch, spoil):
    """The twin: the trial is seen to notice a report that is lost, and one that counts twice."""
    monkeypatch.setattr(recording, "wire", SimpleNamespace(**vars(usage) | spoil()))
    with pytest.raises(AssertionError):
        trial()
