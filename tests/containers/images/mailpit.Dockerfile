# What Mailpit does for a test: it takes mail at port 1025, and tells of it at port 8025 as Mailpit's API does.
FROM python:3.13-slim
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --quiet aiosmtpd
COPY <<END /mailpit.py
import email
import email.policy
import json
from http.server import BaseHTTPRequestHandler, HTTPServer

from aiosmtpd.controller import Controller

subjects = []


class Taker:
    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        subjects.append({"Subject": message["Subject"]})
        return "250 OK"


class Teller(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"messages": subjects}).encode())


Controller(Taker(), hostname="0.0.0.0", port=1025).start()
HTTPServer(("0.0.0.0", 8025), Teller).serve_forever()
END
HEALTHCHECK --interval=2s CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8025/')"]
CMD ["/opt/venv/bin/python", "/mailpit.py"]
