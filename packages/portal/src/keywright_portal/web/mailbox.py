"""The demo's mailbox: mail that would go out is put into a folder instead, and a page shows it."""

from __future__ import annotations

import os
import re
import time
import uuid
from dataclasses import dataclass
from datetime import UTC
from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.translation import gettext as _

from keywright_portal.kit.errors import ConfigurationError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from email.message import EmailMessage as ParsedMessage

    from django.core.mail import EmailMessage

SHOWN: Final = 100
"""Mails on the page, the newest. A demo makes a few dozen; a list that grows for ever would only get slower."""
_MAIL_ID: Final = re.compile(r"[0-9]{20}-[0-9a-f]{32}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a mail."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail in the folder, as the page shows it."""

    mail_id: str
    subject: str
    sender: str
    to: str
    reply_to: str
    sent_at: datetime | None
    text: str
    html: str
    attachments: tuple[Attachment, ...]


class MailboxBackend(BaseEmailBackend):
    """Django's way to send mail, into the folder that EMAIL_FILE_PATH names: a file a mail, newest last by name."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write each mail whole or not at all: it gets its name when it is complete."""
        folder = _folder()
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            name = f"{time.time_ns():020d}-{uuid.uuid4().hex}"
            unfinished = folder / f"{name}.part"
            unfinished.write_bytes(message.message().as_bytes())
            os.replace(unfinished, folder / f"{name}.eml")  # noqa: PTH105  (Path.replace says less of what it does)
        return len(email_messages)


def newest_mails() -> list[Mail]:
    """The newest mails in front."""
    files = sorted(_folder().glob("*.eml"), reverse=True)[:SHOWN]
    return [_read(file) for file in files]


def mail(mail_id: str) -> Mail:
    """One mail. Raises NotFoundError."""
    file = _folder() / f"{mail_id}.eml"
    if not _MAIL_ID.fullmatch(mail_id) or not file.is_file():
        raise NotFoundError(_("There is no such mail. It may be from before the demo was reset."))
    return _read(file)


def _folder() -> Path:
    if settings.EMAIL_FILE_PATH is None:
        raise ConfigurationError("KEYWRIGHT_DEMO_DIR isn’t set, and the mailbox needs a folder. Set it, or send mail.")
    return Path(settings.EMAIL_FILE_PATH)


def _read(file: Path) -> Mail:
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    return Mail(
        mail_id=file.stem,
        subject=str(message["Subject"] or ""),
        sender=str(message["From"] or ""),
        to=str(message["To"] or ""),
        reply_to=str(message["Reply-To"] or ""),
        sent_at=_date(message),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        attachments=tuple(_attachment(part) for part in message.iter_attachments()),
    )


def _date(message: ParsedMessage) -> datetime | None:
    """Aware: a date that names no zone (-0000, as Django writes it) is in UTC."""
    if not message["Date"]:
        return None
    date = parsedate_to_datetime(str(message["Date"]))
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)


def _body(message: ParsedMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part is not None else ""


def _attachment(part: ParsedMessage) -> Attachment:
    content = part.get_payload(decode=True)
    return Attachment(
        name=part.get_filename() or "attachment",
        content_type=part.get_content_type(),
        content=content if isinstance(content, bytes) else b"",
    )
