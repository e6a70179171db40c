"""What a page says to a person."""

from __future__ import annotations

import re
from html import unescape


def words(answer):
    """No tags, one space between words."""
    text = re.sub(r"(?s)<(script|style|template|head|svg)\b.*?</\1>", " ", answer.content.decode())
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).replace("\xa0", " ").split())
