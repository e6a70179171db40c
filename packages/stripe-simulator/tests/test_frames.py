"""The card's frame: its fields, its messages to the page, its looks; and what the page can't reach."""

import json

import stripe
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from paying import BANK_FRAME, CARD_FRAME, fill_card, intent_for, open_shop, result
from shop import Shop


def test_what_is_missing_or_wrong_is_said_beside_the_fields(client: stripe.StripeClient, shop: Shop, page: Page):
    card = open_shop(page, shop, intent_for(client).client_secret)
    number, expiry = card.get_by_label("Card number"), card.get_by_label("Expiration date")
    expect(number).to_be_visible()
    page.get_by_role("button", name="Pay").click()
    assert result(page)["error"]["code"] == "incomplete_number"
    expect(number).to_be_focused()
    for sentence in (
        "Your card number is incomplete.",
        "Your card’s expiration date is incomplete.",
        "Your card’s security code is incomplete.",
    ):
        expect(card.get_by_text(sentence)).to_be_visible()
    number.press_sequentially("4242424242424241")
    expect(number).to_have_value("4242 4242 4242 4241")
    number.press("Tab")
    expect(card.get_by_text("Your card number is invalid.")).to_be_visible()
    expect(number).to_have_accessible_description("Your card number is invalid.")
    expiry.press_sequentially("120")
    expiry.press("Tab")
    expect(card.get_by_text("Your card’s expiration date is incomplete.")).to_be_visible()
    expiry.press("End")
    expiry.press_sequentially("1")
    expect(expiry).to_have_value("12 / 01")
    expiry.blur()
    expect(card.get_by_text("Your card’s expiration year is in the past.")).to_be_visible()
    number.fill("4242424242424242")
    expect(card.get_by_text("Your card number is invalid.")).to_be_hidden()
    expect(number).not_to_have_attribute("aria-invalid", "true")


def test_the_page_hears_what_happens_in_the_frame(client: stripe.StripeClient, shop: Shop, page: Page):
    card = open_shop(page, shop, intent_for(client).client_secret)
    fill_card(card, "4242424242424242")
    last = page.locator("#events")
    expect(last).to_contain_text('"complete":true')
    events = [json.loads(line) for line in last.inner_text().splitlines()]
    assert events[0] == {"ready": {"elementType": "payment"}}
    assert events[1]["change"] == {
        "elementType": "payment",
        "empty": False,
        "complete": False,
        "collapsed": False,
        "value": {"type": "card"},
    }
    page.evaluate("shop.element.clear()")
    expect(card.get_by_label("Card number")).to_have_value("")


def test_the_frame_is_as_high_as_its_content(client: stripe.StripeClient, shop: Shop, page: Page):
    card = open_shop(page, shop, intent_for(client).client_secret)
    expect(card.get_by_label("Card number")).to_be_visible()
    frame = page.locator(CARD_FRAME)
    expect(frame).to_have_css("height", "91px")
    page.get_by_role("button", name="Pay").click()
    expect(card.get_by_text("Your card’s security code is incomplete.")).to_be_visible()
    page.wait_for_function(f'document.querySelector("{CARD_FRAME}").offsetHeight > 150')
    overflow = card.locator("html").evaluate("node => node.scrollHeight - node.clientHeight")
    assert overflow <= 0


def test_an_element_can_be_taken_off_and_put_back(client: stripe.StripeClient, shop: Shop, page: Page):
    intent = intent_for(client)
    card = open_shop(page, shop, intent.client_secret)
    fill_card(card, "4242424242424242")
    page.evaluate("shop.element.unmount()")
    expect(page.locator(CARD_FRAME)).to_have_count(0)
    page.evaluate("shop.element.mount('#payment')")
    expect(card.get_by_label("Card number")).to_have_value("")
    fill_card(card, "4242424242424242")
    page.get_by_role("button", name="Pay").click()
    assert result(page)["paymentIntent"]["status"] == "succeeded"


