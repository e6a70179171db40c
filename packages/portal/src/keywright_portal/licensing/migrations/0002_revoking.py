from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("licensing", "0001_initial")]

    operations: ClassVar[list[migrations.operations.base.Operation]] = [
        migrations.AddField(model_name="license", name="revoked_at", field=models.DateTimeField(null=True)),
        migrations.AddField(
            model_name="license",
            name="revoked_because",
            field=models.CharField(blank=True, db_default="", default="", max_length=40),
        ),
    ]
