from __future__ import annotations

from datetime import timedelta

import pytest

from keywright_portal.kit.models import AuditEntry, OutboxMail
from keywright_portal.support.errors import TicketDetailError, TooManyTicketsError
from keywright_portal.support.models import Ticket, Topic
from keywright_portal.support.rate_limit import PER_ACCOUNT, PER_ADDRESS, PER_EMAIL
from keywright_portal.support.services.open_ticket import MESSAGE_LENGTH, Sender, open_ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalog")]

STRANGER = Sender(name="Bo Visitor", email="bo@visitor.example", address="192.0.2.7")


@pytest.fixture
def sender(buyer):
    return Sender(
        name="Ana Ferreira",
        email=buyer.user.email,
        own_email=buyer.user.email,
        address="192.0.2.1",
        user_id=buyer.user.pk,
        organization_id=buyer.organization.pk,
    )


def write(sender, now, **changes):
    given = {
        "topic": Topic.TRANSACTION,
        "message": "My card was <declined>.",
        "quoted_reference": "PAY-ABCD-EFGH",
        "now": now,
    }
    return open_ticket(sender=sender, **{**given, **changes})


def test_keeps_what_was_written_and_by_whom(sender, buyer, now):
    ticket = write(sender, now)

    stored = Ticket.objects.get()
    assert stored == ticket
    assert stored.number.startswith("TKT-")
    assert (stored.topic, stored.message, stored.quoted_reference) == (
        "transaction",
        "My card was <declined>.",
        "PAY-ABCD-EFGH",
    )
    assert (stored.user, stored.organization, stored.created_at) == (buyer.user, buyer.organization, now)


def test_mails_the_vendor_whose_answer_goes_to_the_sender(sender, now):
    ticket = write(sender, now)

    mail = OutboxMail.objects.get(key=f"ticket:{ticket.pk}:vendor")
    assert (mail.to, mail.reply_to) == ("support@example-software.example", sender.email)
    assert mail.subject == f"{ticket.number}: A problem with a transaction"
    for part in ("PAY-ABCD-EFGH", "Brightwater Logistics", "Ana Ferreira", sender.email):
        assert part in mail.text
        assert part in mail.html
    assert "My card was <declined>." in mail.text
    assert "My card was &lt;declined&gt;." in mail.html


@pytest.mark.parametrize(
    ("topic", "to"),
    [
        (Topic.TRANSACTION, "support@example-software.example"),
        (Topic.BILLING, "billing@example-software.example"),
        (Topic.MORE_USERS, "billing@example-software.example"),
        (Topic.RENEWAL, "billing@example-software.example"),
        (Topic.DELETION, "support@example-software.example"),
    ],
)
def test_the_topic_chooses_who_reads_it(sender, now, topic, to):
    ticket = write(sender, now, topic=topic)

    assert OutboxMail.objects.get(key=f"ticket:{ticket.pk}:vendor").to == to
    assert OutboxMail.objects.get(key=f"ticket:{ticket.pk}:copy").reply_to == to


def test_the_senders_copy_repeats_the_message(sender, now):
    ticket = write(sender, now)

    mail = OutboxMail.objects.get(key=f"ticket:{ticket.pk}:copy")
    assert (mail.to, mail.subject) == (sender.email, f"We’ve got your message: {ticket.number}")
    assert "My card was <declined>." in mail.text
    assert "My card was &lt;declined&gt;." in mail.html


def test_a_copy_to_any_other_address_carries_nobodys_text(sender, now):
    elsewhere = Sender(
        name="Buy pills",
        email="victim@elsewhere.example",
        own_email=sender.email,
        address="192.0.2.1",
        user_id=sender.user_id,
        organization_id=sender.organization_id,
    )
    for number, who in enumerate((STRANGER, elsewhere)):
        ticket = write(who, now, message="Buy pills", quoted_reference="PILLS")

        mail = OutboxMail.objects.get(key=f"ticket:{ticket.pk}:copy")
        assert mail.to == who.email, number
        for part in (mail.subject, mail.text, mail.html):
            assert "pills" not in part.lower()
            assert who.name not in part


def test_the_audit_row_holds_the_number_and_the_reference(sender, now):
    ticket = write(sender, now)

    entry = AuditEntry.objects.get(action="ticket.opened")
    assert entry.after == {"topic": "transaction", "number": ticket.number}
    assert (entry.reference, entry.actor_user_id) == ("PAY-ABCD-EFGH", sender.user_id)


@pytest.mark.parametrize("message", ["", "   ", "x" * (MESSAGE_LENGTH + 1)])
def test_an_empty_or_endless_message_is_refused(sender, now, message):
    with pytest.raises(TicketDetailError) as refused:
        write(sender, now, message=message)

    assert (refused.value.field, refused.value.message) == (
        "message",
        "Say in 1 to 5,000 characters what it is about.",
    )
    assert (Ticket.objects.count(), OutboxMail.objects.count()) == (0, 0)


def test_an_email_address_is_written_to_so_often_an_hour(now):
    for _ in range(PER_EMAIL.count):
        write(STRANGER, now)
    with pytest.raises(TooManyTicketsError):
        write(STRANGER, now)

    assert (Ticket.objects.count(), OutboxMail.objects.count()) == (PER_EMAIL.count, 2 * PER_EMAIL.count)
    write(STRANGER, now + timedelta(seconds=PER_EMAIL.seconds))
    assert Ticket.objects.count() == PER_EMAIL.count + 1


@pytest.mark.parametrize(
    ("limit", "who"),
    [
        (PER_ADDRESS, {}),
        (PER_ACCOUNT, {"user_id": True}),
    ],
)
def test_an_account_and_a_network_address_have_limits_whatever_the_email(buyer, now, limit, who):
    def sender(number):
        return Sender(
            name="Bo",
            email=f"{number}@visitor.example",
            address="192.0.2.9",
            user_id=buyer.user.pk if who else None,
        )

    for number in range(limit.count):
        write(sender(number), now)
    with pytest.raises(TooManyTicketsError) as refused:
        write(sender(limit.count), now)

    assert str(refused.value.message) == (
        "You’ve written several times within an hour. Wait a little, or write to support@example-software.example."
    )
    assert Ticket.objects.count() == limit.count
