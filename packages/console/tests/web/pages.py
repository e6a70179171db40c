"""Small things that tests of pages share."""

from __future__ import annotations

import html
import re

from django.core.files.uploadedfile import SimpleUploadedFile


def text_of(response) -> str:
    """What one reads on the page."""
    body = re.sub(r"<(script|style)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).replace("\u00a0", " ").split())


def hidden(response) -> dict[str, str]:
    """The hidden fields of the page's forms, as a browser sends them back."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', response.content.decode())
    return {name: html.unescape(value) for name, value in found}


def upload(client, data, name="acme.keywright-license"):
    return client.post("/about/license/preview/", {"license": SimpleUploadedFile(name, data)})


def apply_shown(client, preview):
    """Press Apply license on the preview page."""
    fields = hidden(preview)
    return client.post("/about/license/apply/", {name: fields[name] for name in ("license", "seen", "name")})
