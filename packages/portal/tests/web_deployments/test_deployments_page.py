from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wording import words

from keywright_license import TrustedKeys, activation, zbase32
from keywright_portal.accounts.models import Membership, Role
from keywright_portal.kit.actor import system
from keywright_portal.kit.models import AuditEntry
from keywright_portal.licensing.deployment_models import Deployment, UsageReport
from keywright_portal.licensing.models import License
from keywright_portal.licensing.selectors import trusted_keys_jwks
from keywright_portal.licensing.services.release import ask_release, release_due
from licensed import license_for
from server_double import Server

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
MOST_QUERIES = 10


@pytest.fixture
def bring(owner):
    def _bring(data):
        return owner.post(
            owner.url("deployment-file"), {"file": SimpleUploadedFile("a.keywright-request", data)}, follow=True
        )

    return _bring


def as_role(buyer, role):
    Membership.objects.filter(user=buyer.user).update(role=role)


# ---- The list --------------------------------------------------------------------------------------------------------


def test_without_a_subscription_the_page_says_what_comes(owner):
    shown = owner.get(owner.url("deployments"))
    assert "No deployment yet" in words(shown)
    assert f'href="{owner.url("buy")}"' in shown.content.decode()


def test_from_the_first_day_a_warning_says_that_nothing_is_activated(owner, server, take):
    shown = words(owner.get(owner.url("deployments")))
    assert "0 of 1 production, 0 of 4 non-production" in shown
    assert "Not activated yet" in shown
    take(server)
    shown = words(owner.get(owner.url("deployments")))
    assert "Not activated yet" not in shown
    assert "1 production, 0 of 4 non-production" in shown


def test_each_server_is_shown_with_what_is_known_of_it(owner, server, take, at):
    take(server)
    take(
        Server(server.file, server.now, kind="non_production", name="staging.brightwater.example", version=None),
        at=server.now + DAY,
    )
    at(server.now + 2 * DAY)
    shown = words(owner.get(owner.url("deployments")))
    assert (
        "chat.brightwater.example Version 10.2.0. Activated 12 Mar 2026, last seen 12 Mar 2026, 09:30 UTC. Production"
        in shown
    )
    assert (
        "staging.brightwater.example Activated 13 Mar 2026, last seen 13 Mar 2026, 09:30 UTC. Non-production" in shown
    )
    assert "1 production, 1 of 4 non-production" in shown


def test_a_server_without_a_name_and_one_with_markup_are_shown_as_they_are(owner, server, take, now):
    server.name = None
    take(server)
    take(Server(server.file, now, kind="non_production", name="<script>alert(1)</script>"))
    html = owner.get(owner.url("deployments")).content.decode()
    assert "Unnamed server" in html
    assert "<script>alert(1)" not in html


def test_places_that_a_term_has_no_more_are_pointed_out(owner, server, take, now):
    take(Server(server.file, now, kind="non_production"))
    server.file.license.term.add_ons.clear()
    assert "1 server has no place any more" in words(owner.get(owner.url("deployments")))


def test_the_page_makes_a_fixed_number_of_queries(owner, buyer, server, take, now):
    take(server)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert owner.get(owner.url("deployments")).status_code == 200
        return len(captured)

    few = queries()
    for _ in range(3):
        for kind in ("production", "non_production"):
            take(Server(license_for(buyer.organization, now=now), now, kind=kind))
    assert queries() == few <= MOST_QUERIES


def test_nobody_sees_another_organizations_servers(owner, server, take, sign_in, stranger):
    place = take(server)
    theirs = sign_in(stranger)
    for name, kwargs in (
        ("deployments", {}),
        ("deployment-answer", {"deployment_id": place.pk}),
        ("deployment-release", {"deployment_id": place.pk}),
    ):
        assert theirs.get(owner.url(name, **kwargs)).status_code == 404
        own = reverse(name, kwargs={"organization": stranger.organization.slug, **kwargs})
        assert theirs.get(own).status_code == (200 if name == "deployments" else 404)
    assert "chat.brightwater.example" not in words(
        theirs.get(reverse("deployments", kwargs={"organization": stranger.organization.slug}))
    )


