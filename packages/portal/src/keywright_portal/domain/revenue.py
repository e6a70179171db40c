"""When money that was billed is earned: a day at a time over the days for which it was paid, exact to the minor unit.

What was billed, and what a credit note took back, is each an `Earning`: an amount before tax, spread evenly over a span
of days. Nothing is earned, and nothing taken off, before the day on which it was known (an invoice's or a credit note's
day of issue): what falls on earlier days is caught up with on that day. So a month that is over stays as it was told,
whatever is issued later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from keywright_portal.domain.money import Money, round_half_up


@dataclass(frozen=True, slots=True, kw_only=True)
class Earning:
    """`net` for the `days` days from `first_day` on, known since `known_on`. Negative where it was taken back."""

    net: Money
    first_day: date
    days: int
    known_on: date

    def __post_init__(self) -> None:
        if self.days < 1:
            raise ValueError("what is earned is earned over one day at least")

    @property
    def last_day(self) -> date:
        return self.first_day + timedelta(days=self.days - 1)


def earned_before(earning: Earning, day: date) -> Money:
    """What was earned up to the end of the day before `day`.

    The share is rounded once, on the whole since the first day, never day by day: whatever span of days one looks at
    is the difference of two of these, and all days together are the whole. Half up, away from zero, so that what is
    taken back of a day is what was earned on it.
    """
    if day <= earning.known_on:
        return Money(0, earning.net.currency)
    passed = min(max((day - earning.first_day).days, 0), earning.days)
    return Money(round_half_up(earning.net.amount * passed, earning.days), earning.net.currency)


def earned_between(earning: Earning, *, since: date, until: date) -> Money:
    """What is earned on the days from `since` to before `until`."""
    if until < since:
        raise ValueError("a span of days ends after it starts")
    return earned_before(earning, until) - earned_before(earning, since)


def still_to_earn(earning: Earning, day: date) -> Money:
    """What of it will be earned on `day` or later: owed in service, not yet revenue. Nothing before it is known."""
    if day <= earning.known_on:
        return Money(0, earning.net.currency)
    return earning.net - earned_before(earning, day)


def earned_by_day(earnings: Iterable[Earning], *, since: date, until: date) -> Mapping[str, Mapping[date, int]]:
    """For each currency, in alphabetical order, minor units earned on each day from `since` to before `until`.

    Every day is there, those on which nothing was earned too.
    """
    days = list(days_of(since=since, until=until))
    sums: dict[str, dict[date, int]] = defaultdict(lambda: dict.fromkeys(days, 0))
    for earning in earnings:
        by_day = sums[earning.net.currency]
        before = earned_before(earning, since).amount
        for day in days:
            after = earned_before(earning, day + timedelta(days=1)).amount
            by_day[day] += after - before
            before = after
    return {currency: sums[currency] for currency in sorted(sums)}


def days_of(*, since: date, until: date) -> Iterator[date]:
    """The days from `since` to before `until`."""
    for offset in range((until - since).days):
        yield since + timedelta(days=offset)
