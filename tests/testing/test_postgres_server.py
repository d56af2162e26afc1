"""Can tests make, kill, freeze and restart a PostgreSQL, each version there is, without one set up by hand?"""

import os
import threading

import psycopg
import pytest

from leitstand.testing.postgres_server import PostgresServer, installations


def name_of(url):
    return url.rsplit("/", 1)[-1]


@pytest.mark.parametrize("version", installations())
def test_every_version_starts_and_says_which_it_is(version):
    with PostgresServer(version) as server:
        url = server.database()
        assert server.sql("SHOW server_version_num", database=name_of(url)).startswith(str(version))
        pid = server.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_there_is_one_with_pgvector(postgres_server, postgres_database):
    asked = "SELECT '[1,2]'::vector <=> '[1,2]'::vector"
    assert postgres_server.sql("CREATE EXTENSION vector", asked, database=name_of(postgres_database)) == "0"


def test_databases_are_apart_and_copied_from_a_template(postgres_server):
    first = postgres_server.database()
    postgres_server.sql("CREATE TABLE kept (number int)", database=name_of(first))
    copy, other = postgres_server.database(template=name_of(first)), postgres_server.database()
    there = "SELECT count(*) FROM pg_class WHERE relname = 'kept'"
    counted = [postgres_server.sql(there, database=name_of(url)) for url in (first, copy, other)]
    assert counted == ["1", "1", "0"]
    for url in (first, copy, other):
        postgres_server.drop(url)
    names = ", ".join(f"'{name_of(url)}'" for url in (first, copy, other))
    assert postgres_server.sql(f"SELECT count(*) FROM pg_database WHERE datname IN ({names})") == "0"


def test_what_was_committed_outlives_kill_and_crash_at_the_same_address():
    with PostgresServer(durable=True) as server:
        url = server.url()
        server.sql("CREATE TABLE kept (number int)", "INSERT INTO kept VALUES (1)")
        server.kill()
        with pytest.raises(RuntimeError):
            server.sql("SELECT 1")
        server.start()
        server.sql("INSERT INTO kept VALUES (2)")
        server.restart("immediate")
        assert server.sql("SELECT sum(number) FROM kept") == "3"
        assert server.url() == url


def test_read_only_reaches_open_connections_and_ends():
    with PostgresServer() as server, psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (number int)")
        server.read_only(True)
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            until_it_fails(connection, "INSERT INTO kept VALUES (1)")
        server.read_only(False)
        until_it_works(connection, "INSERT INTO kept VALUES (2)")


def until_it_fails(connection, statement):
    while True:
        connection.execute(statement)


def until_it_works(connection, statement):
    while True:
        try:
            return connection.execute(statement)
        except psycopg.errors.ReadOnlySqlTransaction:
            continue


def test_a_frozen_server_answers_when_it_is_thawed():
    with PostgresServer() as server:
        server.freeze()
        answers = []
        asking = threading.Thread(target=lambda: answers.append(server.sql("SELECT 1")))
        asking.start()
        asking.join(0.5)
        assert answers == []
        server.thaw()
        asking.join()
        assert answers == ["1"]


def test_a_server_freezes_though_its_visitors_come_and_go():
    """Each connection is a process of the server, which may be gone between the look at it and the signal to it."""
    with PostgresServer() as server:
        over = threading.Event()

        def visit():
            while not over.is_set():
                psycopg.connect(server.url()).close()

        visitors = [threading.Thread(target=visit) for _ in range(4)]
        for visitor in visitors:
            visitor.start()
        try:
            for _ in range(100):
                server.freeze()
                server.thaw()
        finally:
            over.set()
            for visitor in visitors:
                visitor.join()
        assert server.sql("SELECT 1") == "1"
