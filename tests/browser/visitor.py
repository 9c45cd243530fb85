"""Somebody at a browser, who looks at each page in every way and remembers what the browser complained about."""

from importlib.resources import files

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Response

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SIZES = {"phone": {"width": 360, "height": 740}, "desktop": {"width": 1280, "height": 800}}
SCHEMES = ["light", "dark"]

# Chromium writes a line for each answer of this kind, though it is the one that was asked for.
WANTED = "the server responded with a status of 4"

WATCH_POLICY = """
document.addEventListener("securitypolicyviolation", event =>
    console.error(`policy: ${event.violatedDirective} forbids ${event.blockedURI} ${event.sample}`));
"""
RUN_AXE = """
async rules => (await axe.run(document, {runOnly: rules})).violations.flatMap(rule =>
    rule.nodes.map(node => `${rule.id}: ${node.html} ${node.failureSummary}`))
"""


class Visitor:
    def __init__(self, context: BrowserContext) -> None:
        self.complaints: list[str] = []
        self.status = 0
        context.add_init_script(WATCH_POLICY)
        self.page = context.new_page()
        self.page.on("console", self.hear)
        self.page.on("pageerror", self.fail)
        self.page.on("response", self.receive)

    def hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and WANTED not in message.text:
            self.complaints.append(f"{self.page.url}: {message.text}")

    def fail(self, error: Error) -> None:
        self.complaints.append(f"{self.page.url}: {error}")

    def receive(self, response: Response) -> None:
        if response.request.is_navigation_request():
            self.status = response.status
        # A page may be meant to be refused; what a page is made of may not.
        if response.status >= (500 if response.request.is_navigation_request() else 400):
            self.complaints.append(f"{response.url}: status {response.status}")

    def open(self, path: str, status: int = 200) -> None:
        """Go to `path` and look at the page."""
        response = self.page.goto(path)
        assert response and response.status == status, f"{path}: {response and response.status}"
        self.look()

    def fill(self, **fields: str) -> None:
        """Fill the fields of the page's form, each by its name."""
        for name, value in fields.items():
            field = self.page.locator(f"main [name={name}]")
            if field.evaluate("element => element.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)

    def press(self, button: str) -> None:
        """Press a button of the page and look at what comes."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=button, exact=True).click()
        self.look()

    def follow(self, link: str) -> None:
        """Follow a link of the page and look at what comes."""
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=link, exact=True).first.click()
        self.look()

    def reads(self, text: str) -> bool:
        return text in self.page.locator("body").inner_text()

    @property
    def path(self) -> str:
        return "/" + self.page.url.split("/", 3)[3]

    def look(self) -> None:
        """Check the page with axe, by day and by night, on a phone and at a desk; nothing may stick out."""
        page = self.page
        page.evaluate(AXE)
        for size, viewport in SIZES.items():
            page.set_viewport_size(viewport)
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                found = page.evaluate(RUN_AXE, RULES)
                self.complaints += [f"{page.url}, {size}, {scheme}: {line}" for line in found]
            width = page.evaluate("document.documentElement.scrollWidth")
            if width > viewport["width"]:
                self.complaints.append(f"{page.url}, {size}: {width} pixels wide")
