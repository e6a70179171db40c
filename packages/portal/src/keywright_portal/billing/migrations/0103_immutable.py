from django.db import migrations

from keywright_portal.billing.immutable import install, remove


class Migration(migrations.Migration):

    dependencies = [("billing", "0102_documents")]

    operations = [migrations.RunPython(install, remove)]