# ---- Files that are carried ------------------------------------------------------------------------------------------


def test_a_request_takes_the_place_and_its_answer_is_downloaded(owner, bring, server, now):
    shown = bring(server.request())
    place = Deployment.objects.get()
    assert "chat.brightwater.example has its place" in words(shown)
    link = owner.url("deployment-answer", deployment_id=place.pk)
    assert f'href="{link}"' in shown.content.decode()
    answer = owner.get(link)
    assert answer["Content-Disposition"] == 'attachment; filename="chatbrightwaterexample.keywright-activation"'
    assert answer["Cache-Control"] == "no-store, private, max-age=0, no-cache, must-revalidate"
    keys = TrustedKeys.from_jwks(trusted_keys_jwks())
    said = activation.read_activation(answer.content, keys=keys, product="enterprise-edition", now=now)
    activation.check_belongs(said, subscription=server.subscription, deployment=server.id, key=server.key.public_key())
    assert AuditEntry.objects.filter(action="deployment.answer_downloaded").count() == 1


def test_a_request_that_travelled_for_weeks_is_taken(bring, server, at, now):
    request = server.request()
    at(now + 29 * DAY)
    assert "has its place" in words(bring(request))


def test_a_release_frees_the_place(bring, server, take):
    place = take(server)
    shown = bring(server.release(zbase32.encode(place.pk)))
    assert "chat.brightwater.example is released. Its place is free." in words(shown)
    assert "0 of 1 production" in words(shown)


def test_an_export_is_counted_once(bring, server, take, at, now):
    take(server)
    export = b"".join(server.report(140 + day) + b"\n" for day in range(30))
    at(now + 40 * DAY)
    assert "30 reports of chat.brightwater.example were received." in words(bring(export))
    assert "Nothing was counted twice." in words(bring(export))
    assert UsageReport.objects.count() == 30


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (lambda _server: b"hello", "This file is damaged, or it isn’t from a System Console."),
        (lambda server: server.content, "This is another kind of file."),
        (lambda server: server.report(), "This server was never given that place here."),
        (lambda server: server.release(server.id), "This server was never given that place here."),
        (lambda server: server.request(license_sha256="A" * 43), "The request names no license of this portal."),
        (lambda _server: b"", "This file is empty."),
        (lambda _server: b"x" * (1024 * 1024 + 1), "This file is longer than any that a System Console makes."),
    ],
    ids=["text", "license", "report", "release", "another license", "empty", "long"],
)
def test_a_file_that_is_no_use_says_so_beside_the_field(bring, server, data, sentence):
    shown = bring(data(server))
    assert shown.status_code == 422
    assert sentence in words(shown)
    assert Deployment.objects.count() == UsageReport.objects.count() == 0


def test_where_no_place_is_free_the_page_names_the_server_in_the_way(bring, server, take, now):
    take(server)
    shown = bring(Server(server.file, now, name="second.example").request())
    assert "“chat.brightwater.example” holds the place that you ask for." in words(shown)


def test_a_revoked_license_is_told(bring, server, now):
    License.objects.update(revoked_at=now)
    assert "This license was revoked" in words(bring(server.request()))


def test_without_a_file_the_page_asks_for_one(owner, server):
    shown = owner.post(owner.url("deployment-file"), {})
    assert "Choose the file that you downloaded in the System Console." in words(shown)
    assert owner.get(owner.url("deployment-file")).url == owner.url("deployments")


