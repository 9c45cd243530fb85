"""An ACME server on this machine: Let's Encrypt's own for tests, which believes that every name leads here."""

import json
import os
import ssl
import subprocess
import time
import urllib.request
from pathlib import Path

from support.commands import machine_environment, run
from support.postgres import free_port

# In seconds. certbot renews what is so short after half of it.
VALIDITY = 40
OVERRIDE = """services:
  certbot:
    environment:
      REQUESTS_CA_BUNDLE: /authority.pem
    extra_hosts: ["authority:host-gateway"]
    volumes: ["{certificate}:/authority.pem:ro"]
"""


class Authority:
    def __init__(self, folder: Path) -> None:
        self.certificate = folder / "authority.pem"
        self.port, self.management, self.names = free_port(), free_port(), free_port()
        self.directory = f"https://authority:{self.port}/dir"
        self.folder = folder
        self.running: list[subprocess.Popen] = []

    def override(self) -> str:
        return OVERRIDE.format(certificate=self.certificate)

    def start(self, http_port: str) -> None:
        """Begin to issue certificates to those who answer at this port of this machine."""
        key = self.folder / "key.pem"
        names = "subjectAltName=DNS:authority,DNS:localhost"
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=authority"]
        command += ["-addext", names, "-keyout", key, "-out", self.certificate]
        run(command, cwd=self.folder, env=machine_environment()).succeeded()
        settings = {
            "listenAddress": f"0.0.0.0:{self.port}",
            "managementListenAddress": f"127.0.0.1:{self.management}",
            "certificate": str(self.certificate),
            "privateKey": str(key),
            "httpPort": int(http_port),
            "tlsPort": 5001,
            "certificateValidityPeriod": VALIDITY,  # until Pebble 2.4
            "profiles": {"default": {"description": "short", "validityPeriod": VALIDITY}},
        }
        config = self.folder / "pebble.json"
        config.write_text(json.dumps({"pebble": settings}), encoding="utf-8")
        others = [f"-{name}=" for name in ("http01", "https01", "tlsalpn01", "defaultIPv6")]
        names_server = f"127.0.0.1:{self.names}"
        management = f"-management=127.0.0.1:{free_port()}"
        for words in (
            ["pebble-challtestsrv", f"-dns01={names_server}", management, *others],
            ["pebble", "-config", config, "-dnsserver", names_server],
        ):
            with (self.folder / "log").open("ab") as log:
                env = {**os.environ, "PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0"}
                self.running.append(subprocess.Popen(list(map(str, words)), env=env, stdout=log, stderr=log))
        deadline = time.monotonic() + 20
        while True:
            try:
                self.root = self.read("/roots/0")
                return
            except OSError:
                assert time.monotonic() < deadline, (self.folder / "log").read_text()
                time.sleep(0.2)

    def read(self, path: str) -> str:
        context = ssl.create_default_context(cafile=str(self.certificate))
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )
        return opener.open(f"https://localhost:{self.management}{path}", timeout=5).read().decode()

    def end(self) -> None:
        for program in self.running:
            program.terminate()
            program.wait()
