"""An app moves to another project, with what all apps use beside it."""

import shutil

from lab.conftest import MakeBench

SETTINGS = """
INSTALLED_APPS += ["blog"]
TEMPLATES[0]["DIRS"] = [BASE_DIR / "templates"]
ALLOWED_HOSTS = ["testserver"]
"""
URLS = """
from django.urls import include
urlpatterns += [path("blog/", include("blog.urls"))]
"""
BASE = "<title>{% block head_title %}{% endblock %}</title>{% block content %}{% endblock %}"
VISIT = """
from django.contrib.auth.models import User
from django.test import Client

ada = User.objects.create_user("ada", password="a correct horse")
client = Client()
client.force_login(ada)
values = {"title": "Moved", "content": "Here", "status": "published"}
assert client.post("/blog/posts/new/", values).headers["Location"] == "/blog/posts/moved/"
for reader in (client, Client()):
    for page in ("/blog/posts/", "/blog/posts/moved/"):
        assert "Moved" in reader.get(page).text, page
assert client.post("/blog/posts/moved/delete/").status_code == 302
assert "Moved" not in Client().get("/blog/posts/").text
import blog.admin, blog.api
"""


def test_an_app_moves_to_another_project(make_bench: MakeBench) -> None:
    bench = make_bench("--preset", "full")
    bench.run("django-admin", "startproject", "elsewhere").succeeded()
    elsewhere = bench.project / "elsewhere"
    for folder in ("blog", "shared"):
        shutil.copytree(bench.project / folder, elsewhere / folder)
    templates = elsewhere / "templates"
    templates.mkdir()
    for name in ("form.html", "confirm_delete.html", "pagination.html"):
        shutil.copy(bench.project / "templates" / name, templates)
    (templates / "base.html").write_text(BASE, encoding="utf-8")
    for name, lines in (("settings.py", SETTINGS), ("urls.py", URLS)):
        with (elsewhere / "elsewhere" / name).open("a", encoding="utf-8") as file:
            file.write(lines)
    for command in (["check"], ["makemigrations", "--check"], ["migrate"], ["shell", "-c", VISIT]):
        bench.run("python", "elsewhere/manage.py", *command).succeeded()
