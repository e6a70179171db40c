"""A licensed server as the portal meets it: its key, requests, releases and reports, by the license library."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from keywright_license import activation, keys, usage, zbase32
from keywright_portal.licensing.models import LicenseFile

MIDNIGHT = datetime(2026, 3, 12, tzinfo=UTC)
_names = itertools.count(1)


def new_id() -> str:
    return zbase32.encode(uuid.uuid4())


@dataclass
class Server:
    """One deployment. `file` is the license that it applied."""

    file: LicenseFile
    now: datetime
    kind: str = "production"
    name: str = field(default_factory=lambda: f"chat-{next(_names)}.example")
    version: str | None = "10.2.0"
    key: Any = field(default_factory=keys.generate_ed25519)
    id: str = field(default_factory=new_id)
    sent: list[bytes] = field(default_factory=list)

    @property
    def content(self) -> bytes:
        return bytes(self.file.content)

    @property
    def subscription(self) -> str:
        return zbase32.encode(self.file.license.term.subscription_id)

    @property
    def kid(self) -> str:
        return keys.thumbprint(self.key.public_key())

    def request(self, **changed: Any) -> bytes:
        asked = activation.ActivationRequest(
            id=new_id(),
            issued_at=self.now,
            product="enterprise-edition",
            license_id=zbase32.encode(self.file.file_id),
            license_sha256=activation.license_digest(self.content),
            deployment=self.id,
            kind=activation.DeploymentKind(self.kind),
            key=self.key.public_key(),
            name=self.name,
            version=self.version,
        )
        return activation.sign_request(replace(asked, **changed), self.key)

    def release(self, activation_id: str, **changed: Any) -> bytes:
        said = activation.Release(
            id=new_id(),
            issued_at=self.now,
            product="enterprise-edition",
            subscription=self.subscription,
            deployment=self.id,
            activation=activation_id,
        )
        return activation.sign_release(replace(said, **changed), self.key)

    def report(self, active: int = 141, *, keep: bool = True, **changed: Any) -> bytes:
        """The next report, a day after the one before. One that isn't kept is a fork's."""
        seq = len(self.sent) + 1
        said = usage.UsageReport(
            id=new_id(),
            issued_at=MIDNIGHT + timedelta(days=seq - 1, hours=6),
            subscription=self.subscription,
            deployment=self.id,
            license_id=zbase32.encode(self.file.file_id),
            seq=seq,
            previous=usage.digest(self.sent[-1]) if self.sent else None,
            active_users=active,
            deactivated_users=37,
            bots=12,
            peak_active_users=active,
            since=MIDNIGHT,
            version=self.version,
        )
        line = usage.sign_report(replace(said, **changed), self.key).removesuffix(b"\n")
        if keep:
            self.sent.append(line)
        return line
