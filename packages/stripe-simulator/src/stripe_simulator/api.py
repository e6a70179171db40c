"""The way of every API call: is it to fail, who asks, is it a replay; then the endpoint, in one transaction."""

import asyncio
import json
from dataclasses import dataclass, replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from stripe_simulator.authentication import authenticate, secret_key_required
from stripe_simulator.call import Call
from stripe_simulator.errors import StripeError
from stripe_simulator.faults import Fault, take_fault
from stripe_simulator.form import decode
from stripe_simulator.idempotency import Answer, check_key, find_replay, keep_answer, key_in_use
from stripe_simulator.ids import new_id
from stripe_simulator.parameters import read
from stripe_simulator.present import narrow, present, public
from stripe_simulator.routes import Route, find_route
from stripe_simulator.shapes import API_VERSION, Json
from stripe_simulator.simulator import Simulator

FORM = "application/x-www-form-urlencoded"
LARGEST_BODY = 1024 * 1024
"""Bytes; Stripe's own requests are a thousandth of this."""
OK, BAD_REQUEST, NOT_FOUND = 200, 400, 404
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, Stripe-Version",
    "Access-Control-Expose-Headers": "Request-Id, Idempotent-Replayed",
    "Access-Control-Max-Age": "300",
}
"""Any page may call with a publishable key, as at Stripe: the intent's secret is what protects it."""
HIDDEN = frozenset(("number", "cvc"))
"""Card fields that the list of requests doesn't show, test cards or not."""


class LostAnswer(Response):
    """Breaks the connection in the middle of the answer: the client can't know what took effect."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        headers = [(b"content-length", b"1000"), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": OK, "headers": headers})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})


@dataclass(frozen=True)
class Arrival:
    """One request on its way. `entry` is its line in the list of requests."""

    simulator: Simulator
    request: Request
    body: bytes
    request_id: str
    key: str | None
    entry: Json


async def answer_api(request: Request) -> Response:
    if request.method == "OPTIONS":
        return Response(status_code=204, headers=CORS)
    simulator: Simulator = request.app.state.simulator
    request_id = new_id("req")
    key = request.headers.get("idempotency-key") if request.method == "POST" else None
    entry: Json = {"id": request_id, "method": request.method, "path": request.url.path, "idempotency_key": key}
    simulator.requests.append(entry)
    body = await request.body()
    with simulator.store.transaction():
        fault = take_fault(simulator.store, request.method, request.url.path)
    answer = await _answer_once(Arrival(simulator, request, body, request_id, key, entry), fault)
    simulator.deliveries_wanted.set()
    entry.update(status=answer.status, created=simulator.clock.now(), replayed=answer.original_request is not None)
    params = entry.get("params")
    call = {"method": request.method, "path": request.url.path, "params": params}
    simulator.record.add("call", {**call, "status": answer.status, "answer": answer.body})
    if fault is not None:
        entry["fault"] = {"how": fault.how, "when": fault.when}
        if fault.how == "disconnect":
            return LostAnswer()
    return _response(answer, key)


async def _answer_once(arrival: Arrival, fault: Fault | None) -> Answer:
    """While a call with a key is under way, another with the same key is refused."""
    key, in_use = arrival.key, arrival.simulator.keys_in_use
    if key is None:
        return await _answer_with_fault(arrival, fault)
    if key in in_use:
        error = key_in_use(key)
        return Answer(error.status, error.body(), arrival.request_id)
    in_use.add(key)
    try:
        return await _answer_with_fault(arrival, fault)
    finally:
        in_use.discard(key)


async def _answer_with_fault(arrival: Arrival, fault: Fault | None) -> Answer:
    if fault is not None:
        await asyncio.sleep(fault.seconds)
    is_lost = fault is not None and fault.how in ("error", "disconnect")
    if fault is not None and is_lost and fault.when == "before":
        return Answer(fault.status, fault.body(), arrival.request_id)
    answer = _run(arrival)
    if fault is not None and fault.how == "alter":
        return replace(answer, body={**answer.body, **fault.fields})
    return Answer(fault.status, fault.body(), arrival.request_id) if fault is not None and is_lost else answer


def _run(arrival: Arrival) -> Answer:
    """Never waits, so that calls can't mix: state changes in one turn of the event loop."""
    try:
        return _dispatch(arrival)
    except StripeError as error:
        return Answer(error.status, public(error.body()), arrival.request_id)


