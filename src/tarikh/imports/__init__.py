"""Ways in for what was coded or judged elsewhere: events of UCDP GED, reports coded by people, decisions of another Tarikh.

Invariant: what is imported comes as reports, mentions, judgements, corrections and decisions like any other, under a name
that says where it is from; each row or line that cannot be taken is a `Problem` with its file, line and reason.
"""
