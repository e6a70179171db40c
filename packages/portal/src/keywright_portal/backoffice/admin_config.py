"""Django's admin with our site as its only one, and without what other packages would register there by themselves."""

from django.contrib.admin.apps import SimpleAdminConfig


class BackofficeAdminConfig(SimpleAdminConfig):
    default_site = "keywright_portal.backoffice.site.BackofficeSite"