def test_the_pages_appearance_colours_the_fields(client: stripe.StripeClient, shop: Shop, page: Page):
    variables = {"colorBackground": "rgb(21, 25, 31)", "colorText": "rgb(238, 240, 244)", "borderRadius": "3px"}
    card = open_shop(page, shop, intent_for(client).client_secret, elements={"appearance": {"variables": variables}})
    box = card.locator(".box")
    expect(box).to_have_css("background-color", "rgb(21, 25, 31)")
    expect(box).to_have_css("border-radius", "3px")
    expect(card.locator("html")).to_have_css("color-scheme", "dark")
    page.evaluate("shop.elements.update({ appearance: { variables: { colorBackground: 'rgb(255, 255, 255)' } } })")
    expect(box).to_have_css("background-color", "rgb(255, 255, 255)")
    expect(card.locator("html")).to_have_css("color-scheme", "light")


def test_the_keyboard_reaches_every_field_and_stays_in_the_dialog(client: stripe.StripeClient, shop: Shop, page: Page):
    card = open_shop(page, shop, intent_for(client).client_secret)
    number = card.get_by_label("Card number")
    expect(number).to_be_visible()
    page.evaluate("shop.element.focus()")
    expect(number).to_be_focused()
    page.keyboard.type("4000000000003220")
    page.keyboard.press("Tab")
    page.keyboard.type("1234")
    page.keyboard.press("Tab")
    page.keyboard.type("123")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Pay")).to_be_focused()
    page.keyboard.press("Enter")
    bank = page.frame_locator(BANK_FRAME)
    expect(bank.get_by_role("heading")).to_be_focused()
    pay = page.locator("#pay")
    for _ in range(6):
        page.keyboard.press("Tab")
        assert pay.evaluate("node => node === document.activeElement") is False
    bank.get_by_role("button", name="Complete authentication").press("Enter")
    assert result(page)["paymentIntent"]["status"] == "succeeded"
    expect(pay).to_be_focused()


def test_the_card_is_out_of_the_pages_reach(client: stripe.StripeClient, shop: Shop, page: Page):
    card = open_shop(page, shop, intent_for(client).client_secret)
    expect(card.get_by_label("Card number")).to_be_visible()
    assert page.evaluate("document.querySelector('iframe').contentDocument") is None


LISTEN = """async ([origin, settings, message]) => {
  const heard = [];
  addEventListener("message", (event) => { if (event.source === frame.contentWindow) heard.push(event.data.type); });
  const frame = document.createElement("iframe");
  frame.src = `${origin}/frames/card#${encodeURIComponent(JSON.stringify(settings))}`;
  document.body.append(frame);
  await new Promise((resolve) => frame.addEventListener("load", resolve));
  frame.contentWindow.postMessage(message, origin);
  await new Promise((resolve) => setTimeout(resolve, 500));
  return heard;
}"""


def test_the_frame_talks_to_its_own_page_and_channel_alone(client: stripe.StripeClient, shop: Shop, page: Page):
    open_shop(page, shop, intent_for(client).client_secret)
    simulator_origin = page.locator("script[src*='/v3/']").get_attribute("src").removesuffix("/v3/")
    own = {"parent": shop.origin, "channel": "1", "key": "pk_test_suite"}
    ask = {"mark": "stripe-simulator", "channel": "1", "type": "validate", "call": 1}
    assert page.evaluate(LISTEN, [simulator_origin, own, ask]) == ["loaded", "focus", "reply"]
    assert page.evaluate(LISTEN, [simulator_origin, own, {**ask, "channel": "2"}]) == ["loaded"]
    assert page.evaluate(LISTEN, [simulator_origin, {**own, "parent": simulator_origin}, ask]) == []


def test_the_page_hears_its_frame_alone(client: stripe.StripeClient, shop: Shop, page: Page):
    card = open_shop(page, shop, intent_for(client).client_secret)
    expect(card.get_by_label("Card number")).to_be_visible()
    page.evaluate("shop.element.on('escape', () => document.body.append('heard'))")
    page.evaluate("postMessage({ mark: 'stripe-simulator', channel: shop.element.frame.channel, type: 'escape' })")
    page.wait_for_timeout(300)
    expect(page.get_by_text("heard")).to_have_count(0)


def test_axe_finds_nothing_on_the_page_with_the_dialog_open(client: stripe.StripeClient, shop: Shop, page: Page):
    fill_card(open_shop(page, shop, intent_for(client).client_secret), "4000000000003220")
    page.get_by_role("button", name="Pay").click()
    expect(page.frame_locator(BANK_FRAME).get_by_role("heading")).to_be_focused()
    page.evaluate("document.querySelector('pre').remove()")
    found = Axe().run(page, context="dialog")
    assert found.response["violations"] == []
