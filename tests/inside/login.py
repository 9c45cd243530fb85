"""Make an administrator and print the headers that a client of the API sends as them: `login.py jwt|token|session`."""

import datetime
import json
import sys

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.test import Client  # noqa: E402


def main(auth: str) -> None:
    users = get_user_model()
    names = {users.USERNAME_FIELD: "grace@example.org", "email": "grace@example.org"}
    user = users.objects.create_superuser(**names, password="the correct horse")
    if auth == "jwt":
        from rest_framework_simplejwt.tokens import AccessToken

        access = AccessToken.for_user(user)
        access.set_exp(lifetime=datetime.timedelta(hours=2))
        headers = {"Authorization": f"Bearer {access}"}
    elif auth == "token":
        from rest_framework.authtoken.models import Token

        headers = {"Authorization": f"Token {Token.objects.create(user=user).key}"}
    else:
        client = Client(HTTP_HOST="localhost")
        client.force_login(user)
        client.get("/accounts/password/change/")
        cookies = {name: morsel.value for name, morsel in client.cookies.items()}
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
            "X-CSRFToken": cookies["csrftoken"],
        }
    json.dump(headers, sys.stdout)


main(sys.argv[1])
