"""Room in each page of establishments for the row that a reload changes, as companies have it (0004).

Without it 527 of 205,538 changed establishments found room beside their old version (n_tup_hot_upd and n_tup_upd in
pg_stat_user_tables after the changed stage of make bench-full ROWS=15000000): the others were new entries in each of nine
indexes. Pages that are full stay so until VACUUM FULL or a first load.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("enterprise", "0015_pages_by_filter")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE enterprise_etablissement SET (fillfactor = 95)",
            "ALTER TABLE enterprise_etablissement RESET (fillfactor)",
        )
    ]
