"""Make a user who can log in on the pages: `reader.py PASSWORD`."""

import sys

import django

django.setup()

from allauth.account.models import EmailAddress  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402

user = get_user_model().objects.create_user("reader", "reader@example.org", sys.argv[1])
EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
