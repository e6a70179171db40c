from __future__ import annotations

import pytest
from small_catalog import LOGO, read, write_texts

from keywright_portal.catalog.errors import CatalogFileError

SHAPE = '<rect width="8" height="8" fill="#123456"/>'


@pytest.mark.parametrize(
    ("logo", "sentence"),
    [
        (LOGO.replace(SHAPE, "<script>alert(1)</script>"), "holds <script>; allowed: circle, "),
        (LOGO.replace(SHAPE, "<foreignObject/>"), "holds <foreignObject>; allowed: circle, "),
        (LOGO.replace("<rect", '<rect onload="alert(1)"'), "holds the attribute 'onload' in <rect>"),
        (LOGO.replace("<rect", '<rect style="fill:red"'), "holds the attribute 'style' in <rect>"),
        (
            LOGO.replace("#123456", "url(https://larkfield.example/a.svg#b)"),
            "holds 'url(https://larkfield.example/a.svg#b)'",
        ),
        ('<!DOCTYPE svg [<!ENTITY a "b">]>' + LOGO, "must not hold a document type, a comment or an instruction"),
        (
            LOGO.replace(SHAPE, '<?xml-stylesheet href="a"?>'),
            "must not hold a document type, a comment or an instruction",
        ),
        (LOGO[:-6], "is no well-formed SVG: "),
        (LOGO.replace(' viewBox="0 0 8 8"', ""), 'must be an <svg xmlns="http://www.w3.org/2000/svg"> with a viewBox.'),
        (
            LOGO.replace('xmlns="http://www.w3.org/2000/svg" ', ""),
            'must be an <svg xmlns="http://www.w3.org/2000/svg"> with',
        ),
        (LOGO.replace(SHAPE, '<image href="https://larkfield.example/a.png"/>'), "holds <image>; allowed: circle, "),
    ],
)
def test_a_logo_holds_shapes_alone(folder, logo, sentence):
    write_texts(folder, logo=logo)

    with pytest.raises(CatalogFileError) as caught:
        read(folder)

    assert str(caught.value).startswith(f"vendor.logo_svg {sentence}")


def test_a_logo_may_refer_to_its_own_parts(folder):
    logo = LOGO.replace('fill="#123456"', 'fill="url(#shade)"')
    write_texts(folder, logo=f'<?xml version="1.0" encoding="UTF-8"?>\n{logo}\n')

    assert read(folder).vendor.logo_svg == logo
