"""On PostgreSQL nothing waits for ever, and what is listed, filtered or searched comes through an index."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from lab.checks import (
    Bench,
    check,
    djlint,
    makemigrations_sqlite,
    migrate_postgres,
    mypy,
    pytest_postgres,
    pytest_sqlite,
    ruff_check,
    ruff_format,
    sqlite,
)
from lab.conftest import MakeBench
from support.commands import Result

ALONE = {
    "database": ["--with", "database"],
    "persistent": ["--with", "database", "--set", "database.connections=persistent"],
    "health": ["--with", "health"],
}
SHORT = {"PGOPTIONS": "-c statement_timeout=1s -c lock_timeout=1s -c idle_in_transaction_session_timeout=1s"}
# What README says of a migration that takes longer, with a shorter wait.
MIGRATING = {"PGOPTIONS": "-c lock_timeout=1s"}
# Longer than a statement and an idle transaction may take, then something that needs a lock.
SLOW = """
import time

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("blog", "0002_search")]
    operations = [
        migrations.RunSQL("SELECT pg_sleep(2)"),
        migrations.RunPython(lambda apps, schema_editor: time.sleep(2)),
        migrations.RunSQL("ALTER TABLE blog_tag ADD slow integer"),
    ]
"""
LOCKED = """
import psycopg, subprocess, sys

with psycopg.connect(sys.argv[1]) as other:
    other.execute("LOCK TABLE blog_tag")
    sys.exit(subprocess.run([sys.executable, "manage.py", "migrate"]).returncode)
"""


@pytest.mark.xdist_group("postgres-alone")
@pytest.mark.parametrize("alone", ALONE)
def test_each_alone_on_a_minimal_project(make_bench: MakeBench, alone: str) -> None:
    bench = make_bench("--preset", "minimal", *ALONE[alone], database=f"alone_{alone}")
    for passes in (ruff_check, ruff_format, djlint, check, makemigrations_sqlite, mypy, pytest_sqlite, pytest_postgres):
        passes(bench)


@pytest.fixture(scope="module")
def bench(make_bench: MakeBench) -> Bench:
    return make_bench("--preset", "minimal", "--with", "database,health", database="postgres")


def shell(bench: Bench, program: str, **variables: str) -> Result:
    return bench.manage("shell", "-v", "0", "-c", program, **variables)


@pytest.mark.xdist_group("postgres")
def test_running_connections_have_the_limits(bench: Bench) -> None:
    program = (
        "from django.db import connection\n"
        "for name in ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'):\n"
        "    with connection.cursor() as cursor:\n"
        "        cursor.execute(f'SHOW {name}')\n"
        "        print(cursor.fetchone()[0])\n"
    )
    url = bench.postgres("limits")
    assert shell(bench, program, DATABASE_URL=url).succeeded().out.split() == ["30s", "5s", "1min"]
    assert shell(bench, program, DATABASE_URL=url, **SHORT).succeeded().out.split() == ["1s", "1s", "1s"]


@pytest.mark.xdist_group("postgres")
def test_statement_that_takes_too_long_is_stopped(bench: Bench) -> None:
    program = "from django.db import connection; connection.cursor().execute('SELECT pg_sleep(3)')"
    stopped = shell(bench, program, DATABASE_URL=bench.postgres("slow"), **SHORT)
    assert stopped.code != 0
    assert "statement timeout" in stopped.err


@pytest.mark.xdist_group("postgres")
def test_migration_takes_its_time_but_waits_for_no_lock(make_bench: MakeBench) -> None:
    bench = make_bench("--preset", "minimal", "--with", "database", database="slow")
    migrate_postgres(bench)
    url = bench.postgres("migrations")
    bench.manage("migrate", DATABASE_URL=url).succeeded()
    (bench.project / "blog/migrations/0003_slow.py").write_text(SLOW)
    refused = bench.run("python", "-c", LOCKED, url, DATABASE_URL=url, **MIGRATING)
    assert refused.code != 0
    assert "lock timeout" in refused.err
    stopped = bench.manage("migrate", DATABASE_URL=url, **SHORT)
    assert stopped.code != 0
    assert "statement timeout" in stopped.err
    bench.manage("migrate", DATABASE_URL=url, **MIGRATING).succeeded()


@pytest.mark.xdist_group("postgres")
def test_of_several_machines_one_migrates_and_the_others_wait(make_bench: MakeBench) -> None:
    bench = make_bench("--preset", "minimal", "--with", "swarm", database="machines")
    url = bench.postgres("migrations")
    bench.manage("migrate", DATABASE_URL=url).succeeded()
    (bench.project / "blog/migrations/0003_slow.py").write_text(SLOW)
    with ThreadPoolExecutor() as pool:
        both = list(pool.map(lambda _: bench.manage("migrate", DATABASE_URL=url, **MIGRATING), range(2)))
    said = sorted(result.succeeded().out for result in both)
    assert "blog.0003_slow... OK" in said[0] and "No migrations to apply" in said[1], said
    bench.manage("migrate", "--fake", "blog", "0002", DATABASE_URL=url).succeeded()
    refused = bench.run("python", "-c", LOCKED, url, DATABASE_URL=url, **MIGRATING)
    assert refused.code != 0 and "lock timeout" in refused.err, "the migration itself waits for no lock"


@pytest.mark.xdist_group("postgres")
def test_search_migration_goes_both_ways(bench: Bench) -> None:
    for url in (bench.postgres("reversed"), sqlite(bench, "reversed")):
        for target in ("0002", "0001", "0002", "zero"):
            bench.manage("migrate", "blog", target, DATABASE_URL=url).succeeded()


@pytest.mark.xdist_group("postgres")
def test_a_hundred_thousand_rows_are_read_through_indexes(bench: Bench) -> None:
    url = bench.postgres("plans")
    bench.manage("migrate", DATABASE_URL=url).succeeded()
    plans = json.loads(bench.inside("page_plans.py", DATABASE_URL=url, PGOPTIONS=""))
    assert len(plans) == 27
    for name, plan in plans.items():
        assert "Seq Scan on blog_" not in plan, f"{name}:\n{plan}"
    # One that finds little: where much is found, going through the order's index ends soon enough.
    for name in ("rare in posts for nobody", "rare in posts for member", "rare in posts for staff"):
        assert "blog_post_search_idx" in plans[name], plans[name]
    assert "blog_tag_search_idx" in plans["rare in tags"], plans["rare in tags"]
