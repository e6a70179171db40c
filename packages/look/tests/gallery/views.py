"""Pages that show every component, on each shell."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

from django.contrib.messages.storage.base import Message
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from gallery.forms import SampleForm
from keywright_look import brand_css

COLOUR = "#0a7a3d"
BRAND = {"name": "Example Software", "home_url": "/", "css_url": "/brand.css", "colour": COLOUR}
PERSON = {"name": "Ana Ferreira"}
MENU = [{"url": "#", "label": "Your account"}, {"url": "#", "label": "Log out", "post": True}]
FOOTER = [{"url": "#", "label": "Terms"}, {"url": "#", "label": "Privacy Policy"}]
TABS = [
    {"url": "#", "label": label, "current": label == "Support"}
    for label in ("Subscriptions", "Active users", "Billing history", "Organization", "Support")
]
SIDE = [
    {
        "label": "About",
        "pages": [
            {"url": "#", "label": "Edition and License", "icon": "license", "current": True},
            {"url": "#", "label": "Server", "icon": "info-circle"},
        ],
    },
    {"label": "Users", "pages": [{"url": "#", "label": "Users", "icon": "users"}]},
]
MESSAGES = [Message(25, "Saved."), Message(40, "Not saved."), Message(30, "Look again."), Message(20, "By the way.")]
SHARED: dict[str, Any] = {
    "brand": BRAND,
    "person": PERSON,
    "menu": MENU,
    "footer_links": FOOTER,
    "shell_key": "gallery",
}
MAIL: dict[str, Any] = {
    "brand": {**BRAND, "mail_mark_src": "/static/keywright_look/mark.png", "address": "Example Software, Dublin"},
    "heading": "Your license is ready",
    "preheader": "Download it and apply it.",
    "intro": "Hello Ana & all, your payment went through.",
    "button": {"url": "https://portal.example/l/", "label": "Download the license key", "note": "You log in first."},
    "facts": [("License type", "E20"), ("Number of users", "200")],
    "steps_title": "Apply it to your server",
    "steps": ["Log in to your server.", "Choose the file."],
    "more": "Not a System Admin? Forward this email.",
    "why": "You get this email because you bought a subscription.",
    "support_url": "https://portal.example/support/",
}


def page(request: HttpRequest, shell: str) -> HttpResponse:
    now = dt.datetime(2026, 3, 12, 6, 0, tzinfo=dt.UTC)
    context = SHARED | {
        "tabs": TABS,
        "side": SIDE,
        "messages": MESSAGES,
        "form": SampleForm(data={"email": "not one"}) if "bound" in request.GET else SampleForm(),
        "page": Paginator(range(312), 25).page(2),
        "term": SimpleNamespace(first_day=now.date(), last_day=dt.date(2027, 3, 11)),
        "now": now,
    }
    return render(request, f"gallery/{shell}.html", context)


def mail(request: HttpRequest) -> HttpResponse:
    return render(request, "kw/email.html", MAIL)


def brand(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(brand_css(COLOUR), content_type="text/css")
