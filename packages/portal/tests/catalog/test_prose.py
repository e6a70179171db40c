from __future__ import annotations

import pytest
from django.template import Context, Template

from keywright_portal.catalog.prose import to_html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("One.\n\nTwo.", "<p>One.</p>\n<p>Two.</p>"),
        ("One\nline.\r\n\r\n\r\nTwo.\n", "<p>One line.</p>\n<p>Two.</p>"),
        ("- one\n- two\n  goes on\n- three", "<ul><li>one</li><li>two goes on</li><li>three</li></ul>"),
        ("## A heading\n\n### A smaller one", "<h2>A heading</h2>\n<h3>A smaller one</h3>"),
        ("**Bold** and **more**.", "<p><strong>Bold</strong> and <strong>more</strong>.</p>"),
        ("[Docs](https://a.example/b?c=1&d=2)", '<p><a href="https://a.example/b?c=1&amp;d=2">Docs</a></p>'),
        ("[Write](mailto:a@b.example)", '<p><a href="mailto:a@b.example">Write</a></p>'),
        ("[FAQ](/faq/)", '<p><a href="/faq/">FAQ</a></p>'),
        ("", ""),
    ],
)
def test_markup_becomes_html(text, html):
    assert to_html(text) == html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("**<b>**", "<p><strong>&lt;b&gt;</strong></p>"),
        ("- <i>", "<ul><li>&lt;i&gt;</li></ul>"),
        ("## <i>", "<h2>&lt;i&gt;</h2>"),
        ("[<i>](https://a.example/)", '<p><a href="https://a.example/">&lt;i&gt;</a></p>'),
        ("[x](javascript:alert%281%29)", "<p>[x](javascript:alert%281%29)</p>"),
        ("[x](data:text/html,hi)", "<p>[x](data:text/html,hi)</p>"),
        ("[x](http://a.example/)", "<p>[x](http://a.example/)</p>"),
        ("[x](//evil.example/)", "<p>[x](//evil.example/)</p>"),
        ("[x](/\\evil.example/)", "<p>[x](/\\evil.example/)</p>"),
        ('[x](https://a.example/"onclick="y)', "<p>[x](https://a.example/&quot;onclick=&quot;y)</p>"),
        ("[x](https://[bad/)", "<p>[x](https://[bad/)</p>"),
        ("[x](mailto:a@b.example?bcc=c@d.example)", "<p>[x](mailto:a@b.example?bcc=c@d.example)</p>"),
        ("2 * 3 ** 4 # 5", "<p>2 * 3 ** 4 # 5</p>"),
    ],
)
def test_everything_else_is_shown_as_typed(text, html):
    assert to_html(text) == html


def test_templates_have_it_as_a_filter():
    template = Template("{% load catalog_text %}{{ text|prose }}")

    assert template.render(Context({"text": "**a** & b"})) == "<p><strong>a</strong> &amp; b</p>"
