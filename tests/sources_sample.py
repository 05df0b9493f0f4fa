"""What the tests of sources share: short ways to read from bytes, a page and feeds."""

from __future__ import annotations

import io
from typing import Any

from tarikh.model import Document, Problem
from tarikh.sources import ReadOptions, read

TEXT = "Gunmen attacked a village near the lake, a local official said."


def items(data: bytes | str, form: str | None = None, **options: Any) -> list[Document | Problem]:
    stream = io.BytesIO(data.encode() if isinstance(data, str) else data)
    return list(read("-", ReadOptions(format=form, **options), stream))


def one(data: bytes | str, form: str | None = None, **options: Any) -> Document:
    (item,) = items(data, form, **options)
    assert isinstance(item, Document), item
    return item


def problem(data: bytes | str, form: str | None = None, **options: Any) -> Problem:
    (item,) = items(data, form, **options)
    assert isinstance(item, Problem), item
    assert item.stage == "sources"
    return item


PAGE = """<!doctype html><html lang="en-GB"><head><meta charset="{charset}"><title>Raid near the lake | Lake Post</title>
<meta property="og:site_name" content="Lake Post"><meta property="article:published_time" content="2025-03-04T05:06:07Z">
</head><body><nav><a href="/">Home</a><a href="/x">Sport</a></nav><article><h1>Raid near the lake</h1>
<p>Gunmen attacked a village near the lake on Monday night, killing four fishermen, a local official in Ménaka said.</p>
<p>They arrived on motorcycles, set fire to the market and left before the army came, according to two residents.</p>
</article><script>alert("script")</script><footer>© 2019 Lake Post</footer></body></html>"""

RSS = """<?xml version="1.0" encoding="{encoding}"?><rss version="2.0"><channel><title>Lake Post</title><language>en</language>
<item><title>Raid &amp; fire</title><link>https://lake.example/1</link><guid>g1</guid>
<pubDate>Tue, 04 Mar 2025 05:06:07 GMT</pubDate><description>&lt;p&gt;Gunmen burned&amp;nbsp;a market in Ménaka.&lt;/p&gt;</description></item>
<item><title>Only a title</title><link>https://lake.example/2</link></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Lake Post</title><entry><id>e1</id><title>Raid</title>
<updated>2025-03-04T05:06:07Z</updated><summary>Short.</summary><link href="https://lake.example/1"/>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Gunmen came.</p><p>They left.</p></div></content></entry></feed>"""
ENTITIES = '<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><rss version="2.0"><channel><title>&b;</title></channel></rss>'
