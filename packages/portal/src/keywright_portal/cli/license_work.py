"""What `keywright license` does, once Django has started."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click

from keywright_license import MAX_FILE_BYTES
from keywright_portal.kit import clock
from keywright_portal.kit.actor import system
from keywright_portal.licensing.auditing import Finding, Head, audit_log, check_files, head
from keywright_portal.licensing.services.reissue import begin_reissue, check_key, reissue, waiting_licenses

MOST_SHOWN: Final = 100
"""Findings printed one by one: of a log that was emptied there is one a license."""


def look_through_log(kept: Sequence[str], *, as_json: bool) -> bool:
    """Print what is wrong with the log; whether nothing is."""
    try:
        ends = [Head.parse(text) for text in kept]
    except ValueError as error:
        raise click.UsageError(f"--kept takes N:HASH, as an audit printed it; {error} isn’t.") from error
    found = [one for one in audit_log(kept=ends, now=clock.now()) if isinstance(one, Finding)]
    end = head()
    if as_json:
        _print_json(found, more={"entries": end.sequence, "end": end.text})
        return not found
    _print(found)
    if found:
        click.echo(f"{_count(found)} in a log of {end.sequence} entries. See docs/keys.md, “The log”.")
    else:
        click.echo(f"The log has {end.sequence} entries and is whole, and every license file is in it.")
        click.echo(f"Its end, to be kept elsewhere and given to the next audit with --kept: {end.text}")
    return not found


def look_at_files(files: Sequence[Path], *, as_json: bool) -> bool:
    """Print which of the files weren't signed here, or were never logged; whether there is none."""
    found = list(check_files([(str(file), _read(file)) for file in files], now=clock.now()))
    if as_json:
        _print_json(found, more={"files": len(files)})
        return not found
    _print(found)
    click.echo(f"{_count(found)} in {len(files)} files." if found else f"All {len(files)} files are in the log.")
    return not found


def issue_anew(*, key: str, because: str, tells: bool, dry_run: bool) -> bool:
    """Issue anew, with a progress bar; whether all was done."""
    now, actor = clock.now(), system("keywright license reissue")
    if dry_run:
        check_key(kid=key)
        click.echo(f"{waiting_licenses(kid=key, now=now).count()} licenses would be issued anew. Nothing was changed.")
        return True
    row = begin_reissue(kid=key, because=because, tells=tells, actor=actor, now=now)
    total, done, refused = waiting_licenses(kid=key, now=now).count(), 0, 0
    # A bar where somebody looks; where the output goes to a file, click prints the label alone.
    with _stopping() as stop, click.progressbar(length=total, label="Issuing anew", show_pos=True) as bar:
        for step in reissue(row=row, actor=actor, now=now):
            bar.update(step.done + refused + len(step.refused) - bar.pos)
            done, refused = step.done, refused + len(step.refused)
            for one in step.refused:
                click.echo(f"{one.license_id}: {one.reason}", err=True)
            if stop:
                break
    left = waiting_licenses(kid=key, now=now).count()
    click.echo(f"{done} licenses were issued anew." + (f" {left} are left." if left else ""))
    if refused:
        click.echo(f"{refused} were refused, see above. What is right about them: keywright license audit.")
    elif left:
        click.echo("The same command goes on where this one was.")
    elif tells and done:
        click.echo("The worker mails whoever may download them; the next download gives the new files.")
    return not left


@contextmanager
def _stopping() -> Iterator[list[int]]:
    """A list that isn't empty any more once somebody asked to stop."""
    asked: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda received, _frame: asked.append(received)) for number in numbers]
    try:
        yield asked
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _read(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(MAX_FILE_BYTES + 1)


def _print(found: Sequence[Finding]) -> None:
    for one in found[:MOST_SHOWN]:
        click.echo(f"{one.kind.value}: {one.where}: {one.sentence}")
    if len(found) > MOST_SHOWN:
        click.echo(f"… and {len(found) - MOST_SHOWN} more; --json prints all.")


def _print_json(found: Sequence[Finding], *, more: dict[str, Any]) -> None:
    told = [{"kind": one.kind.value, "where": one.where, "sentence": one.sentence} for one in found]
    click.echo(json.dumps({"sound": not found, **more, "findings": told}, indent=2, ensure_ascii=False))


def _count(found: Sequence[Finding]) -> str:
    return f"{len(found)} {'thing is' if len(found) == 1 else 'things are'} wrong"
