"""What the walkthrough leaves behind: numbered pictures, and a page that shows them in order."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Keywright: the walkthrough</title><style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 1100px; margin: 2rem auto; padding: 0 1rem; }
figure { margin: 1.5rem 0; } figcaption { font-weight: 600; margin-bottom: .5rem; }
.set { display: flex; gap: 12px; align-items: flex-start; overflow-x: auto; }
img { max-height: 560px; border: 1px solid #8886; border-radius: 8px; }
</style></head><body><h1>Keywright: the walkthrough</h1>
<p>Each picture was taken while the step was done for real, in light, in dark and on a phone.</p>
"""


SUMMARY: tuple[str, ...] = ("Choose your subscription", "Your license is ready", "System Console: Edition and License")
"""The pictures that tell the whole in one look, for the README."""
SUMMARY_PAGE = """<!doctype html><meta charset="utf-8"><style>
body { margin: 0; padding: 40px; background: #e9ecf3; display: flex; gap: 28px; width: 1840px; }
div { flex: 1; height: 505px; overflow: hidden; border-radius: 14px; background: #fff; }
div { box-shadow: 0 18px 40px -12px rgb(16 24 40 / 30%); }
img { width: 100%; display: block; }
</style>"""


@dataclass
class Book:
    """Pictures in the order in which they were taken."""

    folder: Path
    entries: list[tuple[str, list[str]]] = field(default_factory=list)
    chapters: dict[int, str] = field(default_factory=dict)

    def chapter(self, title: str) -> None:
        self.chapters[len(self.entries)] = title

    def names(self, title: str, kinds: tuple[str, ...]) -> list[Path]:
        """Where the pictures of the next entry go, one for each of `kinds` (such as `light`)."""
        number = len(self.entries) + 1
        slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60]
        files = [f"{number:02d}-{slug}-{kind}.png" for kind in kinds]
        self.entries.append((title, files))
        return [self.folder / file for file in files]

    def write_summary_page(self) -> Path:
        """The page of which the README's picture is taken."""
        pictures = [file for title in SUMMARY for name, files in self.entries if name == title for file in files[:1]]
        page = self.folder / "summary.html"
        page.write_text(SUMMARY_PAGE + "".join(f'<div><img src="{file}"></div>' for file in pictures))
        return page

    def write_index(self) -> Path:
        parts = [HEAD]
        for number, (title, files) in enumerate(self.entries):
            if number in self.chapters:
                parts.append(f"<h2>{escape(self.chapters[number])}</h2>")
            images = "".join(f'<img src="{escape(file)}" alt="{escape(title)}" loading="lazy">' for file in files)
            parts.append(f'<figure><figcaption>{escape(title)}</figcaption><div class="set">{images}</div></figure>')
        index = self.folder / "index.html"
        index.write_text("\n".join([*parts, "</body></html>"]))
        return index
