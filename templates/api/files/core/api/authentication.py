from rest_framework import authentication
from rest_framework.request import Request


class SessionAuthentication(authentication.SessionAuthentication):
    """Answers 401 to whoever is not logged in, and 403 to whoever may not."""

    def authenticate_header(self, request: Request) -> str:
        return "Session"
