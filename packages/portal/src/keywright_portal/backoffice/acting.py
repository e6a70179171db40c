"""Changing something in the back office, in three steps: fill in, read what will happen, confirm.

The second step promises in sentences what the third does. If that changed in between (a colleague was faster, money
came), the third step isn't taken: what would happen now is shown instead. A form that is sent twice acts once: an act
knows by what it was given that it was done, and the service behind it holds where two arrive together.
"""

# ruff: noqa: ARG002 (signatures that subclasses share)

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from keywright_portal.backoffice.access import actor_at
from keywright_portal.kit import clock
from keywright_portal.kit.actor import Actor, Permission
from keywright_portal.kit.errors import KeywrightError, PermissionDeniedError

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite
    from django.utils.functional import _StrOrPromise

STEP: Final = "step"
PREVIEW, CONFIRM, CHANGE = "preview", "confirm", "change"
SEEN: Final = "seen"
"""Field of the confirming page: a digest of what it promised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What will happen, a sentence each. `verb` is on the button that makes it happen."""

    happens: tuple[str, ...]
    verb: _StrOrPromise

    @property
    def digest(self) -> str:
        return sha256("\n".join(self.happens).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of it, in a sentence, and the page to go on with."""

    said: str
    url: str
    is_good: bool = True


class Act:
    """Something that a person of a role may do. A subclass says what is asked for, what will happen, and does it."""

    form_class: ClassVar[type[forms.Form]]
    permission: ClassVar[Permission] = Permission.VENDOR_BILLING
    title: ClassVar[_StrOrPromise]
    about: _StrOrPromise = ""
    """What it is about, and what one should know before: above the form."""
    back: tuple[_StrOrPromise, str] = ("", "")
    """Where one came from: a label and an address."""

    def initial(self, *, now: datetime) -> Mapping[str, Any]:
        """What the form proposes."""
        return {}

    def form(self, **given: Any) -> forms.Form:
        """The form, empty or filled in."""
        return self.form_class(**given)

    def done_before(self, given: Mapping[str, Any]) -> Done | None:
        """What was done when the very same form was sent before, if it was."""
        return None

    def preview(self, given: Mapping[str, Any], *, actor: Actor, now: datetime) -> Preview:
        """What would happen. Raises KeywrightError where it can't."""
        raise NotImplementedError

    def act(self, given: Mapping[str, Any], *, actor: Actor, now: datetime) -> Done:
        """Make it happen. Raises KeywrightError where it can't any more."""
        raise NotImplementedError


def run(request: HttpRequest, act: Act, *, site: AdminSite) -> HttpResponse:
    """The page of an act, whichever step it is at. Raises PermissionDeniedError."""
    actor = actor_at(request)
    if actor is None:
        raise PermissionDeniedError(_("Sign in with a staff account first."))
    actor.require(act.permission)
    now = clock.now()
    if request.method != "POST":
        return _ask(request, act, act.form(initial=dict(act.initial(now=now))), site=site)
    form = act.form(data=request.POST)
    step = request.POST.get(STEP)
    if not form.is_valid() or step == CHANGE:
        return _ask(request, act, form, site=site)
    given = form.cleaned_data
    done = act.done_before(given)
    if done is None:
        try:
            preview = act.preview(given, actor=actor, now=now)
            if step == CONFIRM and request.POST.get(SEEN) == preview.digest:
                done = act.act(given, actor=actor, now=now)
            elif step == CONFIRM:
                # What was seen doesn't hold any more; where the same form, sent twice, is what changed it, it is done.
                done = act.done_before(given)
            if done is None:
                return _confirm(request, act, form, preview, is_changed=step == CONFIRM, site=site)
        except KeywrightError as error:
            # It may be done all the same, by the same form sent twice at the same moment.
            done = act.done_before(given)
            if done is None:
                form.add_error(error.field if error.field in form.fields else None, str(error.message))
                return _ask(request, act, form, site=site)
    messages.add_message(request, messages.SUCCESS if done.is_good else messages.WARNING, done.said)
    return HttpResponseRedirect(done.url)


def _ask(request: HttpRequest, act: Act, form: forms.Form, *, site: AdminSite) -> HttpResponse:
    context = {**site.each_context(request), "title": act.title, "act": act, "form": form}
    # Asked again after an error, the answer says so to programs too.
    status = 422 if form.is_bound and form.errors else 200
    return TemplateResponse(request, "backoffice/act.html", context, status=status)


def _confirm(
    request: HttpRequest, act: Act, form: forms.Form, preview: Preview, *, is_changed: bool, site: AdminSite
) -> HttpResponse:
    context = {
        **site.each_context(request),
        "title": act.title,
        "act": act,
        "form": form,
        "preview": preview,
        "is_changed": is_changed,
    }
    return TemplateResponse(request, "backoffice/confirm.html", context)
