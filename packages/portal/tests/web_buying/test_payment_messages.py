"""Each code of a payment has a plain sentence."""

from __future__ import annotations

import pytest

from keywright_portal.web.payment_messages import GENERAL, MESSAGES, UNKNOWN_OUTCOME, message_for

CODES = [
    "generic_decline",
    "insufficient_funds",
    "expired_card",
    "incorrect_cvc",
    "processing_error",
    "card_declined",
    "payment_intent_authentication_failure",
    "challenge_unfinished",
    "not_confirmed",
    "payment_provider_unavailable",
]


@pytest.mark.parametrize("code", CODES)
def test_the_codes_that_the_cards_give_have_words_of_their_own(code):
    assert message_for(code) is not GENERAL


@pytest.mark.parametrize("code", [*MESSAGES, "never_heard_of"])
def test_every_message_says_that_nothing_was_charged_and_what_to_do(code):
    message = message_for(code)
    sentence = str(message.sentence)

    assert "You haven’t been charged" in sentence
    assert any(what in sentence for what in ("ry", "heck", "se another card", "nter the code", "omplete the order"))
    assert code not in sentence
    assert str(message.title)


@pytest.mark.parametrize("code", ["lost_card", "stolen_card", "fraudulent", "pickup_card"])
def test_a_finder_does_not_learn_that_a_card_is_known_to_be_lost(code):
    assert message_for(code) is message_for("generic_decline")


def test_an_unknown_outcome_does_not_say_that_nothing_was_charged():
    message = message_for("payment_provider_unavailable", outcome_is_known=False)

    assert message is UNKNOWN_OUTCOME
    assert "haven’t been charged" not in str(message.sentence)


def test_saving_a_card_speaks_of_no_order():
    assert "order" not in str(message_for("generic_decline", saves_card=True).sentence)
