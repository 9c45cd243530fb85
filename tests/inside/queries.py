"""Print how many queries each page needs for a visitor: `queries.py PATH...`."""

import sys

import django

django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

client = Client(HTTP_HOST="localhost")
for path in sys.argv[1:]:
    client.get(path)  # what is kept from then on is no matter of this page
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200, path
    print(len(queries))
