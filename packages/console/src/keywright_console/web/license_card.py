"""The license in force as its page shows it: what the template would otherwise have to compute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from keywright_console.licensing.comparison import deployments
from keywright_console.licensing.features import feature_names
from keywright_console.licensing.selectors import Installed, Standing
from keywright_console.licensing.sources import FILE_SETTING, LICENSE_SETTING, Source
from keywright_console.licensing.terms import (
    Renewal,
    SeatLevel,
    Tone,
    days_left,
    expiry_tone,
    grace_days_left,
    last_good_day,
    renewal,
    seat_level,
)
from keywright_license import License, LicenseState
from keywright_look.dates import number


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatNote:
    """The alert about seats. It offers seats once they run out, and users to look at when there are too many."""

    kind: str
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    license: License
    state_kind: str
    state_word: str
    expiry_kind: str
    expiry_word: str
    last_day: date
    deployments: str
    features: list[str]
    applied_at: datetime | None
    source_name: str
    source: str
    can_be_removed: bool
    active_users: int
    over: int
    seat_word: str
    seat_kind: str
    seat_note: SeatNote | None
    renewal: Renewal


STATE_KINDS = {
    LicenseState.NOT_YET_VALID: "info",
    LicenseState.ACTIVE: "good",
    LicenseState.GRACE: "warn",
    LicenseState.EXPIRED: "bad",
}


def state_word(state: LicenseState) -> str:
    words = {
        LicenseState.NOT_YET_VALID: _("Waiting"),
        LicenseState.ACTIVE: _("In use"),
        LicenseState.GRACE: _("In grace"),
        LicenseState.EXPIRED: _("Expired"),
    }
    return words[state]


def card_of(standing: Standing, *, active_users: int, applied_by: str) -> Card | None:
    """The card of the license in force; None without one."""
    current = standing.in_force
    if current is None:
        return None
    one, now = current.license, standing.at
    over = max(active_users - one.seats, 0)
    level = seat_level(active_users=active_users, seats=one.seats)
    kind, word = seat_status(level, left=one.seats - active_users, over=over)
    return Card(
        license=one,
        state_kind=STATE_KINDS[current.state],
        state_word=state_word(current.state),
        expiry_kind=expiry_tone(one, now=now).value,
        expiry_word=expiry_word(current, now=now),
        last_day=last_good_day(one.expires_at),
        deployments=deployments(one),
        features=feature_names(one.features),
        applied_at=current.applied_at,
        source_name=source_name(current.source),
        source=source_of(current, applied_by=applied_by),
        can_be_removed=current.source is Source.DATABASE,
        active_users=active_users,
        over=over,
        seat_kind=kind,
        seat_word=word,
        seat_note=seat_note(level, active_users=active_users, seats=one.seats),
        renewal=renewal(one, now=now, has_next_term=standing.waiting is not None),
    )


def expiry_word(current: Installed, *, now: datetime) -> str:
    """How long it goes on; of a license that has ended, how long grace goes on."""
    if current.state is LicenseState.EXPIRED:
        return _("Grace is over")
    if current.state is LicenseState.GRACE:
        left = grace_days_left(current.license, now=now)
        return ngettext("%(count)s day of grace left", "%(count)s days of grace left", left) % {"count": left}
    left = days_left(current.license, now=now)
    if left == 0:
        return _("Expires today")
    return ngettext("Expires in %(count)s day", "Expires in %(count)s days", left) % {"count": number(left)}


def source_of(current: Installed, *, applied_by: str) -> str:
    """By which door it came, and who opened it; of what nobody applied, where it is read from."""
    if current.source is not Source.DATABASE:
        return place_of(current.source)
    if current.applied_by_kind == "job":
        return _("fetched from the Customer Portal")
    if current.applied_by_kind == "shell":
        return _("applied from the command line")
    return _("applied by %(name)s") % {"name": applied_by or current.applied_by}


def source_name(source: Source) -> str:
    names = {Source.ENVIRONMENT: _("Environment"), Source.DATABASE: _("Database"), Source.FILE: _("File")}
    return names[source]


def place_of(source: Source) -> str:
    """The variable or path that it is read from; empty for the database."""
    if source is Source.ENVIRONMENT:
        return LICENSE_SETTING
    if source is Source.FILE:
        return str(settings.KEYWRIGHT_CONSOLE_LICENSE_FILE or FILE_SETTING)
    return ""


def seat_status(level: SeatLevel, *, left: int, over: int) -> tuple[str, str]:
    """Colour and word beside the bar."""
    if level is SeatLevel.OVER:
        return Tone.BAD.value, _("%(count)s over") % {"count": number(over)}
    word = ngettext("%(count)s left", "%(count)s left", left) % {"count": number(left)}
    tone = Tone.CALM if level is SeatLevel.FINE else Tone.WARN
    return tone.value, word


def seat_note(level: SeatLevel, *, active_users: int, seats: int) -> SeatNote | None:
    """The alert from 90, 95 and 100 percent of the seats, and above."""
    figures = {"users": number(active_users), "seats": number(seats), "left": number(seats - active_users)}
    if level is SeatLevel.OVER:
        over = active_users - seats
        text = ngettext(
            "You’re %(over)s over. Nobody is locked out. It is charged when you renew, unless you add a seat or "
            "deactivate %(over)s user first.",
            "You’re %(over)s over. Nobody is locked out. The %(over)s are charged when you renew, unless you add seats "
            "or deactivate %(over)s users first.",
            over,
        )
        return SeatNote(
            kind=Tone.BAD.value,
            title=_("%(users)s active users, %(seats)s seats") % figures,
            text=text % {"over": number(over)},
        )
    if level is SeatLevel.FULL:
        return SeatNote(
            kind=Tone.WARN.value,
            title=_("All %(seats)s seats are in use") % figures,
            text=_("The next user puts you over. Nobody is locked out then. Add seats, or deactivate users who left."),
        )
    if level is SeatLevel.CLOSE:
        return SeatNote(
            kind=Tone.WARN.value,
            title=_("%(left)s of %(seats)s seats are left") % figures,
            text=_("More than 95 percent are in use. Add seats before they run out, or deactivate users who left."),
        )
    if level is SeatLevel.NEAR:
        return SeatNote(
            kind=Tone.INFO.value,
            title=_("%(left)s of %(seats)s seats are left") % figures,
            text=_("More than 90 percent are in use. You can add seats at any time."),
        )
    return None


def applied_by_of(standing: Standing) -> str:
    """The id of the user who applied what is in force; empty where it was no user."""
    return standing.in_force.applied_by if standing.in_force else ""


def preview_result(
    *, place_waits: bool, before: Card | None, seats: int, active_users: int, has_next: bool, is_outdone: bool
) -> list[str]:
    """What comes of applying, in a few sentences: the seats first, then what becomes of the other licenses."""
    sentences = []
    if before is not None and before.over and active_users <= seats:
        sentences.append(_("You’re no longer over."))
    if place_waits:
        sentences.append(_("It waits until its term starts and takes over by itself."))
        if has_next:
            sentences.append(_("It replaces the license that waits now."))
    elif is_outdone:
        sentences.append(_("It is kept in the database. The environment’s license stays in use."))
    else:
        sentences.append(
            _("This file replaces the license in use.") if before else _("Its features open at once. Nothing restarts.")
        )
        if has_next:
            sentences.append(_("Your next-term license stays as it is."))
    return sentences
