"""Runs scripts on a grid over HTTP, with requests alone. RGRID_URL and RGRID_API_KEY say where."""
import hashlib
import os
import uuid
from pathlib import Path
from urllib.parse import quote, urljoin

import requests

URL = os.environ["RGRID_URL"]


class Refused(Exception):
    """What the grid answered in place of what was asked: a problem document (RFC 9457)."""

    def __init__(self, problem):
        super().__init__(f"{problem.get('detail')} {problem.get('remediation', '')}".strip())
        self.code = problem.get("code")
        self.status = problem.get("status")


class Unavailable(Refused):
    """It is away, or its database or storage is."""


# What may go better the next time. The link that a file goes to ends; the next time has a new one.
AWAY = (
    Unavailable,
    requests.ConnectionError,
    requests.Timeout,
    requests.HTTPError,
    requests.exceptions.ChunkedEncodingError,
)


def ask(method, path, **more):
    headers = {"Authorization": f"Bearer {os.environ['RGRID_API_KEY']}", **more.pop("headers", {})}
    answer = requests.request(method, urljoin(URL, f"/api/v1{path}"), headers=headers, timeout=60, **more)
    if not answer.ok:
        # A proxy before the grid has words of its own.
        known = answer.headers.get("Content-Type", "").startswith("application/problem+json")
        problem = answer.json() if known else {"detail": f"{answer.status_code} {answer.reason}"}
        raise (Unavailable if answer.status_code in (502, 503, 504) else Refused)(problem)
    return answer


def submit(script, args=(), files=(), key=None):
    """Answers the id. Each file is at most 64 MiB; `key`: the same key and job give the same execution."""
    content = {}
    described = []
    for path in [script, *files]:
        data = Path(path).read_bytes()
        sha256 = hashlib.sha256(data).hexdigest()
        content[sha256] = data
        parts = [sha256] if data else []
        described.append({"path": str(path), "content": {"size": len(data), "sha256": sha256, "parts": parts}})
    job = {"runtime": "python", "interpreter": ["python3"], "script": script, "args": list(args), "files": described}
    accepted = ask("POST", "/executions", json=job, headers={"Idempotency-Key": key or str(uuid.uuid4())}).json()
    for part in accepted["missing"]:
        put = part["put"]
        requests.put(urljoin(URL, put["url"]), data=content[part["sha256"]], headers=put["headers"]).raise_for_status()
    if accepted["missing"]:
        ask("POST", f"/executions/{accepted['execution']['id']}/uploaded")
    return accepted["execution"]["id"]


def wait(id):
    while True:
        execution = ask("GET", f"/executions/{id}", params={"wait": 30}).json()
        if execution["endedAt"] is not None:
            return execution


def logs(id):
    return ask("GET", f"/executions/{id}/logs/text").text


def outputs(id):
    """The bytes of each file the script made, by its path."""
    listed = ask("GET", f"/executions/{id}/outputs").json()["manifest"]["outputs"]
    paths = [output["path"] for output in listed if output["type"] == "file"]
    return {path: ask("GET", f"/executions/{id}/outputs/{quote(path, safe='')}").content for path in paths}
