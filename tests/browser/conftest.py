"""A generated site that is served, and a browser to visit it with."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from browser.mail import Mailbox
from browser.visitor import Visitor
from lab.checks import DEPLOYED
from support import TARGET
from support.binary import new
from support.commands import run
from support.environments import environment
from support.servers import serving

LOGINS = ["username", "email"]

# Chromium's sandbox refuses root; the others keep it from talking to anything but the site.
FLAGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    "--no-proxy-server",
]


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next((path for name in names if (path := shutil.which(name))), None)
    assert path, "no chromium on PATH: start this layer by `tests/run browser`"
    running = playwright.chromium.launch(executable_path=path, args=FLAGS)
    yield running
    running.close()


@pytest.fixture(scope="session", params=LOGINS)
def login(request: pytest.FixtureRequest) -> str:
    """Return what people log in with."""
    return request.param


@pytest.fixture(scope="session")
def mailbox(login: str, tmp_path_factory: pytest.TempPathFactory) -> Mailbox:
    return Mailbox(tmp_path_factory.mktemp(f"mail-{login}"))


@dataclass(frozen=True)
class Generated:
    """A generated project, migrated, and how its programs are run."""

    project: Path
    python: Path
    variables: dict[str, str]

    def manage(self, *arguments: str, **more: str) -> None:
        command = [self.python, "manage.py", *arguments]
        run(command, cwd=self.project, env={**self.variables, **more}).succeeded()

    @contextmanager
    def served(self, name: str, **more: str) -> Iterator[str]:
        """Serve the site until the block ends; what it logs must hold no traceback."""
        command = [self.python, "manage.py", "runserver", "--noreload"]
        log = TARGET / f"browser/server-{name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with serving(command, cwd=self.project, env={**self.variables, **more}, log=log) as address:
            yield address
        assert "Traceback" not in log.read_text(errors="replace"), log.read_text(errors="replace")


@pytest.fixture(scope="session")
def generated(login: str, mailbox: Mailbox, tmp_path_factory: pytest.TempPathFactory) -> Generated:
    folder = tmp_path_factory.mktemp(f"site-{login}")
    home = folder / "home"
    home.mkdir()
    # The two lines send their content security policy in different ways: a browser sees both.
    line = {"username": "5.2", "email": "6.1"}[login]
    flags = [
        "--preset",
        "standard",
        "--django",
        line,
        "--set",
        f"accounts.login={login}",
        "--set",
        "accounts.mfa=optional",
    ]
    project = new(folder, "myproj", *flags)
    tools = environment(line)
    # Four slashes in all: the path keeps its first.
    made = Generated(project, tools.python, tools.variables(home, EMAIL_URL=f"filemail:///{mailbox.folder}"))
    made.manage("migrate")
    return made


@pytest.fixture(scope="session")
def site(generated: Generated, login: str) -> Iterator[str]:
    """Serve the site as in development; yields its address."""
    with generated.served(f"local-{login}") as address:
        yield address


@pytest.fixture(scope="session")
def production_site(generated: Generated, login: str) -> Iterator[str]:
    """Serve the site with production settings, but for HTTPS, which ends at a proxy; yields its address."""
    settings = {
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        **{name: value for name, value in DEPLOYED.items() if name != "EMAIL_URL"},
        "DATABASE_URL": f"sqlite:///{generated.project / 'db.sqlite3'}",
        "ALLOWED_HOSTS": "127.0.0.1",
        "SECURE_SSL_REDIRECT": "False",
    }
    generated.manage("collectstatic", "--no-input", **settings)
    with generated.served(f"production-{login}", **settings) as address:
        yield address


@contextmanager
def visiting(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    context = browser.new_context(base_url=address, reduced_motion="reduce")
    context.set_default_timeout(15_000)
    visitor = Visitor(context)
    failed = request.session.testsfailed
    yield visitor
    if visitor.complaints or request.session.testsfailed > failed:
        visitor.page.screenshot(path=TARGET / f"browser/{request.node.name}.png", full_page=True)
    context.close()
    assert not visitor.complaints, "\n".join(visitor.complaints)


@pytest.fixture
def visitor(browser: Browser, site: str, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    """Somebody at the site in development."""
    with visiting(browser, site, request) as somebody:
        yield somebody


@pytest.fixture
def production_visitor(browser: Browser, production_site: str, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    """Somebody at the site in production."""
    with visiting(browser, production_site, request) as somebody:
        yield somebody
