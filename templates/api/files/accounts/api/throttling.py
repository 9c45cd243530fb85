from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from accounts.limits import HOUR, too_many_emails


class EmailThrottle(BaseThrottle):
    """Counts together with the pages that send emails."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        return request.method != "POST" or not too_many_emails(request)

    def wait(self) -> int:
        return HOUR
