"""Noting what was done about a dispute or a transfer where it had to be done: at the provider, at one's bank."""

# ruff: noqa: ARG002 (signatures that acts share)

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from keywright_portal.backoffice.acting import Act, Done, Preview
from keywright_portal.backoffice.links import detail_url
from keywright_portal.billing.models import BankTransfer, Dispute
from keywright_portal.billing.words import money_in_words
from keywright_portal.orders.handled import MARKS_OF, Mark, mark_of
from keywright_portal.orders.services.mark_handled import mark_handled

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

    from keywright_portal.kit.actor import Actor

LABELS: Final[dict[Mark, _StrOrPromise]] = {
    Mark.EVIDENCE_SENT: _l("Evidence was sent to the bank"),
    Mark.ACCEPTED: _l("Accepted: we don’t contest it"),
    Mark.SENT_BACK: _l("The money was sent back"),
}
_FOLLOWS: Final[dict[Mark, _StrOrPromise]] = {
    Mark.EVIDENCE_SENT: _l("The bank decides. Its answer comes by itself: won, nothing changes; lost, a credit note."),
    Mark.ACCEPTED: _l("The bank closes it as lost. Then a credit note is issued by itself."),
    Mark.SENT_BACK: _l("It no longer stands among the transfers with which there is something to do."),
}


class MarkForm(forms.Form):
    """Which mark."""

    mark = forms.ChoiceField(label=_l("What was done"))

    def __init__(self, *, kind: type[Dispute | BankTransfer], **given: Any) -> None:
        super().__init__(**given)
        choices = [(mark.value, LABELS[mark]) for mark in MARKS_OF[kind]]
        self.fields["mark"] = forms.ChoiceField(label=_l("What was done"), choices=choices)

    def clean_mark(self) -> Mark:
        return Mark(self.cleaned_data["mark"])


class MarkAct(Act):
    """Of one dispute or one transfer."""

    form_class = MarkForm
    title = _l("Note what was done")

    def __init__(self, subject: Dispute | BankTransfer) -> None:
        self.subject = subject
        name = subject.provider_dispute_id if isinstance(subject, Dispute) else subject.bank_reference
        self._name = name
        self.back = (name, detail_url(type(subject), subject.pk))
        self.about = _about(subject)

    def form(self, **given: Any) -> forms.Form:
        return MarkForm(kind=type(self.subject), **given)

    def done_before(self, given: Mapping[str, Any]) -> Done | None:
        return self._told(given["mark"]) if mark_of(self.subject.pk) == given["mark"] else None

    def preview(self, given: Mapping[str, Any], *, actor: Actor, now: datetime) -> Preview:
        noted = _("It is noted for %(name)s: %(mark)s.") % {"name": self._name, "mark": LABELS[given["mark"]]}
        return Preview(
            happens=(noted, str(_FOLLOWS[given["mark"]]), _("Nothing is sent or moved by this.")), verb=_("Note it")
        )

    def act(self, given: Mapping[str, Any], *, actor: Actor, now: datetime) -> Done:
        mark_handled(actor=actor, kind=type(self.subject), subject_id=self.subject.pk, mark=given["mark"], now=now)
        return self._told(given["mark"])

    def _told(self, mark: Mark) -> Done:
        said = _("Noted: %(mark)s.") % {"mark": LABELS[mark]}
        return Done(said=said, url=detail_url(type(self.subject), self.subject.pk))


def mark_in_words(row: Dispute | BankTransfer) -> str:
    """What was noted last, if anything was."""
    mark = mark_of(row.pk)
    return "" if mark is None else str(LABELS[mark])


def _about(subject: Dispute | BankTransfer) -> str:
    if isinstance(subject, Dispute):
        return _(
            "Answer a dispute at the payment provider, before its deadline: who doesn’t answer loses. Then note here"
            " what was done, so that nobody does it twice."
        )
    amount = subject.surplus or subject.amount
    return _("%(amount)s are to be sent back. Do that at your bank; nothing here does.") % {
        "amount": money_in_words(amount, subject.currency)
    }
