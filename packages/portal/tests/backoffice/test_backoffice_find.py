from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from keywright_license import zbase32
from keywright_portal.backoffice.find import look_up
from keywright_portal.backoffice.scope import MOST_OF_A_KIND
from keywright_portal.billing.models import BankTransfer, CreditNote, Dispute, Invoice, PayerAccount, Refund
from keywright_portal.kit.models import AuditEntry
from keywright_portal.licensing.models import License, LicenseFile
from keywright_portal.payments.models import ProviderEvent

pytestmark = pytest.mark.django_db

QUOTED = {
    "the reference of a problem": lambda bought: bought.problem.reference,
    "in small letters, with blanks": lambda bought: f"  {bought.problem.reference.lower()} ",
    "the number of the order": lambda bought: bought.order.number,
    "the number of the invoice": lambda _: Invoice.objects.get(number="INV-2026-0001").number.lower(),
    "the number of the ticket": lambda bought: bought.ticket.number,
    "the id of the order": lambda bought: str(bought.order.pk),
    "the id in a license file": lambda bought: zbase32.encode(_file(bought).file_id),
    "the id of a license": lambda bought: str(License.objects.get(term__subscription=bought.order.subscription).pk),
    "the id of the subscription": lambda bought: zbase32.encode(bought.order.subscription_id),
    "the payment at the provider": lambda bought: bought.intent_id,
    "the provider's event": lambda bought: f"evt_{bought.intent_id}",
}


def _file(bought):
    return LicenseFile.objects.filter(license__term__subscription=bought.order.subscription).first()


@pytest.fixture
def bought(bought_beside_another):
    return bought_beside_another


@pytest.mark.parametrize("quoted", QUOTED.values(), ids=QUOTED)
def test_whatever_is_quoted_leads_to_the_whole_purchase_and_to_no_other(bought, quoted):
    found = look_up(quoted(bought))
    assert sorted(
        {(thing.kind, thing.name) for thing in found.things if thing.kind in ("Order", "Invoice", "Ticket")}
    ) == [
        ("Invoice", "INV-2026-0001"),
        ("Order", bought.order.number),
        ("Ticket", bought.ticket.number),
    ]
    told = {(moment.kind, moment.what) for moment in found.moments}
    assert told >= {
        ("Attempt to pay", bought.intent_id),
        ("Payment problem", bought.problem.reference),
        ("Ticket", f"{bought.ticket.number}: A problem with a transaction"),
        ("Payment", bought.intent_id),
        ("Payment provider", "payment_intent.succeeded"),
        ("Audit trail", "order.begun"),
        ("Audit trail", "payment.failed"),
        ("Audit trail", "license.issued"),
        ("Invoice", "INV-2026-0001"),
    }
    assert sum(moment.kind == "License file" for moment in found.moments) == 2
    assert [moment for moment in found.moments if moment.kind == "Mail"]
    assert [moment.at for moment in found.moments] == sorted(moment.at for moment in found.moments)
    assert not found.is_cut


MONEY_BACK = {
    "the number of the credit note": lambda: f" {CreditNote.objects.get().number.lower()}",
    "the refund at the provider": lambda: Refund.objects.get().provider_refund_id,
    "the id of the refund": lambda: str(Refund.objects.get().pk),
    "the dispute at the provider": lambda: Dispute.objects.get().provider_dispute_id,
    "the bank's reference": lambda: BankTransfer.objects.get(bank_reference="BANK 1").bank_reference,
    "the number of the invoice": lambda: "INV-2026-0001",
}


@pytest.mark.parametrize("quoted", MONEY_BACK.values(), ids=MONEY_BACK)
def test_money_that_went_back_and_transfers_lead_to_it_and_are_told(used_purchase, now, quoted):
    BankTransfer.objects.create(
        bank_reference="BANK 1",
        amount=7_00,
        currency="USD",
        reference_text="once more",
        invoice=Invoice.objects.get(),
        surplus=7_00,
        received_on=now.date(),
        created_at=now,
    )
    found = look_up(quoted())
    assert {thing.name for thing in found.things if thing.kind in ("Order", "Credit note", "Bank transfer")} == {
        used_purchase.order.number,
        "CN-2026-0001",
        "BANK 1",
    }
    told = {(moment.kind, moment.what, moment.detail) for moment in found.moments}
    assert told >= {
        ("Refund", "requested", "$100.00"),
        ("Refund", "succeeded", "$100.00"),
        ("Dispute", "opened", "$200.00 fraudulent"),
        ("Credit note", "CN-2026-0001", "$100.00"),
        ("Bank transfer", "BANK 1", "$7.00: once more"),
    }
    mails = {moment.what for moment in found.moments if moment.kind == "Mail"}
    assert {mail for mail in mails if "went back" in mail or "disputed" in mail} == {
        "Example Software: $100.00 of invoice INV-2026-0001 went back to you",
        "Payment disputed: $200.00 of invoice INV-2026-0001",
    }
    audited = {moment.what for moment in found.moments if moment.kind == "Audit trail"}
    assert audited >= {"refund.requested", "refund.settled", "dispute.opened", "credit_note.issued"}


