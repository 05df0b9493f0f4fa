"""`/add`: give a text, an address or files; `/add/{job}` shows how they are coded, whoever started it may stop it.

Invariant: an address is only read by `sources`, never as a path; a job is seen by who started it and by admins, and for
everybody else it is not there.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse, Response

from tarikh import accounts
from tarikh.errors import UsageError
from tarikh.sources import ReadOptions
from tarikh.sources.options import check
from tarikh.sources.web import shown
from tarikh.web import jobs, people, uploads
from tarikh.web.job_events import Address, Pasted
from tarikh.web.jobs import BusyError, Job, Jobs, LostError
from tarikh.web.pages import is_part, render
from tarikh.web.security import MOST_FILES, form_of
from tarikh.web.state import JobsOf, Now

PATH = "/add"
LIVE = 20
"""Documents shown while a job is worked at, the newest first."""
PAGE = 50
MAPPED = ("text", "title", "published", "source")
"""Fields whose column a person may name, where a table names it otherwise."""
_LONGEST = {"title": 1000, "source": 200, "address": 4000}
_LABEL = 90

router = APIRouter(
    prefix=PATH, dependencies=[Depends(people.may("add_reports"))], route_class=people.AskedFirst
)


@router.get("")
def form(request: Request, line: JobsOf) -> Response:
    """The form, and one's own jobs."""
    return _form(request, line)


def _form(
    request: Request, line: Jobs, status: int = 200, fault: str | None = None, given: Any = None
) -> Response:
    return render(
        request,
        "add.html",
        status=status,
        fault=fault,
        given=given or {},
        mine=line.by(people.author(request)),
        upload=jobs.UPLOAD,
        most_files=MOST_FILES,
        mapped=MAPPED,
    )


@router.post("")
async def start(request: Request, line: JobsOf, now: Now) -> Response:
    """Puts what was given in line, and leads to its job; what cannot be is told in the form, which keeps the words."""
    sent = await form_of(request)
    try:
        job = await run_in_threadpool(_started, sent, line, people.author(request), now)
    except UsageError as error:
        status = 429 if isinstance(error, BusyError) else 400
        given = {name: value for name, value in sent.items() if isinstance(value, str)}
        return await run_in_threadpool(_form, request, line, status, str(error), given)
    finally:
        await sent.close()
    return RedirectResponse(f"{PATH}/{job.id}", 303)


def _started(sent: FormData, line: Jobs, author: str, now: Any) -> Job:
    files = [file for file in sent.getlist("files") if isinstance(file, UploadFile) and file.filename]
    way = _said(sent, "way")
    if way == "files":
        return _files(sent, files, line, author, now)
    if way == "address":
        given = _address(sent)
        return line.start(given, author, now, _short(shown(given.url)), options=_options(sent, line))
    if way != "text":
        raise UsageError("say what to add: paste a text, give an address, or choose files")
    pasted = _pasted(sent, now.date())
    label = pasted.title or " ".join(pasted.text[:400].split())
    return line.start(pasted, author, now, _short(label), keep=_said(sent, "do") != "code")


def _files(sent: FormData, files: list[UploadFile], line: Jobs, author: str, now: Any) -> Job:
    if not files:
        raise UsageError("no file was chosen; choose one or more, or drop them on the page")
    options = _options(sent, line)
    folder = uploads.new_folder()
    try:
        kept = uploads.save(files, folder)
        names = ", ".join(name for _, name in kept.kept)
        return line.start(kept, author, now, _short(names), options=options, folder=folder)
    except BaseException:
        uploads.remove(folder)
        raise


def _pasted(sent: FormData, today: date) -> Pasted:
    # A browser sends line breaks as CR LF; the same text from a file must be the same report.
    text = _whole(sent, "text").replace("\r\n", "\n").replace("\0", "\ufffd")
    if not text.strip():
        raise UsageError("there is no text; paste that of one report")
    given = _said(sent, "published") or None
    if given is not None:
        try:
            date.fromisoformat(given)
        except ValueError:
            raise UsageError(f"{given[:40]!r} is no day; write it as {today.isoformat()}") from None
    return Pasted(text, _said(sent, "title") or None, _said(sent, "source") or None, given)


