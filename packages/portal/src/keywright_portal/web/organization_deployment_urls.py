"""The organization's servers, and the users that they count."""

from django.urls import path

from keywright_portal.web.views import active_users, deployments

urlpatterns = [
    path("active-users/", active_users.active_users, name="active-users"),
    path("active-users.csv", active_users.active_users_csv, name="active-users-csv"),
    path("deployments/", deployments.deployments, name="deployments"),
    path("deployments/file/", deployments.deployment_file, name="deployment-file"),
    path("deployments/<uuid:deployment_id>/answer", deployments.deployment_answer, name="deployment-answer"),
    path("deployments/<uuid:deployment_id>/release/", deployments.deployment_release, name="deployment-release"),
    path("deployments/<uuid:deployment_id>/keep/", deployments.deployment_keep, name="deployment-keep"),
]