def test_a_transfer_that_waits_is_found_by_the_banks_reference(used_purchase):
    reference = BankTransfer.objects.get().bank_reference
    found = look_up(reference)
    assert [(thing.kind, thing.name) for thing in found.things] == [("Bank transfer", reference)]


@pytest.mark.parametrize("ask", [lambda who: who.user.email.upper(), lambda who: str(who.user.pk)])
def test_a_person_leads_to_what_they_wrote_and_did(bought, buyer, ask):
    found = look_up(ask(buyer))
    assert ("User", buyer.user.email) in {(thing.kind, thing.name) for thing in found.things}
    begun = [moment for moment in found.moments if moment.what == "order.begun"]
    assert [moment.by for moment in begun] == [buyer.user.email]


def test_an_organization_leads_to_what_happened_in_it(bought, buyer):
    customer = PayerAccount.objects.get(organization=buyer.organization).provider_customer_id
    for asked in (buyer.organization.slug, "brightwater LOGISTICS", str(buyer.organization.pk), customer):
        found = look_up(asked)
        assert [(thing.kind, thing.name) for thing in found.things] == [("Organization", "Brightwater Logistics")]
        assert "license.issued" in {moment.what for moment in found.moments}


def test_what_was_done_in_one_instant_stands_in_the_order_of_doing(bought):
    audited = [moment.what for moment in look_up(bought.order.number).moments if moment.kind == "Audit trail"]
    assert audited[:3] == ["order.begun", "payment.begun", "payment.failed"]
    assert audited[-1] == "order.fulfilled"


def test_what_the_system_did_names_its_part(bought):
    told = {moment.what: moment.by for moment in look_up(bought.order.number).moments}
    assert told["license.issued"] == "webhook"


@pytest.mark.parametrize(
    "text",
    ["PAY-2222-2222", "", "   ", "\x00", "\ud800", "x" * 9_999, "%", "'; --", "00000000-0000-0000-0000-000000000000"],
)
def test_what_nobody_knows_leads_nowhere(bought, text):
    found = look_up(text)
    assert (found.things, found.moments, found.is_cut) == ((), (), False)


def test_it_takes_the_same_number_of_queries_for_much_and_for_little(bought, buy, buyer, now):
    def queries(text):
        with CaptureQueriesContext(connection) as asked:
            look_up(text)
        return len(asked)

    before = queries(bought.order.number), queries(str(buyer.organization.pk))
    ProviderEvent.objects.bulk_create(
        ProviderEvent(id=f"evt_{number}", type="more", object_id=bought.intent_id, received_at=now)
        for number in range(50)
    )
    for _ in range(3):
        buy(buyer)
    assert (queries(bought.order.number), queries(str(buyer.organization.pk))) == before


def test_more_than_a_page_can_show_is_said_to_be_more(bought, buyer, now):
    AuditEntry.objects.bulk_create(
        AuditEntry(
            at=now, action="member.invited", organization_id=buyer.organization.pk, subject_type="x", subject_id="1"
        )
        for _ in range(MOST_OF_A_KIND)
    )
    assert look_up(buyer.organization.slug).is_cut


def test_the_page_shows_the_line_of_time_and_asks_again(office, bought):
    page = office.get("/backoffice/find/", {"q": bought.problem.reference}).content.decode()
    assert bought.order.number in page
    assert f'value="{bought.problem.reference}"' in page
    assert "generic_decline: Your card was declined." in page
    assert "INV-2026-0001" in page


def test_the_page_says_so_where_nothing_is_known(office, bought):
    page = office.get("/backoffice/find/", {"q": "<b>PAY"}).content.decode()
    assert "Nothing is known under &lt;b&gt;PAY." in page
    assert "Enter what the customer quotes" in office.get("/backoffice/find/").content.decode()