def _address(sent: FormData) -> Address:
    url = _said(sent, "address")
    if not url.lower().startswith(("http://", "https://")):
        raise UsageError(
            f"{url[:80]!r} is no address of a page; it begins with https:// or http://"
            if url
            else "there is no address; give that of a page or a feed"
        )
    if not url.isprintable():
        raise UsageError("the address holds characters that no address has; copy it once more")
    return Address(url, follow=_said(sent, "follow") == "1")


def _options(sent: FormData, line: Jobs) -> ReadOptions:
    columns = {name: _said(sent, f"map_{name}")[:200] for name in MAPPED}
    options = replace(line.options, columns={name: column for name, column in columns.items() if column})
    check(options)
    return options


def _whole(sent: FormData, name: str) -> str:
    value = sent.get(name)
    return value if isinstance(value, str) else ""


def _said(sent: FormData, name: str) -> str:
    value = _whole(sent, name).strip().replace("\0", "\ufffd")
    most = _LONGEST.get(name, 4000)
    if len(value) > most:
        raise UsageError(f"{name} has {len(value):,} characters; it may have {most:,}")
    return value


def _short(label: str) -> str:
    return label if len(label) <= _LABEL else (label[:_LABEL].rpartition(" ")[0] or label[:_LABEL]) + " …"


# ---- a job -----------------------------------------------------------------------------------------------------


def _seen(request: Request, line: Jobs, job_id: str) -> Job:
    """The job, for whoever may see it. Raises `LostError`, also where it is somebody else's."""
    job = line.job(job_id)
    visitor = people.current_visitor(request)
    if job.by != people.author(request) and not accounts.may(visitor.role, "manage_users"):
        raise LostError.of(job_id)  # in the very words of a job that there is not
    return job


@router.get("/{job_id}")
def show(
    request: Request,
    line: JobsOf,
    job_id: str,
    seen: int = Query(-1, ge=-1),
    page: int = Query(1, ge=1, le=1000),
    only: str = Query("", pattern="^(|problems)$"),
) -> Response:
    """The job as it stands; nothing (204) for a page that is open and has `seen` all of it."""
    try:
        job = _seen(request, line, job_id)
    except LostError:
        anew = not line.of_this_run(job_id)
        return render(request, "add_lost.html", "parts/lost.html", status=404, anew=anew)
    if is_part(request) and job.version == seen:
        return Response(status_code=204)
    version = job.version  # before what it counts: what comes meanwhile is asked for once more
    items = line.items(job)
    cut = job.done - len(items)
    if only:
        items = [item for item in items if item.reasons]
    pages = 1 if not job.over else max(1, -(-len(items) // PAGE))
    shown = items[PAGE * (page - 1) : PAGE * page] if job.over else items[: -LIVE - 1 : -1]
    return render(
        request, "job.html", "parts/job.html", job=job, shown=shown, told=version, ahead=line.ahead(job),
        cut=cut, left_out=len(items) - len(shown), page=page, pages=pages, only=only,
    )  # fmt: skip


@router.post("/{job_id}/stop")
def stop(request: Request, line: JobsOf, job_id: str) -> Response:
    """Stops the job; what it kept stays."""
    line.stop(_seen(request, line, job_id))
    return RedirectResponse(f"{PATH}/{job_id}", 303)


@router.post("/{job_id}/keep")
def keep(request: Request, line: JobsOf, job_id: str, now: Now) -> Response:
    """Adds the text that was only coded."""
    job = _seen(request, line, job_id)
    if job.task.keep or not isinstance(job.task.given, Pasted):
        raise UsageError("this was added already, or is no text that was only coded")
    added = line.start(job.task.given, people.author(request), now, job.label)
    return RedirectResponse(f"{PATH}/{added.id}", 303)
