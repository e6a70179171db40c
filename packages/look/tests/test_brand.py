import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywright_look import BrandColourError, brand_css, plain_colours

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_a_colour_becomes_a_stylesheet_for_both_themes():
    assert brand_css("#0A7A3D") == ":root,[data-bs-theme]{--kw-brand:#0a7a3d}\n"


@pytest.mark.parametrize(
    "colour", ["", "red", "#fff", "#12345g", "#1234567", "#123456;}", "#123456\n", " #123456", None, 0x123456]
)
def test_what_is_no_colour_never_reaches_the_stylesheet(colour):
    with pytest.raises(BrandColourError, match="six hexadecimal digits") as caught:
        brand_css(colour)
    assert caught.value.code == "bad_brand_colour"
    with pytest.raises(BrandColourError):
        plain_colours(colour)


def test_the_default_colour_gives_the_documented_accents():
    colours = plain_colours("#3157d5")

    assert (colours.accent, colours.text, colours.dark_text) == ("#2f54d2", "#2c50ce", "#9bb9ff")


@given(COLOURS)
def test_whatever_a_vendor_chooses_can_be_read(colour):
    colours = plain_colours(colour)

    assert _contrast("#ffffff", colours.accent) >= 4.5
    assert _contrast("#ffffff", colours.text) >= 4.5
    assert _contrast(colours.soft, colours.text) >= 4.5
    assert _contrast("#15191f", colours.dark_text) >= 4.5
    assert _contrast(colours.dark_soft, colours.dark_text) >= 4.5
