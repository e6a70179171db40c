"""Whether a server's reports are whole: which are missing, and whether two follow the same one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from keywright_portal.licensing.deployment_models import UsageReport

MOST_GAPS: Final = 100
"""Gaps that are told. A server keeps 400 days; who has more gaps than this sends all that it has."""


@dataclass(frozen=True, slots=True)
class Link:
    """What ties one report to the one before."""

    seq: int
    digest: str
    previous: str


@dataclass(frozen=True, slots=True)
class Chain:
    """`missing` are spans of `seq`, both ends included, from 1 to the newest: at most MOST_GAPS, the newest ones.

    `is_forked`: two reports have one number, or one names another before it than the one that came: the server's
    database was cloned, or restored from a backup. That is shown, never blocked.
    """

    newest_seq: int = 0
    missing: tuple[tuple[int, int], ...] = ()
    is_forked: bool = False

    @property
    def missing_count(self) -> int:
        return sum(last - first + 1 for first, last in self.missing)


def chain_of(*, kid: str) -> Chain:
    """The chain of one key, in one query."""
    rows = UsageReport.objects.filter(kid=kid).order_by("seq").values_list("seq", "digest", "previous")
    return chain(Link(*row) for row in rows)


def chains_of(*, kids: Iterable[str]) -> dict[str, Chain]:
    """The chains of several keys, in one query; a key without reports has an empty one."""
    wanted = list(kids)
    links: dict[str, list[Link]] = {kid: [] for kid in wanted}
    rows = UsageReport.objects.filter(kid__in=wanted).order_by("seq").values_list("kid", "seq", "digest", "previous")
    for kid, seq, digest, previous in rows:
        links[kid].append(Link(seq, digest, previous))
    return {kid: chain(of_it) for kid, of_it in links.items()}


def chain(links: Iterable[Link]) -> Chain:
    """What links, in the order of `seq`, come to."""
    by_seq: dict[int, list[Link]] = {}
    for link in links:
        by_seq.setdefault(link.seq, []).append(link)
    if not by_seq:
        return Chain()
    gaps = _gaps(sorted(by_seq))
    forked = any(_forks(of_it, by_seq.get(seq - 1)) for seq, of_it in by_seq.items())
    return Chain(newest_seq=max(by_seq), missing=tuple(gaps[-MOST_GAPS:]), is_forked=forked)


def _gaps(seqs: Sequence[int]) -> list[tuple[int, int]]:
    gaps, expected = [], 1
    for seq in seqs:
        if seq > expected:
            gaps.append((expected, seq - 1))
        expected = seq + 1
    return gaps


def _forks(links: Sequence[Link], before: Sequence[Link] | None) -> bool:
    if len(links) > 1:
        return True
    return before is not None and links[0].previous not in {link.digest for link in before}
