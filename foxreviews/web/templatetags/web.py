"""What templates ask for: addresses of pages, numbers and days as people read them."""

from django import template
from django.template.defaultfilters import floatformat

from foxreviews.reference.identifiers import format_siren, format_siret
from foxreviews.web.language import address
from foxreviews.web.wording import day

register = template.Library()
register.simple_tag(address, name="address")
register.filter("siren", format_siren)
register.filter("siret", format_siret)
register.filter("day", day, expects_localtime=True)


@register.filter
def number(value: int) -> str:
    """With a space or comma between groups of three digits, by the language."""
    return str(floatformat(value, "0g"))
