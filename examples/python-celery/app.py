"""A Django site in one file: POST /reports/numbers.txt queues a report, GET /reports/TASK tells it."""
import sys

from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import JsonResponse
from django.urls import path
from django.views.decorators.http import require_POST

from tasks import app, report

settings.configure(ALLOWED_HOSTS=["127.0.0.1"], ROOT_URLCONF=__name__, SECRET_KEY="only an example")


@require_POST
def ask(request, name):
    return JsonResponse({"task": report.delay(name).id}, status=202)


def tell(request, task):
    result = app.AsyncResult(str(task))
    if not result.ready():
        return JsonResponse({"state": result.state}, status=202)
    if result.failed():
        return JsonResponse({"state": result.state, "error": str(result.result)}, status=500)
    return JsonResponse({"state": result.state, **result.result})


urlpatterns = [path("reports/<uuid:task>", tell), path("reports/<str:name>", ask)]

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
