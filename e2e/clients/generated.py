"""Submits a script with a file, waits, reads its log and fetches what it made, through nothing but the generated client."""
import hashlib
import json
import os
import sys
from urllib.parse import urljoin

import httpx
from rgrid_client import AuthenticatedClient
from rgrid_client.api.executions import (
    confirm_uploads, get_execution, get_logs, get_output, list_outputs, submit_execution
)
from rgrid_client.models import Accepted, Execution, FileContent, InputFile, JobSpec, JobSpecMetadata, NotFound, OutputList

url = os.environ["RGRID_URL"]
client = AuthenticatedClient(base_url=url, token=os.environ["RGRID_API_KEY"], timeout=60)


def content(data: bytes) -> FileContent:
    sha256 = hashlib.sha256(data).hexdigest()
    return FileContent(size=len(data), sha256=sha256, parts=[sha256])


files = {path: open(path, "rb").read() for path in sys.argv[1:]}
bytes_of = {hashlib.sha256(data).hexdigest(): data for data in files.values()}
job = JobSpec(
    runtime="python",
    script=sys.argv[1],
    args=sys.argv[2:],
    interpreter=["python3"],
    files=[InputFile(path=path, content=content(data)) for path, data in files.items()],
    metadata=JobSpecMetadata.from_dict({"client": "python"}),
)

accepted = submit_execution.sync(client=client, body=job, idempotency_key=f"python-{os.getpid()}")
assert isinstance(accepted, Accepted), accepted
for part in accepted.missing:
    headers = part.put.headers.to_dict()
    httpx.put(urljoin(url, part.put.url), content=bytes_of[part.sha256], headers=headers).raise_for_status()
sent = len(accepted.missing)
if sent > 0:
    accepted = confirm_uploads.sync(accepted.execution.id, client=client)
    assert isinstance(accepted, Accepted) and accepted.missing == [], accepted

execution = accepted.execution
while execution.ended_at is None:
    execution = get_execution.sync(execution.id, client=client, wait=30)
    assert isinstance(execution, Execution), execution

log = get_logs.sync(execution.id, client=client)
listed = list_outputs.sync(execution.id, client=client)
assert isinstance(listed, OutputList), listed
made = {}
for output in listed.manifest.outputs:
    if output.type_ == "file":
        made[output.path] = get_output.sync(execution.id, output.path, client=client).payload.read().decode()

unknown = get_execution.sync("exec_nosuchthing", client=client)
assert isinstance(unknown, NotFound), unknown

print(json.dumps({
    "state": execution.state.value,
    "exitCode": execution.exit_code,
    "ended": execution.ended_at.year > 2000,
    "sent": sent,
    "log": log,
    "made": made,
    "problem": [unknown.code.value, unknown.status.value, unknown.remediation],
}))
