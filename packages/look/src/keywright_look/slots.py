"""Block tags whose content goes into a component's template: `{% note … %}body{% actions %}buttons{% endnote %}`.

Django's includes take values only, and most of what stands in a note, a dialog or an empty state is markup.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.template import Node, TemplateSyntaxError
from django.template.base import token_kwargs
from django.utils.safestring import mark_safe

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from django.template import Context, NodeList
    from django.template.base import FilterExpression, Parser, Token
    from django.utils.safestring import SafeString

_ACTIONS = "actions"


class SlottedNode(Node):
    """Renders the body and the actions where they stand, then the component's template with both."""

    child_nodelists = ("body", "actions")

    def __init__(
        self, template_name: str, values: Mapping[str, FilterExpression], body: NodeList, actions: NodeList | None
    ) -> None:
        self.template_name, self.values, self.body, self.actions = template_name, values, body, actions

    def render(self, context: Context) -> SafeString:
        given = {name: value.resolve(context) for name, value in self.values.items()}
        given["body"] = _trimmed(self.body.render(context))
        given["actions"] = _trimmed(self.actions.render(context)) if self.actions is not None else ""
        assert context.template is not None  # noqa: S101  # Django binds it before any node renders
        return context.template.engine.get_template(self.template_name).render(context.new(given))


def _trimmed(rendered: SafeString) -> SafeString:
    return mark_safe(rendered.strip())  # noqa: S308  # rendered by a template already: only its ends are cut


def slotted(template_name: str, *, positional: Sequence[str]) -> Callable[[Parser, Token], SlottedNode]:
    """A compile function: the first words fill `positional` in order, the rest are `name=value`."""

    def compile_tag(parser: Parser, token: Token) -> SlottedNode:
        tag, *bits = token.split_contents()
        values: dict[str, FilterExpression] = {}
        names = iter(positional)
        while bits:
            named = token_kwargs(bits, parser)
            if named:
                values |= named
                continue
            name = next(names, None)
            if name is None:
                message = f"{{% {tag} %}} takes {len(positional)} values without a name, and {bits[0]!r} is one more."
                raise TemplateSyntaxError(message)
            values[name] = parser.compile_filter(bits.pop(0))
        missing = [name for name in positional if name not in values]
        if missing:
            message = f"{{% {tag} %}} needs {' and '.join(missing)}."
            raise TemplateSyntaxError(message)
        end = f"end{tag}"
        body = parser.parse((_ACTIONS, end))
        actions = None
        if parser.next_token().contents == _ACTIONS:
            actions = parser.parse((end,))
            parser.delete_first_token()
        return SlottedNode(template_name, values, body, actions)

    return compile_tag
