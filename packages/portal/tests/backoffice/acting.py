"""Going through the steps of an act as a person does: what the page has is what is sent."""

from __future__ import annotations

import re

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


def hidden(page):
    """The hidden fields of a page's form, without the token against forgery."""
    fields = dict(HIDDEN.findall(page.content.decode()))
    return {name: value for name, value in fields.items() if name != "csrfmiddlewaretoken"}


def fields_of(page):
    """What the form proposes."""
    form = page.context["form"]
    values = {field.html_name: field.value() for field in form}
    return {name: value for name, value in values.items() if value not in (None, False)}


def preview(client, address, **given):
    """Fill the form in and ask what will happen."""
    proposed = fields_of(client.get(address))
    sent = {name: value for name, value in {**proposed, **given}.items() if value is not None}
    return client.post(address, {**sent, "step": "preview"})


def happens(page):
    assert page.status_code == 200, page.content.decode()
    return list(page.context["preview"].happens)


def confirm(client, address, page):
    """Confirm what `page` showed."""
    return client.post(address, {**hidden(page), "step": "confirm"})


def said(client, response):
    """The sentence on the page that one is sent to."""
    assert response.status_code == 302, response.content.decode()
    return [str(message) for message in client.get(response["Location"]).context["messages"]]


def errors(page):
    assert page.status_code == 422, page.status_code
    return {name: [str(one) for one in found] for name, found in page.context["form"].errors.items()}
