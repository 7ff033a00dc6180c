"""A backup made, proven, and put back."""
