"""An app and models that come to a project which its owner has edited: with the real tools."""

import pytest

from lab.checks import Bench, check, djlint, mypy, passed, pytest_postgres, ruff_check, ruff_format, sqlite, unchanged
from lab.conftest import MakeBench
from lab.test_living import change, edit
from support.binary import djscaffold

PRODUCT = (
    "name:char:120",
    "price:decimal:8,2",
    "stock:positive=0",
    "status:choice:draft,live",
    "category:fk:shop.Category?",
    "tags:m2m:blog.Tag",
    "owner:user",
    "photo:image?",
    "details:json={}?",
    "weight:duration?",
    "address:ip?",
    "url:url?",
)
POINTERS = ("--owner", "owner", "--public", "status=live", "--label", "name", "--slug", "slug")
VISIT = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from accounts.models import CustomUser
from blog.models import Tag
from django.test import Client
from django.urls import reverse
from shop.models import Category, Product
user = CustomUser.objects.create_superuser("grace", "grace@example.org", "x")
client = Client(headers={"host": "localhost"})
client.force_login(user)
category = Category.objects.create(name="Tea")
tag = Tag.objects.create(name="Green")
data = {"name": "Sencha", "price": "4.20", "stock": 3, "status": "draft", "category": category.pk, "details": "{}"}
made = client.post(reverse("shop:product-create"), {**data, "tags": [tag.pk], "owner": user.pk})
assert made.status_code == 302, made.content.decode()
product = Product.objects.get()
assert (product.slug, product.owner) == ("sencha", user)
anyone = Client(headers={"host": "localhost"})
assert anyone.get(product.get_absolute_url()).status_code == 404
client.post(reverse("shop:product-publish", args=[product.slug]))
for visitor in (client, anyone):
    for page in (product.get_absolute_url(), reverse("shop:product-list"), "/api/v1/shop/products/", "/"):
        assert visitor.get(page).status_code == 200, page
assert client.get("/admin/shop/product/").status_code == 200
print("all pages work")
"""


def all_is_well(bench: Bench, *tests: str) -> None:
    for tool in [ruff_check, ruff_format, djlint, check, mypy]:
        tool(bench)
    unchanged(bench, sqlite(bench, "unchanged"))
    passed(bench.run("pytest", "-q", *tests, timeout=600))


def make_migrations(bench: Bench) -> None:
    bench.manage("makemigrations").succeeded()
    folders = [str(folder) for folder in bench.project.glob("*/migrations")]
    bench.run("ruff", "format", "--no-cache", *folders).succeeded()


@pytest.mark.xdist_group("add-model")
def test_two_commands_to_working_pages_in_a_project_that_was_edited(make_bench: MakeBench) -> None:
    bench = make_bench("--preset", "standard", database="add_model")
    project = bench.project
    mine = {
        "blog/models.py": ("    content = ", "    subtitle = models.CharField(max_length=80, blank=True)\n"),
        "blog/views.py": ("PAGE_SIZE = 20\n", "# Mine: short pages.\n"),
        "config/urls.py": ("    path(", "    # Mine come first.\n"),
        "config/settings/base.py": ("MIDDLEWARE = [", "MINE = 1\n"),
        "templates/home.html": ("{% block content %}", "<!-- mine -->\n"),
    }
    for path, (before, line) in mine.items():
        edit(project, path, before, line + before)
    make_migrations(bench)
    change(bench, "sync")

    told = change(bench, "add", "app", "shop", "--views", "cbv")
    assert "manage.py" not in told.output, told
    check(bench)
    told = change(bench, "add", "model", "shop.Category", "name:char:50,unique", "--label", "name")
    assert "manage.py migrate" in told.output and "makemigrations" not in told.output, told
    told = change(bench, "add", "model", "shop.Product", *PRODUCT, *POINTERS)
    assert "conflict" not in told.output and "manage.py makemigrations" in told.output, told
    make_migrations(bench)
    djscaffold("check", cwd=project).succeeded()
    for path, (_, line) in mine.items():
        assert line in (project / path).read_text(encoding="utf-8"), path
    all_is_well(bench)
    pytest_postgres(bench)
    variables = {"DJANGO_SETTINGS_MODULE": "config.settings.local", "DATABASE_URL": "sqlite://:memory:"}
    assert "all pages work" in bench.run("python", "-c", VISIT, **variables).succeeded().out

    # A model of the app that was there from the beginning, beside the owner's edits.
    told = change(bench, "add", "model", "blog.Comment", "text:text", "post:fk:Post", "by:user?", "--owner", "by")
    assert "conflict" not in told.output, told
    make_migrations(bench)
    all_is_well(bench, "blog", "tests")
    assert "subtitle" in (project / "blog/models.py").read_text(encoding="utf-8")

    for place in ("blog.Comment", "shop.Product"):
        assert "manage.py makemigrations" in change(bench, "remove", "model", place).output
    make_migrations(bench)
    all_is_well(bench, "blog", "shop", "tests")
    assert "migrate shop zero" in djscaffold("remove", "app", "shop", "--dry-run", cwd=project).output


@pytest.mark.xdist_group("startapp")
def test_an_app_that_django_started_gets_its_models(make_bench: MakeBench) -> None:
    bench = make_bench("--preset", "minimal", database="startapp")
    bench.manage("startapp", "shop").succeeded()
    change(bench, "add", "app", "shop")
    assert sorted(path.name for path in (bench.project / "shop").iterdir() if path.suffix == ".py") == [
        "__init__.py",
        "apps.py",
        "models.py",
    ]
    check(bench)
    change(bench, "add", "model", "shop.Product", "name:char:120", "parent:fk:self?", "at:datetime:auto_now_add")
    all_is_well(bench)
    # A model that the owner wrote is only declared.
    models = bench.project / "shop/models.py"
    models.write_text(
        models.read_text(encoding="utf-8") + "\n\nclass Offer(models.Model):\n    until = models.DateField()\n\n"
        "    def __str__(self) -> str:\n        return str(self.until)\n",
        encoding="utf-8",
    )
    change(bench, "add", "model", "shop.Offer")
    make_migrations(bench)
    check(bench)
    passed(bench.run("pytest", "-q", "shop", timeout=600))


@pytest.mark.xdist_group("no-models")
def test_a_project_without_models_passes_its_tests(make_bench: MakeBench) -> None:
    bench = make_bench("--preset", "standard", database="no_models")
    for name in ("Post", "Tag"):
        change(bench, "remove", "model", f"blog.{name}")
    make_migrations(bench)
    all_is_well(bench)