def _dispatch(arrival: Arrival) -> Answer:
    simulator, request, key = arrival.simulator, arrival.request, arrival.key
    is_publishable = authenticate(request.headers.get("authorization"), simulator.keys)
    form = _form_of(request, arrival.body)
    arrival.entry["params"] = _without_card_data(form)
    _check_version(request)
    found = find_route(request.method, request.url.path)
    if found is None:
        raise StripeError(
            f"Unrecognized request URL ({request.method}: {request.url.path}).", status=NOT_FOUND, is_replayed=False
        )
    route, ids = found
    if is_publishable and not route.is_for_browsers:
        raise secret_key_required()
    call = simulator.call(
        origin=str(request.base_url).rstrip("/"),
        request_id=arrival.request_id,
        idempotency_key=key,
        is_publishable=is_publishable,
        ids=ids,
    )
    if key is not None:
        check_key(key)
        with simulator.store.transaction():
            replay = find_replay(call, key, endpoint=request.url.path, params=form)
        if replay is not None:
            return replay
    return _answer(call, route, form, keep_as=key)


def _answer(call: Call, route: Route, form: Json, *, keep_as: str | None = None) -> Answer:
    """The endpoint's answer, and with it, in the same transaction, the answer's keeping under the key."""
    store = call.store
    endpoint = route.path.format(**call.ids)
    try:
        with store.transaction():
            try:
                params = read(form, route.shape, required=route.required)
                done = route.handler(replace(call, params=params))
                shown = present(store, done, expand=params.get("expand"), is_publishable=call.is_publishable)
                answer = Answer(OK, shown, call.request_id or "")
            except StripeError as error:
                if not error.keeps_effects:
                    raise
                answer = _refusal(call, error)
            if keep_as is not None:
                keep_answer(call, keep_as, answer, endpoint=endpoint, params=form)
    except StripeError as error:
        answer = _refusal(call, error)
        if keep_as is not None and error.is_replayed:
            with store.transaction():
                keep_answer(call, keep_as, answer, endpoint=endpoint, params=form)
    return answer


def _refusal(call: Call, error: StripeError) -> Answer:
    body: Json = public(error.body())
    return Answer(error.status, narrow(body) if call.is_publishable else body, call.request_id or "")


def _form_of(request: Request, body: bytes) -> Json:
    if len(body) > LARGEST_BODY:
        raise StripeError("The request's body is too large.", status=413, is_replayed=False)
    if request.method != "POST":
        return decode(request.url.query)
    kind = request.headers.get("content-type", FORM).partition(";")[0].strip().lower()
    if body and kind != FORM:
        raise StripeError(
            f"Invalid request (check that your POST content type is {FORM}). If you have any questions, we can help "
            "at https://support.stripe.com/.",
            is_replayed=False,
        )
    try:
        return decode(body.decode())
    except UnicodeDecodeError as error:
        raise StripeError("Invalid request: the body is not UTF-8.", is_replayed=False) from error


def _check_version(request: Request) -> None:
    version = request.headers.get("stripe-version", API_VERSION)
    if version != API_VERSION:
        raise StripeError(
            f"Invalid Stripe API version: {version}. The simulator speaks {API_VERSION}.", is_replayed=False
        )


def _without_card_data(form: Any) -> Any:
    if not isinstance(form, dict):
        return form
    return {key: "•••" if key in HIDDEN else _without_card_data(value) for key, value in form.items()}


def _response(answer: Answer, key: str | None) -> Response:
    headers = {**CORS, "Request-Id": answer.request_id, "Stripe-Version": API_VERSION}
    if key is not None and key.isascii() and key.isprintable():
        headers["Idempotency-Key"] = key
        headers["Original-Request"] = answer.original_request or answer.request_id
    if answer.original_request is not None:
        headers["Idempotent-Replayed"] = "true"
    content = json.dumps(answer.body, indent=2, ensure_ascii=False)
    return Response(content, status_code=answer.status, media_type="application/json", headers=headers)
