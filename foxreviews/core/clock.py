"""Times as people read them: of the site's zone (TIME_ZONE), which is named. Machines get UTC as ISO 8601."""

from datetime import datetime

from django.utils import timezone

LOG_FORMAT = "%Y-%m-%d %H:%M:%S %Z"  # of a log for people; Django sets the process to TIME_ZONE


def local(moment: datetime) -> str:
    """«2026-03-01 04:15 CET»."""
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M %Z}"
