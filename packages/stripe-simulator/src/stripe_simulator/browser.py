"""What a browser loads: the script, the frame with the card's fields, and the bank's page."""

from importlib.resources import files
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from stripe_simulator.api import CORS
from stripe_simulator.call import Call
from stripe_simulator.challenges import challenged_intent, finish_challenge
from stripe_simulator.errors import StripeError
from stripe_simulator.money import written
from stripe_simulator.page import element, page
from stripe_simulator.present import present, public
from stripe_simulator.shapes import Json
from stripe_simulator.simulator import Simulator
from stripe_simulator.transitions import SUCCEEDED

STATIC = files("stripe_simulator") / "static"
SCRIPT_PARTS = ("request", "frames", "challenge", "elements", "stripe")
SCRIPT_ABOUT = """\
// A stand-in for Stripe.js with its calls, for pages that pay with the Payment Element. It works under a
// Content-Security-Policy that names this script's origin in script-src, frame-src and connect-src and allows no
// inline style: styles are set through the CSSOM alone."""
FILE_HEADERS = {"Cache-Control": "no-cache", "Cross-Origin-Resource-Policy": "cross-origin"}
MEDIA = {"js": "text/javascript", "css": "text/css", "html": "text/html", "svg": "image/svg+xml"}
FRAME_POLICY = (
    "default-src 'none'; img-src data:; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "form-action 'self' http: https:; base-uri 'none'; frame-ancestors *"
)
"""Any page may frame the card's fields and the bank's page, as Stripe's; nothing foreign may run in them."""


async def script(request: Request) -> Response:
    """`/v3/` and `/<train>/stripe.js`: one script, which learns the simulator's address from its own."""
    del request
    parts = (STATIC.joinpath("script", f"{name}.js").read_text("utf-8") for name in SCRIPT_PARTS)
    whole = "\n".join((SCRIPT_ABOUT, "(() => {", '"use strict";', *parts, "})();"))
    return Response(whole, media_type=MEDIA["js"], headers=FILE_HEADERS)


async def asset(request: Request) -> Response:
    return _file(request.path_params["name"])


async def card_frame(request: Request) -> Response:
    del request
    return _file("card.html", headers={"Content-Security-Policy": FRAME_POLICY})


def _file(name: str, headers: dict[str, str] | None = None) -> Response:
    source = STATIC / name
    if "/" in name or not source.is_file():
        return Response("Not found", status_code=404)
    media = MEDIA[name.rpartition(".")[2]]
    return Response(source.read_bytes(), media_type=media, headers={**FILE_HEADERS, **(headers or {})})


def _call(request: Request) -> Call:
    simulator: Simulator = request.app.state.simulator
    secret = request.query_params.get("client_secret")
    params: Json = {"client_secret": secret} if secret else {}
    return simulator.call(origin=str(request.base_url).rstrip("/"), is_publishable=True, params=params)


async def challenge_page(request: Request) -> Response:
    """In a frame that the script opened, or as a page that a server sent the browser to."""
    call = _call(request)
    try:
        with call.store.transaction():
            intent = challenged_intent(call, request.path_params["intent"])
    except StripeError as error:
        return Response(
            page("Authentication", element("p", error.message)), status_code=error.status, media_type="text/html"
        )
    about = "The shop asks to save your card."
    if intent["object"] == "payment_intent":
        about = f"The shop asks for {written(intent['amount'], intent['currency'])}."
    action = f"/3d_secure/{intent['id']}"
    secret = urlencode({"client_secret": intent["client_secret"]})
    buttons = [
        element(
            "button", label, type="submit", formaction=f"{action}/{outcome}?{secret}", class_=look, data_outcome=outcome
        )
        for outcome, label, look in (
            ("complete", "Complete authentication", "main"),
            ("fail", "Fail authentication", ""),
        )
    ]
    content = element(
        "main",
        element("p", "Test bank", class_="bank"),
        element("h1", "3D Secure authentication", id="title", tabindex="-1"),
        element("p", about),
        element("p", "This is a simulation: no bank is asked, and no money moves.", class_="quiet"),
        element("form", element("div", *buttons, class_="actions"), method="post"),
        element("p", id="problem", role="alert"),
        class_="challenge",
    )
    body = page("3D Secure authentication", content, scripts=("/assets/frame.js", "/assets/challenge.js"))
    return Response(body, media_type="text/html", headers={"Content-Security-Policy": FRAME_POLICY})


async def challenge_result(request: Request) -> Response:
    """From the frame's or the page's script: JSON. From a plain form: on to the `return_url`."""
    call = _call(request)
    try:
        with call.store.transaction():
            before = challenged_intent(call, request.path_params["intent"])["next_action"] or {}
            intent = finish_challenge(call, request.path_params["intent"], request.path_params["outcome"])
            shown = present(call.store, intent, is_publishable=True)
    except StripeError as error:
        return JSONResponse(public(error.body()), status_code=error.status, headers=CORS)
    request.app.state.simulator.deliveries_wanted.set()
    back = (before.get("redirect_to_url") or {}).get("return_url")
    if "application/json" not in request.headers.get("accept", "") and back:
        return RedirectResponse(with_result(back, intent), status_code=303)
    return JSONResponse(shown, headers=CORS)


def with_result(return_url: str, intent: Json) -> str:
    """The address that Stripe sends the browser back to."""
    result = {
        intent["object"]: intent["id"],
        f"{intent['object']}_client_secret": intent["client_secret"],
        "redirect_status": SUCCEEDED if intent["status"] == SUCCEEDED else "failed",
    }
    parts = urlsplit(return_url)
    query = "&".join(part for part in (parts.query, urlencode(result)) if part)
    return parts._replace(query=query).geturl()
