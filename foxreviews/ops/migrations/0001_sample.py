from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Sample',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('taken_at', models.DateTimeField(unique=True)),
                ('seconds', models.FloatField(help_text='How long it is of; 0 for a first sample.')),
                ('pages', models.JSONField(default=dict, help_text='ops.latency.Latency of requests to the API and its pages.')),
                ('searches', models.JSONField(default=dict, help_text='The same of searches, by engine.')),
                ('fallbacks', models.PositiveIntegerField(default=0, help_text='Searches PostgreSQL answered for the index.')),
                ('cpu', models.FloatField(help_text="The database server's share of this machine's cores, 0 to 1.", null=True)),
                ('cpu_peak', models.FloatField(help_text='The highest of the samples that were merged.', null=True)),
                ('active', models.FloatField(help_text='Statements at work at once, on average.', null=True)),
                ('connections', models.PositiveIntegerField(help_text='The most sessions of the database server.')),
                ('rows', models.BigIntegerField(help_text="Companies, as the server's statistics estimate them.")),
                ('bytes', models.BigIntegerField(help_text='Size of the database.')),
                ('counters', models.JSONField(default=dict, help_text='Of the newest sample: what the next one is counted from.')),
            ],
            options={
                'ordering': ['taken_at'],
            },
        ),
    ]
