"""Staff gets a role. Who was staff before could see everything, and goes on to."""

from django.db import migrations, models


def give_staff_a_role(apps, schema_editor):
    apps.get_model("accounts", "User").objects.filter(is_staff=True).update(staff_role="admin")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="staff_role",
            field=models.CharField(
                blank=True,
                choices=[("admin", "Admin"), ("billing", "Billing"), ("support", "Support")],
                db_default="",
                default="",
                max_length=20,
            ),
        ),
        migrations.RunPython(give_staff_a_role, migrations.RunPython.noop),
    ]
