"""What each level of each feature weighs when two mentions are compared (`link.compare`).

Invariant: the weights are in the units of log2 odds; a level that is not here cannot be a reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# The weights are in the units of log2 odds. Where they come from: a logistic regression over the blocked pairs
# of the training reports, plain and with fields dropped or shifted at random, then rounded by hand. Two
# departures from the fit: days apart, far places and another act weigh more than any sum of the rest, and the
# next day or a village at 20 km gives way only to an equal telling figure (codebook, section 9), though the
# shifted dates made the fit lenient; and tolls that differ weigh little, for tolls move. The threshold is flat: from 4.0 to 6.0 pairwise F1 moves by less than one point.
WEIGHTS: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "report": {"same report": -20.0, "same data set": -20.0},
        "kind": {"same kind": 2.5, "same family": -1.5, "compatible families": -4.5, "other act": -12.0},
        "date": {
            "same days": 3.5,
            "days overlap": 2.5,
            "long spans overlap": 1.0,
            "same week": 2.5,
            "day in week": 2.0,
            "same month": 1.5,
            "day in month": 0.0,
            "day in year": -1.5,
            "unknown": -2.0,
            "unknown, told within days": 1.0,
            "unknown, told much later": -4.0,
            "not yet when told": -9.0,
            "next day": -6.0,
            "next day, one doubtful": -2.5,
            "weeks touch": -2.0,
            "other day weighed": -2.5,
            "apart": -15.0,
            "apart, told alike": -4.0,
            "apart, partly alike": -7.0,
        },
        "place": {
            "same place": 3.5,
            "within 10 km": 0.0,
            "within 25 km, one near": 0.0,
            "within 25 km": -5.0,
            "within 40 km, one near": -6.0,
            "same name, other point": -1.0,
            "far": -15.0,
            "far, told alike": -3.0,
            "other unit, told alike": -3.0,
            "far, partly alike": -6.0,
            "other unit, partly alike": -5.0,
            "same admin2": 2.5,
            "same admin1": 1.5,
            "same country": 1.0,
            "town in admin2": 2.0,
            "town in admin1": 1.5,
            "inside country": 0.5,
            "other unit": -9.0,
            "other country": -15.0,
            "unknown": -0.5,
        },
        # A pair that neither a place nor a time holds together: the rest alone makes no event.
        "hold": {"no place, no time": -4.0},
        "attackers": {
            "same, specific": 1.8,
            "same": 1.0,
            "shared": 0.8,
            "compatible": 0.5,
            "silent": 0.0,
            "kin": -0.3,
            "other": -3.5,
        },
        "targets": {
            "same, specific": 1.8,
            "same": 0.8,
            "shared": 0.8,
            "compatible": 0.3,
            "silent": 0.0,
            "kin": -0.5,
            "other": -2.5,
        },
        "sides": {"told the other way round": -0.3},
        # Rare names told with both: of people, streets, hospitals (extract.details). Officials of a district are
        # named with each of its incidents, so a few say little; the many that only accounts of one act share say most.
        "names": {
            "none alike": -3.0,
            "a few alike": 1.5,
            "several alike": 3.0,
            "many alike": 7.0,
            "all alike": 11.0,
        },
        # How alike the reports are worded (extract.terms). Of accounts in two languages it says nothing.
        "text": {
            "nothing alike": -2.0,
            "nothing alike, long": -4.0,
            "hardly alike": -1.0,
            "hardly alike, long": -3.0,
            "somewhat alike": 0.0,
            "a little alike": 4.0,
            "alike": 7.0,
            "much alike": 9.0,
        },
        "killed": {
            "same figure": 1.2,
            "same telling figure": 2.5,
            "bounds overlap": 0.8,
            "moved": 0.2,
            "not stated": 0.0,
            "far": -2.0,
            "none and many": -2.0,
        },
        "other counts": {"one equal": 1.2, "two or more equal": 1.8, "none equal": 0.0, "all far": -1.5},
        "status": {"alike": 0.1, "unlike": 0.0},
    }
)
