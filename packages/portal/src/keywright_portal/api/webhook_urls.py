"""Where the payment provider tells us that something happened."""

from django.urls import path

from keywright_portal.api.webhook import stripe_webhook

urlpatterns = [path("stripe/", stripe_webhook, name="stripe-webhook")]
