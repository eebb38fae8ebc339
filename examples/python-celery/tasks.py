"""A Celery task whose work is done on the grid: the worker only waits, so one of them has many under way."""
import os

from celery import Celery

import grid

app = Celery("reports", broker=os.environ["CELERY_BROKER_URL"], backend=os.environ["CELERY_RESULT_BACKEND"])
app.conf.broker_transport_options = {"data_folder_in": "queue", "data_folder_out": "queue"}


@app.task(bind=True, autoretry_for=grid.AWAY, retry_backoff=True, max_retries=5)
def report(self, path):
    # A task that is delivered twice, or retried, finds the execution of its first time.
    id = grid.submit("report.py", [path], files=[path], key=self.request.id)
    execution = grid.wait(id)
    if execution["exitCode"] != 0:
        raise RuntimeError(f"{id} {execution['state']}: {grid.logs(id)[-1000:]}")
    return {"id": id, "report": grid.outputs(id)["report.txt"].decode()}
