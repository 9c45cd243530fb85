"""What each role may do where: pages and the API here, the admin in what is generated."""

import shutil

from lab.checks import passed
from lab.conftest import MakeBench
from support import INSIDE

NAMES = {
    action: [f"blog.{action}_{model}" for model in ("post", "tag")] for action in ("add", "change", "delete", "view")
}
ROLES = {
    "guest": [],
    "reader": NAMES["view"],
    "editor": [*NAMES["add"], *NAMES["change"], *NAMES["view"]],
    "cleaner": NAMES["delete"],
    "chief": [*NAMES["add"], *NAMES["change"], *NAMES["delete"], *NAMES["view"]],
}


def test_every_role_and_action_on_pages_and_api(make_bench: MakeBench) -> None:
    roles = ", ".join(f"{role} = {names}" for role, names in ROLES.items())
    bench = make_bench(
        "--preset", "standard", "--with", "roles", "--set", f"roles.roles={{ {roles} }}", database="roles"
    )
    shutil.copy(INSIDE / "test_roles_crossed.py", bench.project / "tests")
    tests = ["tests/test_roles_crossed.py", "accounts/tests/test_roles.py"]
    passed(bench.run("python", "-m", "pytest", "-q", *tests))
