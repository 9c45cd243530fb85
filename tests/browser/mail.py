"""Reading the mail that the site has sent into a folder."""

import email
import email.policy
import re
from pathlib import Path


class Mailbox:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def messages(self, address: str) -> list[str]:
        """Return the texts sent to `address`, the oldest first."""
        texts = []
        for path in sorted(self.folder.glob("*.log"), key=lambda path: path.stat().st_mtime_ns):
            for raw in re.split(rb"(?m)^-{79}\n", path.read_bytes()):
                message = email.message_from_bytes(raw, policy=email.policy.default)
                if address in str(message["To"]):
                    body = message.get_body(("plain",))
                    assert body is not None
                    texts.append(body.get_content())
        return texts

    def code(self, address: str) -> str:
        """Return the code in the latest message to `address`."""
        codes = re.findall(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", self.messages(address)[-1], flags=re.MULTILINE)
        assert codes, self.messages(address)
        return codes[0]
