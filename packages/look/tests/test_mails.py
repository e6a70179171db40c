from django.template.loader import render_to_string

from gallery.views import MAIL
from keywright_look import plain_colours


def test_a_mail_in_html_has_one_button_in_the_vendors_colour_and_every_part():
    html = render_to_string("kw/email.html", MAIL)

    assert html.count("padding:12px 22px") == 1
    assert f"background:{plain_colours('#0a7a3d').accent};color:#ffffff" in html
    assert "Hello Ana &amp; all" in html
    for part in ("Download it and apply it.", "License type", "Choose the file.", "Forward this email.", "Dublin"):
        assert part in html
    assert 'name="color-scheme" content="light dark"' in html
    assert "<script" not in html
    assert "<svg" not in html


def test_a_mail_in_text_says_the_same_without_markup():
    text = render_to_string("kw/email.txt", MAIL)

    assert text == (
        "Your license is ready\n\n"
        "Hello Ana & all, your payment went through.\n\n"
        "Download the license key:\nhttps://portal.example/l/\nYou log in first.\n\n"
        "License type: E20\nNumber of users: 200\n\n"
        "Apply it to your server\n1. Log in to your server.\n2. Choose the file.\n\n"
        "Not a System Admin? Forward this email.\n\n"
        "-- \n"
        "You get this email because you bought a subscription.\n"
        "A question? Contact Support: https://portal.example/support/\n"
        "Example Software, Dublin\n"
    )


def test_a_mail_without_a_mark_button_or_facts_is_still_one():
    html = render_to_string("kw/email.html", {"brand": {"name": "Example Software"}, "heading": "H", "intro": "I"})

    assert "<img" not in html
    assert "<a " not in html
    assert "Example Software" in html
