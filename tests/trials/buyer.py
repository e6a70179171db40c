"""Somebody who buys from a portal that may die at any moment: pages, forms and cookies by plain HTTP, and the card."""

from __future__ import annotations

import http.client
import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

from simulator import SimulatorProcess

ANSWERS_WITHIN = 25.0
"""Seconds: SQLite makes a writer wait for 20 at most."""
LOST = (OSError, http.client.HTTPException)
"""What a browser sees of a server that dies."""


class ErrorPageError(Exception):
    """The portal answers, and can't do what was asked."""


ADDRESS = {"name": "Buyer GmbH", "country": "DE", "street": "Speicherweg 14", "postal_code": "20457", "city": "Hamburg"}


class Form(HTMLParser):
    """What a form would send as it stands: the values of its fields, wherever on the page they are."""

    def __init__(self, page: str, form_id: str) -> None:
        super().__init__()
        self._form_id = form_id
        self._inside = False
        self._select = ""
        self.action = ""
        self.values: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = said.get("id") == self._form_id
            self.action = said.get("action", "") if self._inside else self.action
        elif not (self._inside or said.get("form") == self._form_id):
            return
        elif tag == "input" and said.get("name"):
            if said.get("type") not in ("checkbox", "radio") or "checked" in said:
                self.values[said["name"]] = said.get("value", "")
        elif tag == "select":
            self._select = said.get("name", "")
        elif tag == "option" and "selected" in said:
            self.values[self._select] = said.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False


@dataclass
class Buyer:
    """One person at one browser. Each has an address of its own, since tries are counted by address too."""

    slug: str
    organization_id: str
    cookie: str
    portal: str
    simulator: SimulatorProcess
    number: int
    cookies: SimpleCookie = field(default_factory=SimpleCookie)
    order_id: str = ""

    def __post_init__(self) -> None:
        self.cookies.load(self.cookie)

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Status, where it leads to, and the page. Raises one of LOST where the server is gone."""
        address = f"127.0.{1 + self.number // 250}.{1 + self.number % 250}"
        at = urlsplit(self.portal).netloc
        connection = http.client.HTTPConnection(at, timeout=ANSWERS_WITHIN, source_address=(address, 0))
        headers = {"Cookie": "; ".join(f"{one.key}={one.value}" for one in self.cookies.values())}
        body = None
        if form is not None:
            body = urlencode(form)
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            page = answer.read().decode()
            for line in answer.headers.get_all("Set-Cookie", []):
                self.cookies.load(line)
            return answer.status, answer.headers.get("Location", ""), page
        finally:
            connection.close()

    def choose(self) -> None:
        """The buy page, and Next Step: 200 users of E20."""
        _status, _to, page = self.ask("GET", f"/o/{self.slug}/buy/")
        form = Form(page, "buy-form")
        status, to, page = self.ask("POST", form.action, form.values | {"plan": "E20", "seats": "200"})
        found = re.search(r"/orders/([0-9a-f-]{36})/payment/", to)
        assert found, (status, to, page[:2000])
        self.order_id = found[1]

    def start(self) -> str:
        """The payment page, and Complete: the intent to confirm. Empty where the order is paid already."""
        status, to, page = self.ask("GET", f"/o/{self.slug}/orders/{self.order_id}/payment/")
        if to:
            return ""
        if status >= 500:
            raise ErrorPageError(page[-500:])
        form = Form(page, "payment-form")
        given = form.values | ADDRESS | {"accepts_terms": "on", "save_card": "on"}
        status, _to, page = self.ask("POST", form.action, given)
        if status >= 500:
            raise ErrorPageError(page[-500:])
        said = json.loads(page)
        if "go" in said:
            return ""
        assert "client_secret" in said, (status, page[:2000])
        return str(said["client_secret"]).partition("_secret_")[0]

    def pay(self, intent_id: str, card: str = "pm_card_visa") -> None:
        """What Stripe's script does on the page."""
        self.stripe("POST", f"/v1/payment_intents/{intent_id}/confirm", {"payment_method": card})

    def come_back(self) -> int:
        """To the page that waits for the payment's outcome; its status."""
        return self.ask("GET", f"/o/{self.slug}/orders/{self.order_id}/payment/return/")[0]

    def stripe(self, method: str, path: str, form: dict[str, str] | None = None) -> dict:
        """A call of the provider's API; what it answers, whatever the status."""
        connection = http.client.HTTPConnection(urlsplit(self.simulator.origin).netloc, timeout=ANSWERS_WITHIN)
        headers = {"Authorization": "Bearer sk_test_simulator", "Content-Type": "application/x-www-form-urlencoded"}
        try:
            connection.request(method, path, urlencode(form) if form else None, headers)
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def charged(self) -> list[int]:
        """What the provider took for the order, charge by charge."""
        intents = self.stripe("GET", "/v1/payment_intents?limit=100")["data"]
        return [
            intent["amount_received"]
            for intent in intents
            if intent["metadata"].get("order_id") == self.order_id and intent["status"] == "succeeded"
        ]
