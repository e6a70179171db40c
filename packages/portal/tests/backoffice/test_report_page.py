from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from keywright_portal.backoffice.reports.month import Month, MonthError
from keywright_portal.kit import clock

pytestmark = pytest.mark.django_db

FILES = ["tax", "revenue", "revenue-by-document", "payouts"]


@pytest.fixture(autouse=True)
def in_april(monkeypatch, gateway):
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 4, 5, 10, tzinfo=UTC))
    monkeypatch.setattr("keywright_portal.backoffice.reports.page.gateway", lambda: gateway)


def download(client, name, month="2026-03"):
    return client.get(reverse("admin:report", args=[month, name]))


def read(response):
    assert response.status_code == 200
    return list(csv.reader(io.StringIO(response.getvalue().decode("utf-8-sig"), newline="")))


def test_the_month_that_is_over_is_offered(office_of):
    page = office_of("billing").get(reverse("admin:reports"))
    assert [file["url"] for file in page.context["files"]] == [
        f"/backoffice/reports/2026-03/{name}.csv" for name in FILES
    ]
    assert "isn’t over" not in page.content.decode()


def test_a_month_that_runs_says_so(office_of):
    page = office_of("billing").get(reverse("admin:reports"), {"month": "2026-04"}).content.decode()
    assert "2026-04 isn’t over: more will come." in page


@pytest.mark.parametrize("month", ["2026-05", "2026-13", "2026-3", "1999-01", "March", "2026-03-01", "٢٠٢٦-٠٣"])
def test_no_month_and_one_to_come_are_refused(office_of, month):
    client = office_of("billing")
    page = client.get(reverse("admin:reports"), {"month": month})
    assert page.status_code == 422
    assert "Choose a month up to this one, such as 2026-04." in page.content.decode()
    assert download(client, "tax", month).status_code == 404


@pytest.mark.parametrize("name", FILES)
def test_each_file_opens_in_a_spreadsheet(office_of, used_purchase, name):
    response = download(office_of("billing"), name)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == f'attachment; filename="{name}-2026-03.csv"'
    headers, *rows = read(response)
    assert rows
    assert {len(row) for row in rows} == {len(headers)}


def test_what_a_customer_is_called_runs_nowhere(office_of, used_purchase):
    organization = used_purchase.order.organization
    organization.name = '=HYPERLINK("http://x.example","Müller")'
    organization.save()
    for name in ("revenue-by-document", "payouts"):
        headers, *rows = (
            read(download(office_of("billing"), name))
            if name == "payouts"
            else read(download(office_of("admin"), name))
        )
        place = headers.index("Organization")
        assert {row[place] for row in rows} == {"'" + organization.name}


def test_there_is_no_other_file(office_of):
    assert download(office_of("billing"), "everything").status_code == 404


def test_where_the_provider_does_not_answer_it_is_said(office_of, gateway):
    gateway.fail_next = True
    answer = download(office_of("billing"), "payouts")
    assert answer.status_code == 409
    assert "so there is no file of its payouts. Try again in a minute." in answer.content.decode()
    assert "Content-Disposition" not in answer


@pytest.mark.parametrize("role", ["support", ""])
def test_the_figures_are_for_billing_people_alone(office_of, used_purchase, role):
    client = office_of(role)
    assert client.get(reverse("admin:reports")).status_code == 403
    for name in FILES:
        assert download(client, name).status_code == 403
    if role:
        assert reverse("admin:reports") not in client.get("/backoffice/").content.decode()


def test_billing_people_find_them_in_the_navigation(office_of):
    assert f'href="{reverse("admin:reports")}"' in office_of("billing").get("/backoffice/").content.decode()


def test_a_month_has_its_days_and_its_instants():
    december = Month.read("2026-12", today=date(2027, 1, 1))
    assert (december.since, december.until, december.before) == (
        date(2026, 12, 1),
        date(2027, 1, 1),
        Month(date(2026, 11, 1)),
    )
    assert (december.begins, december.ends) == (datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    assert str(december) == "2026-12"
    with pytest.raises(MonthError):
        Month.read("2027-02", today=date(2027, 1, 31))
