"""A language model as second coder: it reads and quotes, Tarikh checks each quote and resolves.

Invariant: a value of the model's is kept only where its words stand in the report; days, places, parties and numbers are
worked out from these words by the code that the rules use.
"""

from __future__ import annotations
