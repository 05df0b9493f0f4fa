"""Tarikh: a chronicle of incidents read from news reports on armed conflict."""

__version__ = "0.1.0"
