from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wording import words

from keywright_portal.accounts.models import Membership, Role
from keywright_portal.kit.actor import system
from keywright_portal.licensing.services.record_usage import record_usage
from keywright_portal.licensing.usage import peak_of
from keywright_portal.subscriptions.models import SeatLedgerEntry, Subscription
from licensed import license_for
from server_double import MIDNIGHT, Server

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
MOST_QUERIES = 10


@pytest.fixture
def count(server, take, at):
    """Activate the server and send what it counts, a day each from the first on."""

    def _count(*active, by=server, **changed):
        if not by.sent:
            take(by)
        lines = [by.report(users, **changed) for users in active]
        now = MIDNIGHT + len(by.sent) * DAY
        at(now)
        record_usage(reports=b"\n".join(lines), actor=system("test"), now=now)

    return _count


@pytest.fixture
def shown(owner):
    def _shown(query=""):
        return owner.get(owner.url("active-users") + query)

    return _shown


def buy_more(server, seats, at):
    term = server.file.license.term
    SeatLedgerEntry.objects.create(term=term, seats=seats, cause_id=server.file.pk, created_at=at)
    term.seats += seats
    term.save()


# ---- Empty -----------------------------------------------------------------------------------------------------------


def test_without_a_subscription_and_without_a_count_the_page_says_what_comes(owner, shown, buyer, now):
    assert "No subscription yet" in words(shown())
    license_for(buyer.organization, now=now)
    page = shown()
    assert "Waiting for the first count" in words(page)
    assert f'href="{owner.url("deployments")}">My server is offline' in page.content.decode()


# ---- What was counted ------------------------------------------------------------------------------------------------


def test_the_four_numbers(count, shown):
    count(141, 150)
    assert (
        "Active users 150 13 Mar 2026, 06:00 UTC Seats 200 Until 11 Mar 2027 Over your seats 0 Most in this term: 150 "
        "Not counted 49 37 deactivated, 12 bots"
    ) in words(shown())
    assert "You are within your seats" in words(shown())


def test_over_the_seats_it_says_since_when_and_what_that_costs(count, shown):
    count(141, 201, 199, 205, 208)
    page = words(shown())
    assert "Over your seats 8 Since 15 Mar 2026" in page
    assert "Users over your seats, this term $979.20 8 users × $122.40, the price per user of this term" in page
    assert "Nobody is locked out." in page


def test_who_reads_no_bills_sees_no_price(count, shown, owner):
    count(208)
    Membership.objects.filter(user=owner.who.user).update(role=Role.MEMBER)
    page = words(shown())
    assert "Over your seats 8" in page
    assert "$" not in page


def test_seats_that_were_added_count_from_their_day_on(count, shown, server, owner):
    buy_more(server, 50, MIDNIGHT + 2 * DAY)
    count(141, 201, 202, 251)
    assert "Over your seats 1 Since 15 Mar 2026" in words(shown())
    rows = owner.get(owner.url("active-users-csv")).content.decode("utf-8-sig").splitlines()
    assert rows == [
        "Day (UTC),Active users,Seats,Over your seats,Deactivated,Bots",
        "2026-03-12,141,200,0,37,12",
        "2026-03-13,201,200,1,37,12",
        "2026-03-14,202,250,0,37,12",
        "2026-03-15,251,250,1,37,12",
    ]


def test_the_table_holds_what_the_chart_shows(count, shown):
    count(141, 208)
    page = words(shown("?view=table"))
    assert "12 Mar 2026 141 200 0 37 12 13 Mar 2026 208 200 8 37 12" in page
    assert "Show as a chart" in page
    assert "Show as a table" in words(shown())


def test_the_chart_is_described_for_who_does_not_see_it(count, shown):
    count(141, 208)
    html = shown().content.decode().replace("\xa0", " ")
    assert "208 active users on 13 March 2026, 200 seats. The most in this term were 208." in html
    assert "style=" not in html.split("kw-chart")[1].split("</div>")[0]


def test_what_non_production_servers_count_needs_no_seats(count, shown, server):
    count(141)
    count(5_000, by=Server(server.file, server.now, kind="non_production", name="staging.example"))
    page = words(shown())
    assert "Active users 141" in page
    assert "staging.example" not in page


def test_missing_reports_and_a_fork_are_shown(count, shown, server, take):
    take(server)
    lost = [server.report() for _ in range(3)]
    count(150, 151)
    page = words(shown())
    assert "3 reports are missing: 1–3. Send them again from the System Console." in page
    assert "cloned" not in page
    record_usage(reports=b"\n".join(lost), actor=system("test"), now=MIDNIGHT + 9 * DAY)
    assert "missing" not in words(shown())
    record_usage(
        reports=server.report(seq=3, previous="A" * 43, keep=False), actor=system("test"), now=MIDNIGHT + 9 * DAY
    )
    assert "this server’s database was cloned, or restored from a backup" in words(shown())


def test_a_peak_between_two_counts_is_the_most(count, shown, server):
    count(141, 150, peak_active_users=190)
    assert "Most in this term: 190" in words(shown())
    span = server.file.license.term.span
    subscription = server.file.license.term.subscription_id
    assert peak_of(subscription_id=subscription, span=span) == 190


def test_a_peak_from_before_the_term_says_nothing_of_it(count, shown):
    count(150, peak_active_users=900, since=MIDNIGHT - DAY)
    assert "Most in this term: 150" in words(shown())


def test_another_subscription_is_chosen_by_its_id(count, shown, server, buyer):
    count(141)
    Subscription.objects.update(label="Headquarters")
    later = server.now + timedelta(hours=1)
    other = license_for(buyer.organization, now=later, plan="E10", premier=False).license.term
    page = shown()  # what was counted comes first, else the newest
    assert "Active users 141" in words(page)
    assert f'value="{other.subscription_id}"' in page.content.decode()
    assert "Waiting for the first count" in words(shown(f"?subscription={other.subscription_id}"))
    assert "Active users 141" in words(shown(f"?subscription={server.file.license.term.subscription_id}"))


def test_no_subscription_of_others_is_shown(count, sign_in, stranger, server, shown):
    count(141)
    subscription = server.file.license.term.subscription_id
    theirs = sign_in(stranger)
    for name in ("active-users", "active-users-csv"):
        license_for(stranger.organization, now=server.now)
        assert theirs.get(f"{theirs.url(name)}?subscription={subscription}").status_code == 404
        assert theirs.get(f"{theirs.url(name)}?subscription=nonsense").status_code == 404
    assert Subscription.objects.filter(organization=stranger.organization).count() == 2
    assert "Waiting for the first count" in words(theirs.get(theirs.url("active-users")))


@pytest.mark.parametrize("view", ["", "?view=table"])
def test_the_page_makes_a_fixed_number_of_queries(count, shown, view, server, buyer):
    license_for(buyer.organization, now=server.now, plan="E10", premier=False)  # one more to choose from

    def queries():
        cache.clear()
        with CaptureQueriesContext(connection) as captured:
            assert shown(view).status_code == 200
        return len(captured)

    count(141)
    few = queries()
    count(*range(142, 200))
    assert queries() == few <= MOST_QUERIES


def test_days_are_utc_days(count, owner):
    count(141, issued_at=MIDNIGHT + timedelta(hours=23, minutes=59))
    rows = owner.get(owner.url("active-users-csv")).content.decode("utf-8-sig").splitlines()
    assert rows[1].startswith(f"{date(2026, 3, 12)},")
