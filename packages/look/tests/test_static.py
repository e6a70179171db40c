"""The files that a browser fetches: complete, from nowhere else, and fit for hashed names."""

import re
from importlib.resources import files

from django.core.management import call_command

STATIC = files("keywright_look") / "static" / "keywright_look"
TEMPLATES = files("keywright_look") / "templates" / "kw"


def test_hashed_names_can_be_made_of_every_file(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)

    typeface = next((tmp_path / "keywright_look").glob("inter.*.css")).read_text(encoding="utf-8")
    fonts = re.findall(r'url\("(inter-[^"]+)"\)', typeface)
    assert len(fonts) == 2
    assert all((tmp_path / "keywright_look" / font).is_file() for font in fonts)


def test_no_stylesheet_or_script_of_ours_names_a_host():
    for name in ("inter.css", "theme.css", "theme.js"):
        found = re.findall(r"https?://[\w.]+", (STATIC / name).read_text(encoding="utf-8"))
        assert set(found) <= {"http://www.w3.org"}  # the name of SVG, in a data: picture
        assert "@import" not in (STATIC / name).read_text(encoding="utf-8")


def test_no_page_carries_a_style_or_a_script_of_its_own():
    pages = [path for path in TEMPLATES.rglob("*.html") if path.name != "email.html"]

    assert len(pages) > 25
    for page in pages:
        assert not re.search(r"\sstyle=|<style|<script(?! src=)|\son[a-z]+=", page.read_text(encoding="utf-8")), page


def test_every_vendored_file_has_its_license():
    licenses = (STATIC / "LICENSES.txt").read_text(encoding="utf-8")

    for name in ("tabler.min.css", "inter-*.woff2", "icons.svg", "MIT License", "SIL OPEN FONT LICENSE"):
        assert name in licenses
