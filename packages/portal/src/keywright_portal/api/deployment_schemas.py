"""What servers and the portal say to each other. Files travel as text, exactly as they were signed."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Final, Literal

from ninja import Schema
from pydantic import ConfigDict, Field, StringConstraints

from keywright_license.limits import MAX_FILE_BYTES
from keywright_portal.api.schemas import Problem

LONGEST_ARTIFACT: Final = 16 * 1024
"""Characters of one signed line: a request has some 900, and no reader takes more of one than a license has."""
LONGEST_REPORTS: Final = 192 * 1024
"""Characters of reports in one request: some 240 of them. A body as a whole may have 256 KiB."""
Artifact = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=LONGEST_ARTIFACT)]
LicenseText = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=MAX_FILE_BYTES)]
Reports = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=LONGEST_REPORTS)]
Id = Annotated[str, Field(description="128 bits as 26 letters of z-base-32, as in a license.")]


class Asked(Schema):
    """A body with no other member than those described."""

    model_config = ConfigDict(extra="forbid")


class ActivationRequest(Asked):
    """A server asks for its place."""

    request: Artifact = Field(description="The activation request, signed by the server’s key within the last hour.")
    license: LicenseText = Field(description="The license file in force there, of either format.")


class Activation(Schema):
    """The place that the server holds from now on, through renewals and superseding files."""

    activation: str = Field(description="The signed answer, to apply in the server: two lines.")
    id: Id = Field(description="Of the activation; a release names it.")
    subscription: Id
    deployment: Id
    kind: Literal["production", "non_production"]
    slot: int = Field(description="0 for production, else which of the non-production places.")
    activated_at: dt.datetime


class Release(Asked):
    """A server gives its place back."""

    release: Artifact = Field(description="Signed by the server’s key; names the activation.")


class Released(Schema):
    """The place is free."""

    id: Id
    deployment: Id
    released_at: dt.datetime


class Usage(Asked):
    """What a server counted."""

    reports: Reports = Field(description="Usage reports, one a line, at most 192 KiB, which is some 240 of them.")


class Recorded(Schema):
    """What is known now of the server's reports."""

    received: int = Field(description="Reports that are new.")
    already_known: int = Field(description="Reports that came before. Nothing is counted twice.")
    newest_seq: int
    missing: list[tuple[int, int]] = Field(
        description="Spans of `seq` that never came, from 1 to the newest, both ends included. At most 100, the newest."
    )
    forked: bool = Field(description="Two reports follow the same one: a database was cloned, or restored.")


class NewestFile(Schema):
    """A license file in force."""

    license_id: Id
    format: str
    name: str
    issued_at: dt.datetime
    starts_at: dt.datetime
    expires_at: dt.datetime
    seats: int
    content: str = Field(description="The file, to apply as it is.")


class NewestFiles(Schema):
    """Of every term of the subscription that isn't over, the earliest first. Empty where its license was revoked."""

    files: list[NewestFile]


class InTheWay(Schema):
    """A server that holds a place."""

    deployment: Id
    name: str
    kind: Literal["production", "non_production"]
    slot: int
    activated_at: dt.datetime
    last_seen_at: dt.datetime
    release_due_at: dt.datetime | None = Field(description="When its place becomes free, where a release is waiting.")


class PlaceProblem(Problem):
    """As any problem; with `no_free_place` it also names the servers that hold the places."""

    in_the_way: list[InTheWay] | None = None


PROBLEMS: Final[dict[int, Any]] = {
    400: Problem,
    403: Problem,
    404: Problem,
    409: Problem,
    413: Problem,
    422: Problem,
    429: Problem,
}
