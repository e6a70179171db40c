import pytest

from stripe_simulator.cards import BY_NUMBER, CARDS, has_valid_check_digit

CHALLENGES = [
    # number, then: with its holder; without; without, once set up
    ("4242424242424242", False, False, False),
    ("5555555555554444", False, False, False),
    ("4000002500003155", True, True, False),
    ("4000002760003184", True, True, True),
    ("4000003800000446", True, False, False),
    ("4000000000003220", True, True, True),
    ("4000008260003178", True, True, False),
    ("4000008400001629", True, True, True),
    ("4000000000000341", False, False, False),
]


@pytest.mark.parametrize(("number", "present", "absent", "absent_set_up"), CHALLENGES)
def test_when_a_card_asks_for_a_challenge(number: str, present: bool, absent: bool, absent_set_up: bool):
    card = BY_NUMBER[number]
    assert card.asks_for_challenge(off_session=False, is_set_up=False) is present
    assert card.asks_for_challenge(off_session=False, is_set_up=True) is present
    assert card.asks_for_challenge(off_session=True, is_set_up=False) is absent
    assert card.asks_for_challenge(off_session=True, is_set_up=True) is absent_set_up


def test_every_card_has_its_own_number_and_token_and_a_valid_check_digit():
    assert len({card.number for card in CARDS}) == len({card.token for card in CARDS}) == len(CARDS)
    assert [card.number for card in CARDS if not has_valid_check_digit(card.number)] == []


@pytest.mark.parametrize("number", ["4242424242424241", "4242424242424224", "79927398710"])
def test_a_wrong_check_digit_is_seen(number: str):
    assert not has_valid_check_digit(number)
