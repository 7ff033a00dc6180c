from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("ops", "0001_sample"),
    ]

    operations = [
        migrations.DeleteModel(name="Sample"),
    ]
