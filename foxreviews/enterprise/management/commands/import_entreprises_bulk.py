"""The address that the scaling plan gives to this command; the body is importing.command."""

from foxreviews.importing.command import Command

__all__ = ["Command"]
