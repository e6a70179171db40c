from django.apps import AppConfig


class BackofficeConfig(AppConfig):
    name = "keywright_portal.backoffice"
    label = "backoffice"

    def ready(self) -> None:
        from keywright_portal.backoffice import pages  # noqa: PLC0415 (models are there only now)

        pages.register()
