"""What templates ask for: addresses of pages, and numbers as people read them."""

from django import template
from django.template.defaultfilters import floatformat

from foxreviews.reference.identifiers import format_siren, format_siret
from foxreviews.web.language import address

register = template.Library()
register.simple_tag(address, name="address")
register.filter("siren", format_siren)
register.filter("siret", format_siret)


@register.filter
def number(value: int) -> str:
    """With a space or comma between groups of three digits, by the language."""
    return str(floatformat(value, "0g"))
