"""A mail server that keeps what it is given, and can be made to wait before it takes anything."""

import email
import email.policy
import socketserver
import threading
from email.message import EmailMessage


class MailServer(socketserver.ThreadingTCPServer):
    """Listens on a free port until `shutdown`; while `open` is not set, a client gets no greeting."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Session)
        self.open = threading.Event()
        self.open.set()
        self.asked = threading.Event()
        self.messages: list[EmailMessage] = []
        self.url = f"smtp://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def to(self, address: str) -> list[EmailMessage]:
        return [message for message in self.messages if address in str(message["To"])]


class Session(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.server.asked.set()
        self.server.open.wait()
        try:
            self.say("220 ready")
            while line := self.rfile.readline():
                self.answer(line.strip().upper())
        except OSError:
            pass  # the client is gone

    def answer(self, command: bytes) -> None:
        if command.startswith(b"DATA"):
            self.say("354 go on")
            lines = iter(self.rfile.readline, b".\r\n")
            message = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
            assert isinstance(message, EmailMessage)
            self.server.messages.append(message)
        self.say("250 fine")

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())
