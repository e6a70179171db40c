import datetime as dt

import pytest
from django.template import Context, Template, TemplateSyntaxError


def rendered(source: str, **context: object) -> str:
    return Template("{% load kw %}" + source).render(Context(context))


def test_an_icon_is_silent_unless_it_is_given_a_label():
    assert rendered('{% icon "check" %}').endswith('aria-hidden="true"><path d="M5 12l5 5l10 -10"/></svg>')
    assert 'class="icon icon-s kw-3"' in rendered('{% icon "check" "s" "kw-3" %}')
    assert 'role="img" aria-label="A &quot;b&quot;"' in rendered("{% icon 'check' label=label %}", label='A "b"')


def test_a_status_is_a_word():
    assert rendered('{% status "good" word %}', word="A<b") == '<span class="kw-status good">A&lt;b</span>'
    assert rendered('{% status "" "Ended" %}') == '<span class="kw-status">Ended</span>'
    with pytest.raises(ValueError, match="not 'green'"):
        rendered('{% status "green" "Active" %}')


def test_a_meter_says_what_it_draws():
    assert 'aria-label="258 of 250 in use, 8 over"' in rendered("{% meter 258 250 %}")
    assert 'aria-label="1,037 of 5,000 in use"' in rendered("{% meter 1037 5000 %}")
    assert 'aria-label="37 of 50 seats in use"' in rendered('{% meter 37 50 label="37 of 50 seats in use" %}')
    assert 'class="over"' not in rendered("{% meter 50 50 %}")


def test_steps_say_where_one_is_and_what_is_done():
    html = rendered('{% steps "One" "Two" "Three" current=2 %}')

    assert html.count("<li") == 3
    assert '<li aria-current="step" data-step="Step 2 of 3">Two</li>' in html
    assert html.count('aria-label="Done:"') == 1
    with pytest.raises(ValueError, match="Step 4"):
        rendered('{% steps "One" "Two" "Three" current=4 %}')


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Ana Ferreira", "AF"),
        ("ana maria ferreira", "AF"),
        ("Ana", "A"),
        ("", "?"),
        ("Émile (Paris) Zola", "ÉZ"),
        ("—", "?"),
    ],
)
def test_initials(name, letters):
    assert rendered("{% initials name %}", name=name) == letters


def test_filters_write_dates_and_numbers_and_nothing_for_nothing():
    day, last = dt.date(2026, 3, 12), dt.date(2027, 3, 11)
    when = dt.datetime(2026, 3, 12, 6, tzinfo=dt.UTC)

    assert rendered("{{ d|kw_date }}|{{ none|kw_date }}", d=day, none=None) == "12\xa0Mar\xa02026|"
    assert rendered("{{ d|kw_date_long }}|{{ none|kw_date_long }}", d=day, none=None) == "12\xa0March\xa02026|"
    assert rendered("{{ d|kw_moment }}|{{ none|kw_moment }}", d=when, none=None) == "12\xa0Mar\xa02026, 06:00\xa0UTC|"
    assert rendered("{{ a|kw_span:b }}|{{ a|kw_span:none }}", a=day, b=last, none=None) == (
        "12\xa0Mar\xa02026\xa0– 11\xa0Mar\xa02027|"
    )
    assert rendered("{{ n|kw_number }}|{{ none|kw_number }}", n=2147483647, none=None) == "2,147,483,647|"


def test_a_note_escapes_what_it_is_given_and_keeps_its_markup():
    html = rendered(
        '{% note "bad" title text=title role="alert" %}<p>Body</p>{% actions %}<a>Go</a>{% endnote %}', title="<x>"
    )

    assert html.startswith('<div class="kw-note bad" role="alert">')
    assert "<h2>&lt;x&gt;</h2><p>&lt;x&gt;</p><p>Body</p></div>" in html
    assert '<div class="kw-note-act"><a>Go</a></div>' in html


def test_a_note_can_hold_its_actions_below_take_focus_and_be_dismissed():
    html = rendered('{% note "" "T" level=3 below=True focus=True dismissible=True %}{% actions %}A{% endnote %}')

    assert '<h3>T</h3><div class="kw-row">A</div>' in html
    assert "kw-note-act" not in html
    assert 'tabindex="-1" data-kw-focus data-kw-dismissible' in html
    assert 'data-kw-dismiss aria-label="Dismiss"' in html


def test_a_component_sees_only_what_it_is_given():
    html = rendered(
        '{% note "good" "T" %}{{ text }}{% endnote %}', text="inside", role="alert", actions="leaked", level=3
    )

    assert "<h2>T</h2>inside</div>" in html
    assert "leaked" not in html
    assert "role=" not in html.split(">", 1)[0]


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ('{% note "bad" %}{% endnote %}', "needs title"),
        ('{% note "bad" "T" "more" %}{% endnote %}', "one more"),
        ('{% note "bad" "T" %}', "Unclosed tag"),
    ],
)
def test_a_component_written_wrongly_says_how(source, complaint):
    with pytest.raises(TemplateSyntaxError, match=complaint):
        rendered(source)


def test_a_dialog_is_named_by_its_heading_and_may_be_a_form():
    html = rendered('{% dialog "d" "Sure?" text="Really." %}{% enddialog %}')
    assert '<dialog class="kw-dialog" id="d" aria-labelledby="d-title">' in html
    assert "<form" not in html
    assert "kw-dialog-foot" not in html

    html = rendered('{% dialog "d" "Sure?" action="/x/" csrf="token" open=True %}{% actions %}B{% enddialog %}')
    assert "data-kw-open-now" in html
    assert (
        '<form method="post" action="/x/" data-kw-once><input type="hidden" name="csrfmiddlewaretoken" value="token">'
        in html
    )
    assert '<div class="kw-dialog-foot">B</div>' in html


def test_an_empty_state_has_its_picture():
    assert "M28 32h76" in rendered('{% emptystate "Waiting" art="chart" %}{% endemptystate %}')
    assert "kw-empty-art" in rendered('{% emptystate "None" %}{% endemptystate %}')
    assert "kw-empty-art" not in rendered('{% emptystate "None" art="none" %}{% endemptystate %}')
