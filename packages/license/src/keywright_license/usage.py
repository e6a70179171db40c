"""Usage reports: how many users a deployment counts, signed by its key, each tied to the one before.

`sign_report(replace(report, previous=digest(last_line)), key)` makes the next link; `previous` is None in the first.
Two reports with the same `previous` show that a database was cloned or restored: that is shown, never blocked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from keywright_license._internal import artifacts, base64url, claims
from keywright_license.errors import LicenseError, SigningError
from keywright_license.kinds import CLAIMS_VERSION
from keywright_license.limits import MAX_EXPORT_BYTES, MAX_REPORTS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageReport:
    """Counts at `issued_at`: `active_users` are not deactivated and no bots; `peak_active_users` is the highest count
    since `since`. `license_id` is of the license in force, `seq` begins with 1, `previous` is the `digest` of the
    report before. `version` is which release of the product runs.
    """

    id: str
    issued_at: datetime
    subscription: str
    deployment: str
    license_id: str
    seq: int
    previous: str | None
    active_users: int
    deactivated_users: int
    bots: int
    peak_active_users: int
    since: datetime
    version: str | None = None


class SignedReport(NamedTuple):
    """A report and its exact line, of which the next report's `previous` is the digest."""

    line: bytes
    report: UsageReport


def digest(line: bytes | str) -> str:
    """SHA-256 of a report's whole line without its end, base64url: what the next report says in `previous`."""
    octets = line.encode() if isinstance(line, str) else line
    return base64url.encode(sha256(octets.removesuffix(b"\n").removesuffix(b"\r")).digest()).decode()


def sign_report(report: UsageReport, key: Ed25519PrivateKey) -> bytes:
    """The one line, by the deployment's key. SigningError: a value that would be refused."""
    report = replace(
        report, issued_at=report.issued_at.replace(microsecond=0), since=report.since.replace(microsecond=0)
    )
    said = _write(report)
    try:
        sound = _read(said) == report
    except LicenseError as error:
        raise SigningError(f"Such a report would be refused: {error.message}") from error
    if not sound:
        raise SigningError("The report would not be read as it was meant. Give its times in UTC.")
    return artifacts.sign_own(said, artifacts.USAGE, key=key)


def read_report(data: bytes, *, key: Ed25519PublicKey) -> UsageReport:
    """The report, signed by the deployment's key. Whether it is the next, a replay or one after a gap is told by
    `seq` and `previous`, and by who keeps the reports before.

    UnknownKeyError: by another key; BadSignatureError; MalformedError; WrongKindError.
    """
    return artifacts.reworded(_read, artifacts.open_known(data, artifacts.USAGE, key=key), artifacts.USAGE)


def read_reports(data: bytes, *, key: Ed25519PublicKey) -> tuple[SignedReport, ...]:
    """The reports of an exported file, one a line, in its order; each is verified, the chain is not.

    Errors as `read_report`; MalformedError: more than `MAX_REPORTS`, or longer than `MAX_EXPORT_BYTES`.
    """
    return tuple(SignedReport(line, read_report(line, key=key)) for line in _lines(data))


def kid_of_report(data: bytes) -> str:
    """Which key the first report of the file says it was signed by, to look up the deployment; it proves nothing.
    MalformedError, WrongKindError.
    """
    return artifacts.kid_of(_lines(data)[0], artifacts.USAGE)


def _lines(data: bytes) -> list[bytes]:
    if len(data) > MAX_EXPORT_BYTES:
        raise artifacts.USAGE.malformed(f"export is longer than {MAX_EXPORT_BYTES} bytes")
    lines = data.replace(b"\r\n", b"\n").removesuffix(b"\n").split(b"\n", MAX_REPORTS)
    if len(lines) > MAX_REPORTS:
        raise artifacts.USAGE.malformed(f"export has more than {MAX_REPORTS} reports")
    return lines


def _write(report: UsageReport) -> dict[str, object]:
    said: dict[str, object] = {
        "v": CLAIMS_VERSION,
        "jti": report.id,
        "iat": claims.to_seconds(report.issued_at),
        "sub": report.subscription,
        "deployment": report.deployment,
        "license": report.license_id,
        "seq": report.seq,
        "active_users": report.active_users,
        "deactivated_users": report.deactivated_users,
        "bots": report.bots,
        "peak_active_users": report.peak_active_users,
        "since": claims.to_seconds(report.since),
    }
    if report.previous is not None:
        said["previous"] = report.previous
    if report.version is not None:
        said["version"] = report.version
    return said


def _read(said: Mapping[str, object]) -> UsageReport:
    claims.version(said)
    report = UsageReport(
        id=claims.identity(claims.required(said, "jti"), "jti"),
        issued_at=claims.time(claims.required(said, "iat"), "iat"),
        subscription=claims.text(claims.required(said, "sub"), "sub"),
        deployment=claims.identity(claims.required(said, "deployment"), "deployment"),
        license_id=claims.identity(claims.required(said, "license"), "license"),
        seq=claims.count(claims.required(said, "seq"), "seq", least=1),
        previous=claims.digest(said["previous"], "previous") if "previous" in said else None,
        active_users=claims.count(claims.required(said, "active_users"), "active_users", least=0),
        deactivated_users=claims.count(claims.required(said, "deactivated_users"), "deactivated_users", least=0),
        bots=claims.count(claims.required(said, "bots"), "bots", least=0),
        peak_active_users=claims.count(claims.required(said, "peak_active_users"), "peak_active_users", least=0),
        since=claims.time(claims.required(said, "since"), "since"),
        version=claims.text(said["version"], "version") if "version" in said else None,
    )
    if (report.previous is None) != (report.seq == 1):
        claims.refuse("previous", "the first report, and no other, has none before it")
    if report.peak_active_users < report.active_users:
        claims.refuse("peak_active_users", "it is less than the users that are active")
    return report
