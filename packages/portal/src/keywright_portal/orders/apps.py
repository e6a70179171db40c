from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "keywright_portal.orders"
    label = "orders"
