"""Looking into the outbox."""

from __future__ import annotations

import re

from keywright_portal.kit.models import OutboxMail


def mail_to(address):
    """The last mail to `address`."""
    return OutboxMail.objects.filter(to=address).order_by("-created_at", "-pk").first()


def link_in(mail, part):
    """The path of the link in the mail's text that begins with `part`; the HTML has the same link."""
    found = re.search(rf"http://127\.0\.0\.1:8000({part}\S*)", mail.text)
    assert found is not None, mail.text
    assert f'href="http://127.0.0.1:8000{found[1]}"' in mail.html
    return found[1]
