from __future__ import annotations

from django.urls import include, path, register_converter

from keywright_console.kit.ids import IdConverter
from keywright_console.web.views import directory, licenses, session, setup, system, user_changes, users

register_converter(IdConverter, "page_id")

urlpatterns = [
    path("", session.home, name="home"),
    path("setup/", setup.first_admin, name="set-up"),
    path("sign-in/", session.sign_in_page, name="sign-in"),
    path("sign-out/", session.sign_out, name="sign-out"),
    path("account/password/", session.password_page, name="password"),
    path("about/license/", licenses.license_page, name="license"),
    path("about/license/preview/", licenses.preview_page, name="license-preview"),
    path("about/license/apply/", licenses.apply_page, name="license-apply"),
    path("about/license/remove/", licenses.remove_page, name="license-remove"),
    path("about/license/banner/", licenses.dismiss_banner, name="banner-dismiss"),
    path("about/", include("keywright_console.web.deployment_urls")),
    path("about/server/", system.server_page, name="server"),
    path("users/", users.users_page, name="users"),
    path("users/new/", users.new_user_page, name="user-new"),
    path("users/ad-ldap/", directory.ldap_page, name="ldap"),
    path("users/ad-ldap/settings/", directory.settings_page, name="ldap-settings"),
    path("users/ad-ldap/test/", directory.test_page, name="ldap-test"),
    path("users/ad-ldap/preview/", directory.preview_page, name="ldap-preview"),
    path("users/ad-ldap/synchronize/", directory.sync_page, name="ldap-sync"),
    path("users/change/", user_changes.choose_page, name="users-choose"),
    path("users/change/<page_id:plan_id>/", user_changes.plan_page, name="users-plan"),
    path("users/csv/", user_changes.csv_page, name="users-csv"),
    path("users/export/", user_changes.export, name="users-export"),
    path("users/<page_id:user_id>/", users.user_page, name="user"),
    path("users/<page_id:user_id>/role/", users.role_page, name="user-role"),
    path("users/<page_id:user_id>/password/", users.set_password_page, name="user-password"),
    path("users/<page_id:user_id>/deactivate/", users.deactivate_page, name="user-deactivate"),
    path("users/<page_id:user_id>/activate/", users.activate_page, name="user-activate"),
    path("system/high-availability/", system.cluster_page, name="cluster"),
    path("system/audit-log/", system.audit_page, name="audit"),
]
