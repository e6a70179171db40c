"""Inside the console's process: synchronizing with a real slapd, against fetching the same entries alone."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bench.console import took
from bench.measure import Figure, in_words
from keywright_console.directory import connecting, fetching
from keywright_console.directory.models import DirectorySettings, SyncRun
from keywright_console.directory.services.save_settings import DEFAULTS, save_settings
from keywright_console.directory.services.synchronize import synchronize
from keywright_console.kit.actor import SHELL
from keywright_console.users.models import User
from slapd import (  # type: ignore[import-not-found]  # of the console’s tests
    ADMIN_DN,
    ADMIN_PASSWORD,
    PEOPLE,
    Certificates,
    running,
)
from vendor import NOON  # type: ignore[import-not-found]  # the same

FEW, MANY = 10_000, 100_000
GOAL = 5.0
LINEAR = 1.5
"""The processor time for one user at MANY, against that at FEW: whatever else runs on the machine isn't in it."""


def measured(folder: Path) -> Iterator[Figure]:
    certificates = Certificates(folder / "tls")
    each: dict[str, float] = {}
    for number in (FEW, MANY):
        User.objects.all().delete()
        names = [f"u{one}" for one in range(number)]
        with running(folder / f"slapd-{number}", certificates, names=names) as server:
            settings = save_settings(
                actor=SHELL,
                values=replace(
                    DEFAULTS,
                    host="localhost",
                    port=server.tls_port,
                    ca_certificates=certificates.pem,
                    bind_dn=ADMIN_DN,
                    bind_password=ADMIN_PASSWORD,
                    base_dn=PEOPLE,
                ),
                now=NOON,
            )
            yield from _of(settings, number, each)


def _of(settings: DirectorySettings, number: int, each: dict[str, float]) -> Iterator[Figure]:
    alone = [took(lambda: _fetch(settings, number))]
    first = took(lambda: _synchronize(number, created=number))
    alone.append(took(lambda: _fetch(settings, number)))
    again = took(lambda: _synchronize(number, created=0))
    alone.append(took(lambda: _fetch(settings, number)))
    floor = statistics.median(one.wall for one in alone)
    for what, ours in (("first time, all are new", first), ("again, nothing changed", again)):
        yield Figure(
            name=f"AD/LDAP, {number:,} users, {what}, against fetching alone",
            ours=in_words(ours.wall),
            floor=in_words(floor),
            ratio=ours.wall / floor,
            goal=f"at most {GOAL:g}",
            met=ours.wall / floor <= GOAL,
        )
        if number == FEW:
            each[what] = ours.processor / number
        else:
            ratio = ours.processor / number / each[what]
            yield Figure(
                name=f"AD/LDAP, one user of {MANY:,} against one of {FEW:,} by processor time, {what}",
                ours=in_words(ours.processor / number),
                floor=in_words(each[what]),
                ratio=ratio,
                goal=f"at most {LINEAR:g}",
                met=ratio <= LINEAR,
            )


def _fetch(settings: DirectorySettings, number: int) -> None:
    """What nobody can do without: the library's answers, page by page."""
    names = (settings.id_attribute, settings.username_attribute, settings.email_attribute)
    with connecting.connection(settings) as link:
        found = sum(len(page) for page in fetching.pages(link, settings, attributes=names))
    if found != number:
        raise RuntimeError(f"{found} entries instead of {number}")


def _synchronize(number: int, *, created: int) -> None:
    run: SyncRun = synchronize(actor=SHELL, now=NOON)
    if (run.found, run.created) != (number, created):
        raise RuntimeError(f"{run.found} found and {run.created} created, of {number}")
