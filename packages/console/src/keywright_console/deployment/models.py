from __future__ import annotations

from typing import ClassVar

from django.db import models

from keywright_console.kit.ids import letters, new_id
from keywright_console.kit.models import SINGLE

NAME_MAX = 100  # of the server, as people call it
MESSAGE_MAX = 500  # of what the portal said; the library's own limit for a text


class Kind(models.TextChoices):
    """Which place of the subscription this server takes; the values are those of the license library."""

    PRODUCTION = "production"
    NON_PRODUCTION = "non_production"


class DeploymentKey(models.Model):
    """The key by which the vendor knows this deployment: one row, shared by every node on the database.

    The private half is sealed under the secret of the settings, so a copy of the database alone can't speak for this
    server (`sealing.py`).
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=SINGLE, editable=False)
    sealed = models.BinaryField()
    public = models.BinaryField(max_length=32)
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(id=SINGLE), name="deployment_key_single")]


class DeploymentSettings(models.Model):
    """What the administrators decided, in one row: what the server is called, and what it may do by itself.

    All is off until somebody turns it on. Without `may_speak` nothing leaves this server, whatever else is set.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=SINGLE, editable=False)
    name = models.CharField(max_length=NAME_MAX, blank=True, default="")
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.PRODUCTION)
    may_speak = models.BooleanField(default=False)
    fetches_licenses = models.BooleanField(default=False)
    fetches_revocations = models.BooleanField(default=False)
    sends_usage = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(id=SINGLE), name="deployment_settings_single")
        ]


class RequestFile(models.Model):
    """The last activation request that was made to be carried by hand, so that it can be downloaded again."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=SINGLE, editable=False)
    request_id = models.CharField(max_length=26)
    license_id = models.CharField(max_length=64)
    data = models.BinaryField()
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(id=SINGLE), name="deployment_request_single")
        ]


class State(models.TextChoices):
    """What became of a place that the vendor gave."""

    HELD = "held"
    RELEASED = "released"  # given back from here
    LOST = "lost"  # the portal says that it was released there
    SUPERSEDED = "superseded"  # another answer for the same subscription was applied


class Event(models.TextChoices):
    RELEASE = "release"
    LOSE = "lose"
    SUPERSEDE = "supersede"
    REGAIN = "regain"


MOVES: dict[tuple[State, Event], State] = {
    (State.HELD, Event.RELEASE): State.RELEASED,
    (State.HELD, Event.LOSE): State.LOST,
    (State.HELD, Event.SUPERSEDE): State.SUPERSEDED,
    (State.RELEASED, Event.REGAIN): State.HELD,
    (State.LOST, Event.REGAIN): State.HELD,
    (State.SUPERSEDED, Event.REGAIN): State.HELD,
}


class Activation(models.Model):
    """A place that the vendor gave this deployment, with the signed answer byte for byte.

    It holds for the subscription, so it outlives the license. `license_subscription` is what the license itself says,
    which is nothing in Mattermost's format; by it the place is found again.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    activation_id = models.CharField(max_length=26, unique=True)
    subscription = models.CharField(max_length=500)
    license_subscription = models.CharField(max_length=500, blank=True)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    data = models.BinaryField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.HELD)
    activated_at = models.DateTimeField()
    applied_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    # The signed release, kept so that it can be sent or carried again: the vendor takes it any number of times.
    release = models.BinaryField(null=True)
    release_told_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["license_subscription"],
                condition=models.Q(state=State.HELD),
                name="deployment_one_place_held",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["-applied_at"], name="deployment_newest")]

    @property
    def public_id(self) -> str:
        return letters(self.id)


class Purpose(models.TextChoices):
    """What this server speaks to the portal about."""

    ACTIVATION = "activation"
    RELEASE = "release"
    LICENSES = "licenses"
    REVOCATIONS = "revocations"
    USAGE = "usage"


class Contact(models.Model):
    """The last time that this server spoke to the portal about something, and what came of it."""

    purpose = models.CharField(primary_key=True, max_length=16, choices=Purpose.choices)
    tried_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    # Why the last try failed; empty where it didn't.
    code = models.CharField(max_length=64, blank=True, default="")
    message = models.CharField(max_length=MESSAGE_MAX, blank=True, default="")
    detail = models.JSONField(default=dict)
