import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.math
from django.db import migrations, models

import foxreviews.enterprise.fields


class Migration(migrations.Migration):
    """Establishments."""

    dependencies = [
        ('enterprise', '0009_autres_noms'),
        ('location', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Etablissement',
            fields=[
                ('siret', models.CharField(db_collation='C', max_length=14, primary_key=True, serialize=False)),
                ('siren', models.CharField(db_collation='C', help_text='The first nine digits: its company.', max_length=9)),
                ('est_siege', models.BooleanField(db_default=False, default=False, help_text='Whether it is the head office.')),
                ('nom_commercial', models.CharField(blank=True, db_default='', default='', help_text='What stands on it: its first sign, else its usual name.', max_length=255)),
                ('autres_noms', models.TextField(blank=True, db_default='', default='', help_text='Its signs and usual name (enterprise.names).')),
                ('complement_adresse', models.CharField(blank=True, db_default='', default='', max_length=100)),
                ('numero_voie', models.CharField(blank=True, db_default='', default='', help_text='With its letter: 12 B; from one to another: 10 … 14 B.', max_length=30)),
                ('type_voie', models.CharField(blank=True, db_default='', default='', help_text='In full: AVENUE.', max_length=50)),
                ('libelle_voie', models.CharField(blank=True, db_default='', default='', max_length=150)),
                ('distribution_speciale', models.CharField(blank=True, db_default='', default='', help_text='BP, CS, TSA …', max_length=50)),
                ('localite', models.CharField(blank=True, db_default='', default='', help_text='The former commune or part of the town that the address names.', max_length=100)),
                ('pays', models.CharField(blank=True, db_default='', default='', help_text='Empty in France.', max_length=100)),
                ('code_postal', models.CharField(blank=True, db_collation='C', db_default='', default='', max_length=5)),
                ('ville_nom', models.CharField(blank=True, db_collation='C', db_default='', default='', help_text='The city, also for a municipal district; abroad the town.', max_length=100)),
                ('departement', models.CharField(blank=True, db_collation='C', db_default='', default='', max_length=3)),
                ('naf_code', models.CharField(blank=True, db_collation='C', db_default='', default='', help_text='NAF rév. 2, with its dot: 62.01Z.', max_length=6)),
                ('naf25_code', models.CharField(blank=True, db_collation='C', db_default='', default='', help_text='NAF 2025, with its dot: 62.10Y.', max_length=6)),
                ('naf_derived', models.CharField(blank=True, choices=[('naf_code', 'NAF rév. 2'), ('naf25_code', 'NAF 2025')], db_collation='C', db_default='', default='', help_text='The code that no source gave: it is the only one that corresponds to the other.', max_length=10)),
                ('tranche_effectif', models.CharField(blank=True, db_collation='C', db_default='', default='', max_length=2)),
                ('est_employeur', models.BooleanField(blank=True, help_text='NULL: the register does not say.', null=True)),
                ('date_creation', models.DateField(blank=True, null=True)),
                ('date_fermeture', models.DateField(blank=True, help_text='NULL while it is open.', null=True)),
                ('is_active', models.BooleanField(db_default=True, default=True, help_text='Whether it is open.')),
                ('statut_diffusion', models.CharField(choices=[('O', 'publique'), ('P', 'partielle')], db_collation='C', db_default='O', default='O', max_length=1)),
                ('latitude', models.FloatField(blank=True, help_text='Degrees, WGS 84.', null=True)),
                ('longitude', models.FloatField(blank=True, help_text='Degrees, WGS 84.', null=True)),
                ('cell', models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Cast(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.functions.comparison.Cast(django.db.models.functions.math.Floor(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('latitude'), '+', models.Value(90)), '*', models.Value(100))), models.IntegerField()), '*', models.Value(36000)), '+', django.db.models.functions.comparison.Cast(django.db.models.functions.math.Floor(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('longitude'), '+', models.Value(180)), '*', models.Value(100))), models.IntegerField())), models.IntegerField()), output_field=models.IntegerField(null=True))),
                ('ville', models.ForeignKey(blank=True, db_column='code_commune', db_constraint=False, db_index=False, help_text='INSEE code of the commune or municipal district.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='etablissements', to='location.ville')),
            ],
            options={
                'verbose_name': 'établissement',
                'ordering': ['siret'],
                'indexes': [foxreviews.enterprise.fields.BTreeIndex(fields=['departement', 'siret'], name='enterprise_etablissement_departement_idx'), foxreviews.enterprise.fields.BTreeIndex(fields=['ville', 'siret'], name='enterprise_etablissement_commune_idx'), foxreviews.enterprise.fields.BTreeIndex(fields=['code_postal', 'siret'], name='enterprise_etablissement_cp_idx'), foxreviews.enterprise.fields.BTreeIndex(fields=['naf_code', 'siret'], name='enterprise_etablissement_naf_idx'), foxreviews.enterprise.fields.BTreeIndex(condition=models.Q(('naf25_code', ''), _negated=True), fields=['naf25_code', 'siret'], name='enterprise_etablissement_naf25_idx'), foxreviews.enterprise.fields.BTreeIndex(fields=['cell'], name='enterprise_etablissement_cell_idx')],
            },
        ),
    ]
