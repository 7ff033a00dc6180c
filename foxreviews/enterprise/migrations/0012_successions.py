import foxreviews.enterprise.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    """Successions, doubles and former names."""

    dependencies = [
        ('enterprise', '0011_etablissement_triggers'),
    ]

    operations = [
        migrations.CreateModel(
            name='AncienNom',
            fields=[
                ('pk', models.CompositePrimaryKey('siren', 'nature', 'nom', blank=True, editable=False, primary_key=True, serialize=False)),
                ('siren', models.CharField(db_collation='C', max_length=9)),
                ('nature', models.CharField(choices=[('denomination', 'dénomination'), ('nom', 'nom'), ('nom_usage', "nom d'usage"), ('denomination_usuelle', 'dénomination usuelle')], db_collation='C', max_length=20)),
                ('nom', models.CharField(db_collation='C', max_length=255)),
                ('date_debut', models.DateField(help_text='NULL: not known.', null=True)),
                ('date_fin', models.DateField(help_text='The last day of the last period with this name.')),
            ],
            options={
                'verbose_name': 'ancien nom',
            },
        ),
        migrations.CreateModel(
            name='Doublon',
            fields=[
                ('siren', models.CharField(db_collation='C', max_length=9, primary_key=True, serialize=False)),
                ('doublon_de', models.CharField(db_collation='C', help_text='The SIREN to use instead.', max_length=9)),
            ],
        ),
        migrations.CreateModel(
            name='Succession',
            fields=[
                ('pk', models.CompositePrimaryKey('predecesseur', 'successeur', 'date', blank=True, editable=False, primary_key=True, serialize=False)),
                ('predecesseur', models.CharField(db_collation='C', help_text='SIRET.', max_length=14)),
                ('successeur', models.CharField(db_collation='C', help_text='SIRET.', max_length=14)),
                ('date', models.DateField()),
                ('transfert_siege', models.BooleanField(help_text='Whether a head office has moved.')),
                ('continuite_economique', models.BooleanField(help_text='Whether the same business goes on.')),
            ],
            options={
                'indexes': [foxreviews.enterprise.fields.BTreeIndex(fields=['successeur', 'predecesseur', 'date'], name='enterprise_succession_successeur_idx')],
            },
        ),
    ]
