"""Snapshots: what the data said at a moment as files to publish, and checking such files later.

Invariant: the same rows, moment and versions give the same files, byte for byte; so `verify` rebuilds and compares.
"""

from __future__ import annotations

from tarikh.snapshots.container import MANIFEST
from tarikh.snapshots.making import Made, make
from tarikh.snapshots.verifying import Finding, Verdict, verify

__all__ = ["MANIFEST", "Finding", "Made", "Verdict", "make", "verify"]
