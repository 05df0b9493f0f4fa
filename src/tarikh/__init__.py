"""Tarikh: a chronicle of incidents read from news reports on armed conflict."""

import os

# Small matrices gain nothing from several threads, whose waiting costs as much again; several workers share the cores.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.1.0"