def test_a_file_of_another_organizations_server_is_unknown(server, take, sign_in, stranger):
    place = take(server)
    theirs = sign_in(stranger)
    address = reverse("deployment-file", kwargs={"organization": stranger.organization.slug})
    for data in (server.request(), server.report(), server.release(zbase32.encode(place.pk))):
        assert theirs.post(address, {"file": SimpleUploadedFile("f", data)}).status_code == 422
    place.refresh_from_db()
    assert (place.released_at, UsageReport.objects.count()) == (None, 0)


def test_who_does_the_billing_sees_the_servers_and_brings_nothing(owner, bring, buyer, server, take):
    place = take(server)
    as_role(buyer, Role.BILLING)
    shown = owner.get(owner.url("deployments"))
    assert "chat.brightwater.example" in words(shown)
    assert "Bring this file" not in words(shown)
    assert bring(server.report()).status_code == 403
    assert owner.get(owner.url("deployment-answer", deployment_id=place.pk)).status_code == 403
    assert UsageReport.objects.count() == 0


# ---- A lost server ---------------------------------------------------------------------------------------------------


def test_a_lost_server_is_released_after_a_wait_that_can_be_cancelled(owner, server, take):
    place = take(server)
    address = owner.url("deployment-release", deployment_id=place.pk)
    asked = words(owner.get(address))
    assert "Release chat.brightwater.example?" in asked
    assert "Its place becomes free on 19 March 2026, in 7 days" in asked
    assert "Last seen 12 Mar 2026, 09:30 UTC." in asked
    shown = words(owner.post(address, follow=True))
    assert "The place of chat.brightwater.example becomes free in 7 days." in shown
    assert "Its place becomes free on 19 Mar 2026, 09:30 UTC." in shown
    assert owner.get(address).url == owner.url("deployments")  # there is nothing more to ask
    kept = words(owner.post(owner.url("deployment-keep", deployment_id=place.pk), follow=True))
    assert "chat.brightwater.example keeps its place." in kept
    assert "becomes free" not in kept
    again = words(owner.post(owner.url("deployment-keep", deployment_id=place.pk), follow=True))
    assert "No release of this server is waiting." in again


def test_a_server_that_was_seen_while_its_release_waits_is_pointed_out(owner, server, take, at):
    began = server.now
    ask_release(actor=owner.who.actor, deployment_pk=take(server).pk, now=began)
    assert "It was seen since that was asked for." not in words(owner.get(owner.url("deployments")))
    server.began = began + DAY
    take(server, at=began + DAY)
    at(began + DAY)
    assert "It was seen since that was asked for." in words(owner.get(owner.url("deployments")))


def test_once_it_is_released_it_is_gone_from_the_page(owner, buyer, server, take, now):
    place = take(server)
    ask_release(actor=buyer.actor, deployment_pk=place.pk, now=now)
    assert release_due(actor=system("test"), now=now + 7 * DAY) == 1
    assert "chat.brightwater.example" not in words(owner.get(owner.url("deployments")))
    assert owner.get(owner.url("deployment-release", deployment_id=place.pk)).status_code == 404


def test_a_member_brings_files_and_releases_nothing(owner, buyer, server, take):
    place = take(server)
    as_role(buyer, Role.MEMBER)
    shown = words(owner.get(owner.url("deployments")))
    assert "Bring this file" in shown
    assert "Release…" not in shown
    for name in ("deployment-release", "deployment-keep"):
        assert owner.post(owner.url(name, deployment_id=place.pk)).status_code == 403
    place.refresh_from_db()
    assert place.release_due_at is None


# ---- Elsewhere -------------------------------------------------------------------------------------------------------


def test_the_list_of_subscriptions_says_whether_each_is_activated(owner, server, take):
    page = owner.get(owner.url("subscriptions"))
    assert "Not activated yet Deployments Active users" in words(page)
    subscription = server.file.license.term.subscription_id
    assert f'href="{owner.url("active-users")}?subscription={subscription}"' in page.content.decode()
    take(server)
    page = words(owner.get(owner.url("subscriptions")))
    assert "Activated Deployments Active users" in page
    assert "Not activated yet" not in page
