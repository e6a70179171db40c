"""What an organization buys and has. The slug is resolved to an actor before any view runs."""

from django.urls import URLPattern, URLResolver, include, path

from keywright_portal.web.views import (
    buy,
    licenses,
    order_invoiced,
    overview,
    payment,
    payment_complete,
    payment_methods,
    subscriptions,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", overview.overview, name="overview"),
    path("subscriptions/", subscriptions.subscription_list, name="subscriptions"),
    path("buy/", buy.buy, name="buy"),
    path("buy/summary/", buy.buy_summary, name="buy-summary"),
    path("buy/discard/", buy.buy_discard, name="buy-discard"),
    path("orders/<uuid:order_id>/payment/", payment.payment, name="payment"),
    path("orders/<uuid:order_id>/payment/amounts/", payment.payment_amounts, name="payment-amounts"),
    path("orders/<uuid:order_id>/payment/start/", payment_complete.payment_start, name="payment-start"),
    path("orders/<uuid:order_id>/payment/problem/", payment.payment_problem, name="payment-problem"),
    path("orders/<uuid:order_id>/payment/return/", payment.payment_return, name="payment-return"),
    path("orders/<uuid:order_id>/invoice/", order_invoiced.order_invoiced, name="order-invoiced"),
    path("orders/<uuid:order_id>/license/", licenses.license_ready, name="license-ready"),
    path("licenses/<uuid:file_id>/download", licenses.license_download, name="license-download"),
    path("licenses/<uuid:file_id>/send/", licenses.license_send, name="license-send"),
    path("payment-methods/", payment_methods.payment_methods, name="payment-methods"),
    path("payment-methods/add/", payment_methods.payment_method_add, name="payment-method-add"),
    path("payment-methods/add/start/", payment_methods.payment_method_start, name="payment-method-start"),
    path("payment-methods/add/return/", payment_methods.payment_method_return, name="payment-method-return"),
    path(
        "payment-methods/<uuid:card_id>/default/", payment_methods.payment_method_default, name="payment-method-default"
    ),
    path("payment-methods/<uuid:card_id>/remove/", payment_methods.payment_method_remove, name="payment-method-remove"),
    path("", include("keywright_portal.web.organization_billing_urls")),
    path("", include("keywright_portal.web.organization_deployment_urls")),
    path("", include("keywright_portal.web.organization_account_urls")),
]
