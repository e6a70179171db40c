"""What changes from one license to the next. Pure: two licenses in, lines out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from keywright_console.licensing.features import feature_names
from keywright_console.licensing.terms import last_good_day
from keywright_look.dates import number, short_date

if TYPE_CHECKING:
    from collections.abc import Callable

    from keywright_license import License


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One line of the comparison. `note` says how much; `changed` is False where both are the same."""

    label: str
    was: str
    now: str
    changed: bool
    note: str = ""
    loses: bool = False


def compare(was: License | None, now: License) -> list[Change]:
    """The lines, those that change first. Without a license in force all of them are new."""
    lines = [
        _seats(was, now),
        _line(_("Licensed to"), was, now, lambda one: one.organization.name),
        _line(_("License type"), was, now, lambda one: one.plan_name),
        _line(_("Starts"), was, now, lambda one: short_date(one.starts_at)),
        _expires(was, now),
        _line(_("Deployments"), was, now, deployments),
        _features(was, now),
    ]
    return sorted(lines, key=lambda line: not line.changed)


def _line(label: str, was: License | None, now: License, of: Callable[[License], str]) -> Change:
    before, after = "" if was is None else of(was), of(now)
    return Change(label=label, was=before, now=after, changed=before != after)


def _expires(was: License | None, now: License) -> Change:
    line = _line(_("Expires"), was, now, lambda one: short_date(last_good_day(one.expires_at)))
    if was is not None and now.expires_at < was.expires_at:
        return replace(line, note=_("earlier"), loses=True)
    return line


def deployments(license_: License) -> str:
    """How many servers it may be used on."""
    count = license_.deployments
    if not count.non_production:
        return _("%(production)s production") % {"production": count.production}
    return _("%(production)s production, %(other)s other") % {
        "production": count.production,
        "other": count.non_production,
    }


def _seats(was: License | None, now: License) -> Change:
    more = 0 if was is None else now.seats - was.seats
    template = _("%(count)s more") if more > 0 else _("%(count)s fewer")
    return Change(
        label=_("Seats"),
        was="" if was is None else number(was.seats),
        now=number(now.seats),
        changed=was is None or more != 0,
        note=template % {"count": number(abs(more))} if more else "",
        loses=more < 0,
    )


def _features(was: License | None, now: License) -> Change:
    before = frozenset[str]() if was is None else was.features
    gained, lost = now.features - before, before - now.features
    notes = []
    if gained:
        names = ", ".join(feature_names(gained))
        notes.append(names if was is None else _("adds %(names)s") % {"names": names})
    if lost:
        notes.append(_("takes away %(names)s") % {"names": ", ".join(feature_names(lost))})
    return Change(
        label=_("Features"),
        was="" if was is None else number(len(before)),
        now=number(len(now.features)),
        changed=was is None or bool(gained or lost),
        note="; ".join(notes),
        loses=bool(lost),
    )
