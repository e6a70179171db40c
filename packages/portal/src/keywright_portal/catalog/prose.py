"""The little markup that texts of the catalog may use, and its HTML. Everything else is shown as it was typed.

Blocks stand apart by an empty line: a paragraph, `## a heading`, or a list of `- ` lines. Within them `**bold**` and
`[text](address)`, where the address begins with https://, mailto: or a single /. It is this little on purpose: a
full Markdown knows raw HTML, images and a hundred ways to write a link, and each would be one more thing to keep safe.
"""

from __future__ import annotations

import re
from typing import Final

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from keywright_portal.catalog.reading import is_web_address

_HEADING: Final = re.compile(r"(#{2,3}) +(.+)")
_BULLET: Final = "- "
_INLINE: Final = re.compile(r"\*\*(?P<bold>[^*]+)\*\*|\[(?P<text>[^\[\]]+)\]\((?P<address>[^()\s]+)\)")


def to_html(text: str) -> SafeString:
    """`text` as HTML that is safe to put into a page, whatever it holds."""
    blocks = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    return mark_safe("\n".join(_block(block.strip()) for block in blocks if block.strip()))  # noqa: S308 (all of it is escaped below)


def _block(block: str) -> str:
    heading = _HEADING.fullmatch(block)
    if heading is not None:
        level = len(heading[1])
        return f"<h{level}>{_inline(heading[2])}</h{level}>"
    if block.startswith(_BULLET):
        items = re.split(r"\n- ", block[len(_BULLET) :])
        return f"<ul>{''.join(f'<li>{_inline(_joined(item))}</li>' for item in items)}</ul>"
    return f"<p>{_inline(_joined(block))}</p>"


def _joined(block: str) -> str:
    """Lines of the source that belong together: where they were broken is no matter of the page."""
    return " ".join(line.strip() for line in block.splitlines())


def _inline(text: str) -> str:
    parts, end = [], 0
    for match in _INLINE.finditer(text):
        parts += [escape(text[end : match.start()]), _mark(match)]
        end = match.end()
    return "".join([*parts, escape(text[end:])])


def _mark(match: re.Match[str]) -> str:
    if match["bold"] is not None:
        return f"<strong>{escape(match['bold'])}</strong>"
    if not _may_be_linked(match["address"]):
        return str(escape(match[0]))
    return f'<a href="{escape(match["address"])}">{escape(match["text"])}</a>'


def _may_be_linked(address: str) -> bool:
    if address.startswith("/"):
        return not address.startswith(("//", "/\\"))
    return is_web_address(address) or re.fullmatch(r"mailto:[\w.+-]+@[\w.-]+", address, re.ASCII) is not None
