from __future__ import annotations

from django.db import models

from keywright_portal.accounts.models import Organization
from keywright_portal.kit.ids import uuid7
from keywright_portal.subscriptions.models import Term


class KeyState(models.TextChoices):
    """`waiting`: made, and signs nothing yet, until its certificate came or products have learned to know it."""

    WAITING = "waiting"
    ACTIVE = "active"
    RETIRED = "retired"
    REVOKED = "revoked"


class SigningKey(models.Model):
    """The public side of a key that signs licenses. Its private side is behind the Signer, never in the database.

    `product`, `valid_from`, `valid_until`, `longest_term` (seconds) and `root_kid` are what its certificate says, kept
    beside it so that they can be asked for; a key of a format without certificates (RS512) is for every product, at any
    time. What a key signed while it was active verifies on after it was retired, and no more once products know that it
    was revoked.
    """

    kid = models.CharField(primary_key=True, max_length=64)
    algorithm = models.CharField(max_length=20, choices=[("Ed25519", "Ed25519"), ("RS512", "RS512")])
    state = models.CharField(max_length=20, choices=KeyState.choices, default=KeyState.ACTIVE)
    public_jwk = models.JSONField()
    certificate = models.TextField(blank=True)
    created_at = models.DateTimeField()
    product = models.CharField(max_length=60, blank=True, default="", db_default="")
    root_kid = models.CharField(max_length=64, blank=True, default="", db_default="")
    valid_from = models.DateTimeField(null=True)
    valid_until = models.DateTimeField(null=True)
    longest_term = models.BigIntegerField(null=True)
    activated_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("algorithm", "product"), condition=models.Q(state="active"), name="one_active_key_a_product"
            )
        ]


class RootKey(models.Model):
    """A root's public key, which products pin. Its private side is kept offline."""

    kid = models.CharField(primary_key=True, max_length=64)
    public_jwk = models.JSONField()
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)


class License(models.Model):
    """The grant, one a term. Its signed bytes are in LicenseFile; the one that isn't superseded is in force.

    There is no cascade to here from an account: a license outlives the account that bought it. Once it is revoked, its
    files aren't handed out any more and no other is signed; a server that applied one before goes on until it expires.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="licenses")
    term = models.OneToOneField(Term, on_delete=models.PROTECT, related_name="license")
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_because = models.CharField(max_length=40, blank=True, default="", db_default="")


class LicenseFile(models.Model):
    """One signed grant in one format. `file_id` is the id that the file carries, the same in every format.

    Unique on (grant_id, format): `orders` passes the grant's id down, so however often it asks, one file is signed.
    Unique on (license, format) while not superseded: one file is in force.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    license = models.ForeignKey(License, on_delete=models.PROTECT, related_name="files")
    grant_id = models.UUIDField()
    file_id = models.UUIDField()
    format = models.CharField(max_length=20)
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    kid = models.CharField(max_length=64)
    content = models.BinaryField()
    seats = models.BigIntegerField()
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=("grant_id", "format"), name="one_file_a_grant"),
            models.UniqueConstraint(
                fields=("license", "format"), condition=models.Q(superseded_at=None), name="one_file_in_force"
            ),
        ]
        indexes = [
            models.Index(fields=("file_id",), name="file_by_its_id"),
            models.Index(fields=("kid", "license"), name="file_by_its_key"),
        ]


class IssueLogEntry(models.Model):
    """What was signed, in order, each row hashed over the one before: a cut or a change shows. Append-only.

    `sequence` counts from 1 without gaps. `digest` is the SHA-256 of the file's bytes in hexadecimal.
    """

    sequence = models.BigIntegerField(primary_key=True)
    file_id = models.UUIDField()
    format = models.CharField(max_length=20)
    kid = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=("file_id",), name="entry_by_file_id")]


class IssueLogHead(models.Model):
    """The end of the log: one row, whose lock puts those who issue at the same moment into a line."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    sequence = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)


class BundleSeries(models.TextChoices):
    """Bundles by issuing keys and bundles by a root are numbered apart: see the license library's `read_bundle`."""

    ISSUING = "issuing"
    ROOT = "root"


class RevocationBundle(models.Model):
    """A signed list of what is revoked, as products fetch it. Append-only: the newest of each series counts.

    `product` is empty in one for all products, which only a root signs here. `number` is the `seq` in the file.
    `digest` is the SHA-256 of what it says is revoked, in hexadecimal: while that doesn't change, no other is signed.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    series = models.CharField(max_length=10, choices=BundleSeries.choices)
    product = models.CharField(max_length=60, blank=True)
    number = models.BigIntegerField()
    kid = models.CharField(max_length=64)
    content = models.BinaryField()
    digest = models.CharField(max_length=64)
    revoked_licenses = models.PositiveIntegerField()
    revoked_keys = models.PositiveIntegerField()
    issued_at = models.DateTimeField()

    class Meta:
        ordering = ("-issued_at", "-number")
        constraints = [
            models.UniqueConstraint(fields=("series", "product", "number"), name="bundle_number_once"),
        ]


class Reissue(models.Model):
    """Signing anew, with another key, what the key `kid` signed: one row a key. `licenses` counts those done so far.

    It is never over for good: a run that finds nothing left sets `finished_at`, and one that finds more goes on.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kid = models.CharField(max_length=64, unique=True)
    because = models.CharField(max_length=40)
    licenses = models.PositiveIntegerField(default=0)
    tells = models.BooleanField(default=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)


# Django looks for models here; those of servers have a file of their own, for its length.
from keywright_portal.licensing.deployment_models import AnsweredRequest, Deployment, UsageReport  # noqa: E402, F401
