"""A page as bare as can be that pays with the Payment Element, served from an origin of its own under a strict
Content-Security-Policy."""

import json
import os
import shutil
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlencode, urlsplit

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Shop</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="/shop.css">
<script src="{simulator}/v3/"></script><script src="/shop.js" defer></script></head>
<body><main><h1>Shop</h1><div id="payment"></div><button id="pay" type="button">Pay</button>
<button id="saved" type="button">Use the saved card</button>
<button id="next" type="button">Go on</button><pre id="result"></pre><pre id="events"></pre></main></body></html>"""

STYLE = "body { background: #ffffff; color: #161a22; } main { width: 420px; }"

SCRIPT = """
"use strict";
const options = JSON.parse(new URLSearchParams(location.search).get("options"));
const show = (value) => { document.getElementById("result").textContent = JSON.stringify(value, null, 1); };
const log = (value) => { document.getElementById("events").textContent += JSON.stringify(value) + "\\n"; };
document.addEventListener("securitypolicyviolation", (event) => log({ violation: event.violatedDirective }));
const stripe = Stripe("pk_test_suite");
const elements = stripe.elements(options.elements);
const element = elements.create("payment");
element.on("ready", (event) => log({ ready: event }));
element.on("change", (event) => log({ change: event }));
element.mount("#payment");
window.shop = { stripe, elements, element };
const finish = async (work) => {
  try { show(await work()); } catch (error) { show({ thrown: error.name, message: error.message }); }
};
document.getElementById("pay").addEventListener("click", () => finish(async () => {
  const checked = options.skipSubmit ? {} : await elements.submit();
  if (checked.error) return checked;
  const call = options.setup ? "confirmSetup" : "confirmPayment";
  return stripe[call]({ elements, clientSecret: options.secret, redirect: options.redirect || "if_required",
    confirmParams: { return_url: location.origin + "/done",
      payment_method_data: { billing_details: { name: "Ana Ferreira" } } } });
}));
document.getElementById("saved").addEventListener("click", () => finish(() => {
  const { call, method, more } = options.saved;
  if (call.startsWith("confirmCard")) return stripe[call](options.secret, { payment_method: method, ...more });
  return stripe[call]({ clientSecret: options.secret, redirect: "if_required", confirmParams: {
    return_url: location.origin + "/done", payment_method: method, ...more } });
}));
document.getElementById("next").addEventListener("click",
  () => finish(() => stripe.handleNextAction({ clientSecret: options.secret })));
"""


def chromium_path() -> str:
    """The browser to test with. None on the machine is an error, not a reason to skip."""
    named = os.environ.get("KEYWRIGHT_CHROMIUM")
    found = named or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
        None,
    )
    if found is None:
        raise RuntimeError("No Chromium on this machine. Install it, or name it in KEYWRIGHT_CHROMIUM.")
    return found


class Shop:
    def __init__(self, simulator_origin: str) -> None:
        policy = (
            f"default-src 'none'; script-src 'self' {simulator_origin}; style-src 'self'; "
            f"frame-src {simulator_origin}; connect-src {simulator_origin}; img-src data:; base-uri 'none'"
        )
        files = {
            "/": ("text/html", PAGE.format(simulator=simulator_origin)),
            "/shop.js": ("text/javascript", SCRIPT),
            "/shop.css": ("text/css", STYLE),
            "/done": ("text/html", "<!doctype html><html lang='en'><title>Done</title><h1>Done</h1></html>"),
        }

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                media, text = files[urlsplit(self.path).path]
                content = text.encode()
                self.send_response(200)
                self.send_header("Content-Type", f"{media}; charset=utf-8")
                self.send_header("Content-Length", str(len(content)))
                self.send_header("Content-Security-Policy", policy)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *arguments: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def address(self, **options: Any) -> str:
        return f"{self.origin}/?{urlencode({'options': json.dumps(options)})}"

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
