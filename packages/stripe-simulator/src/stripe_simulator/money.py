"""What amounts Stripe takes: integers of minor units, a minimum a currency, eight digits at most."""

from stripe_simulator.errors import StripeError, refused_parameter

LARGEST_AMOUNT = 99_999_999
"""Stripe's limit for a charge: eight digits of minor units, whatever the currency."""

ZERO_DECIMAL = frozenset(
    ["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf"],
)
"""Currencies whose minor unit is the major one."""

SMALLEST_AMOUNT = {
    "usd": 50,
    "aed": 200,
    "aud": 50,
    "bgn": 100,
    "brl": 50,
    "cad": 50,
    "chf": 50,
    "czk": 1500,
    "dkk": 250,
    "eur": 50,
    "gbp": 30,
    "hkd": 400,
    "huf": 17500,
    "inr": 50,
    "jpy": 50,
    "mxn": 1000,
    "myr": 200,
    "nok": 300,
    "nzd": 50,
    "pln": 200,
    "ron": 200,
    "sek": 300,
    "sgd": 50,
    "thb": 1000,
}
"""Stripe's published minimums; these are also the currencies that the simulator takes."""

SYMBOLS = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥"}


def check_amount(amount: int, currency: str) -> None:
    if currency not in SMALLEST_AMOUNT:
        listed = ", ".join(sorted(SMALLEST_AMOUNT))
        raise refused_parameter(f"Invalid currency: {currency}. These are supported: {listed}", param="currency")
    if amount < 1:
        raise refused_parameter(
            "This value must be greater than or equal to 1.", param="amount", code="parameter_invalid_integer"
        )
    if amount > LARGEST_AMOUNT:
        raise StripeError(
            f"Amount must be no more than {written(LARGEST_AMOUNT, currency)}", param="amount", code="amount_too_large"
        )
    if amount < SMALLEST_AMOUNT[currency]:
        raise StripeError(
            f"Amount must be at least {written(SMALLEST_AMOUNT[currency], currency)}",
            param="amount",
            code="amount_too_small",
        )


def written(amount: int, currency: str) -> str:
    """For a person: `$999,999.99`, `¥500`, `1,500.00 CZK`."""
    sign = "−" if amount < 0 else ""
    if currency in ZERO_DECIMAL:
        digits = f"{abs(amount):,}"
    else:
        major, minor = divmod(abs(amount), 100)
        digits = f"{major:,}.{minor:02d}"
    symbol = SYMBOLS.get(currency)
    return f"{sign}{symbol}{digits}" if symbol else f"{sign}{digits} {currency.upper()}"
