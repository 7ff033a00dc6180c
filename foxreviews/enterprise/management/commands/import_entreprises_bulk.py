"""The address that the scaling plan gives to this command."""

from foxreviews.importing.command import Command  # noqa: F401
