"""The routes, one module a page; `web.app.ROUTES` lists them.

Invariant: a route reads its arguments, asks one use case, and shows a template; nothing is decided here.
"""
