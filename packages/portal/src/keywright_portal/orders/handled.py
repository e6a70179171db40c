"""What the vendor's billing people did outside of Keywright, as they noted it here: it is in the audit trail alone."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from keywright_portal.billing.models import BankTransfer, Dispute
from keywright_portal.kit.models import AuditEntry

MARKED: Final = "billing.marked"
"""The action in the audit trail."""


class Mark(StrEnum):
    """`evidence_sent`, `accepted`: the answer to a dispute, given at the payment provider. `sent_back`: by one's own
    bank, what was too much of a transfer, or all of one that pays nothing.
    """

    EVIDENCE_SENT = "evidence_sent"
    ACCEPTED = "accepted"
    SENT_BACK = "sent_back"


MARKS_OF: Final[dict[type[Dispute | BankTransfer], tuple[Mark, ...]]] = {
    Dispute: (Mark.EVIDENCE_SENT, Mark.ACCEPTED),
    BankTransfer: (Mark.SENT_BACK,),
}


def mark_of(subject_id: uuid.UUID) -> Mark | None:
    """The last mark of a dispute or a transfer."""
    entry = AuditEntry.objects.filter(action=MARKED, subject_id=str(subject_id)).order_by("-at", "-pk").first()
    return None if entry is None else Mark((entry.after or {})["mark"])


def marked(subject_ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Those of the disputes or transfers that have a mark."""
    entries = AuditEntry.objects.filter(action=MARKED, subject_id__in=[str(key) for key in subject_ids])
    return {uuid.UUID(key) for key in entries.order_by().values_list("subject_id", flat=True)}
