"""Where licenses may come from, in the order in which they count, as the license page tells it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from keywright_console.licensing.selectors import Installed, Standing, Unused
from keywright_console.licensing.sources import LICENSE_SETTING, Source
from keywright_console.web.license_card import place_of, source_name, source_of
from keywright_license import License
from keywright_look.dates import long_date, number


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """One source: what it holds, and what that means. `advice` says what to do where it isn't used."""

    name: str
    place: str
    kind: str
    word: str
    about: str = ""
    advice: str = ""
    code: str = ""


def source_rows(standing: Standing, *, applied_by: str) -> list[SourceRow]:
    """All three, whether they have a license or not: the order itself answers why a file is ignored."""
    return [_row(source, standing, applied_by=applied_by) for source in Source]


def conflicts(rows: list[SourceRow]) -> list[SourceRow]:
    """Those that need a person: a license that isn't used, or one that can't be read."""
    return [row for row in rows if row.advice]


def _row(source: Source, standing: Standing, *, applied_by: str) -> SourceRow:
    name, place = source_name(source), place_of(source)
    current, waiting = standing.in_force, standing.waiting
    for unused in standing.unused:
        if unused.source is source:
            return _unused_row(unused, current, name=name, place=place)
    if source is Source.DATABASE and standing.problem is not None:
        return SourceRow(name=name, place=place, kind="bad", word=_("Can’t be read"), about=standing.problem.message)
    if current is not None and current.source is source:
        about = summary(current.license)
        if source is Source.DATABASE:
            about = f"{about}; {source_of(current, applied_by=applied_by)}"
        return SourceRow(name=name, place=place, kind="good", word=_("In use"), about=about)
    if waiting is not None and waiting.source is source:
        text = _("%(license)s; takes over on %(day)s") % {
            "license": summary(waiting.license),
            "day": long_date(waiting.license.starts_at),
        }
        return SourceRow(name=name, place=place, kind="info", word=_("Waiting"), about=text)
    return SourceRow(name=name, place=place, kind="", word=_("No license"))


def _unused_row(unused: Unused, current: Installed | None, *, name: str, place: str) -> SourceRow:
    if unused.problem is not None:
        return SourceRow(
            name=name,
            place=place,
            kind="bad",
            word=_("Can’t be read"),
            about=unused.problem.message,
            advice=_("The next source is used instead. Put a sound file there, or take it away."),
            code=unused.problem.code,
        )
    about = "" if unused.license is None else summary(unused.license)
    return SourceRow(
        name=name, place=place, kind="warn", word=_("Not used"), about=about, advice=_advice(unused.source, current)
    )


def _advice(source: Source, current: Installed | None) -> str:
    if current is not None and current.source is Source.ENVIRONMENT:
        return _("The environment comes first. Unset %(setting)s on every node and restart to use this one.") % {
            "setting": LICENSE_SETTING
        }
    if source is Source.FILE:
        return _(
            "The database comes first. Apply this file with Add a license to use it, or remove the license in use."
        )
    return _("Another license waits for the same term. Remove that one to use this.")


def summary(license_: License) -> str:
    """A license in a few words."""
    return _("%(plan)s, %(seats)s seats") % {"plan": license_.plan_name, "seats": number(license_.seats)}
