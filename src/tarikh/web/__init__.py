"""The pages: a door for people who look at a chronicle, judge it and correct it, in a browser on any screen.

Invariant: everything a page needs is in the package; a page is whole without its scripts; text from outside is only text.
"""
