"""The whole register, generated, loaded and measured."""
