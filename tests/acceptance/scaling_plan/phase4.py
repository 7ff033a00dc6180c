# Django shell
from foxreviews.enterprise.models import Entreprise
from django.db import connection
from django.test.utils import CaptureQueriesContext

# Test 1: Cursor pagination
with CaptureQueriesContext(connection) as ctx:
    list(Entreprise.objects.all()[:20])
    print(f"Pagination: {len(ctx)} queries, {sum(float(q['time']) for q in ctx)*1000:.1f}ms")
    # Attendu: 1 query, < 50ms

# Test 2: Recherche full-text
with CaptureQueriesContext(connection) as ctx:
    list(Entreprise.objects.filter(nom__icontains='restaurant')[:20])
    print(f"Recherche: {len(ctx)} queries, {sum(float(q['time']) for q in ctx)*1000:.1f}ms")
    # Attendu: 1 query, < 200ms

# Test 3: Filtre combiné
with CaptureQueriesContext(connection) as ctx:
    list(Entreprise.objects.filter(ville_nom='Paris', naf_code__startswith='62')[:20])
    print(f"Filtre: {len(ctx)} queries, {sum(float(q['time']) for q in ctx)*1000:.1f}ms")
    # Attendu: 1 query, < 100ms
