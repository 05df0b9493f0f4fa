"""No act is taken on the review pages that does not tell in which versions all its incidents were seen."""

from __future__ import annotations

import re
from pathlib import Path

from review_sample import made, of, words
from starlette.testclient import TestClient

from conftest import LOCAL
from tarikh.store import open_store
from tarikh.web.app import create_app

ACTS = ("accept", "reject", "correct", "merge", "split", "same", "different")


def test_no_act_is_taken_that_does_not_tell_what_was_seen(tmp_path: Path) -> None:
    path = made(tmp_path / "tarikh.db")
    one, two = of(path, "Ségou"), of(path, "Kidal")
    with open_store(path) as store:
        before, log = store.incidents(), store.acts.log()
        versions = [store.version(each) for each in (one, two)]
        member = store.incident(one).members[1]
    with TestClient(create_app(path), LOCAL, raise_server_exceptions=False) as client:
        found = re.search(r'name="token" value="(\w+)"', client.get("/review").text)
        assert found is not None
        base = {"token": found[1], "note": "a drill", "mention": member, "other": two, "field": "kind"}
        base |= {"value": "bombing", "left": one, "right": two}
        for act in ACTS:
            pair = act in ("same", "different")
            action = "/review/pair" if pair else f"/review/incidents/{one}/{act}"
            partial = versions if pair or act == "merge" else versions[1:]
            for seen in (None, "", " ", *partial):
                data = base | {"verdict": act} | ({} if seen is None else {"seen": seen})
                answer = client.post(action, data=data, follow_redirects=False)
                assert (answer.status_code, "version" in words(answer.text)) == (400, True), (act, seen)
    with open_store(path) as store:
        assert (store.incidents(), store.acts.log()) == (before, log)
