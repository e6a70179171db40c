"""The wall that an import linter can't see: a foreign key points to its own room or to a lower one."""

from __future__ import annotations

from django.apps import apps

LAYERS = (
    ("support",),
    ("orders",),
    ("billing", "licensing"),
    ("subscriptions",),
    ("catalog", "accounts"),
    ("payments",),
    ("kit",),
)
HEIGHT = {room: len(LAYERS) - number for number, rooms in enumerate(LAYERS) for room in rooms}


def foreign_keys():
    return [
        (model._meta.app_label, field.related_model._meta.app_label, f"{model.__name__}.{field.name}")
        for model in apps.get_models()
        for field in (*model._meta.get_fields(),)
        if model._meta.app_label in HEIGHT and field.is_relation and not field.auto_created and field.related_model
    ]


def test_every_foreign_key_points_down_or_stays():
    upward = [
        name
        for room, target, name in foreign_keys()
        if target in HEIGHT and target != room and HEIGHT[target] >= HEIGHT[room]
    ]
    assert upward == []


def test_there_are_foreign_keys_to_judge():
    assert ("orders", "subscriptions", "Order.subscription") in foreign_keys()
