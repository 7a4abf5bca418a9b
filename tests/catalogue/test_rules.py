"""The database itself refuses what breaks a rule, whoever asks it."""

import pytest
from sqlalchemy.exc import IntegrityError

from podcast.catalogue import Catalogue
from podcast.model import Status
from tests.catalogue.conftest import RunSql
from tests.make import MOMENT, make_episode

FORBIDDEN = {
    "a guid never changes": "UPDATE episodes SET guid = 'new' WHERE slug = 'draft'",
    "the guid of a published show never changes": "UPDATE shows SET guid = 'new'",
    "the slug of a show never changes": "UPDATE shows SET slug = 'new'",
    "a guid is unique": "UPDATE episodes SET guid = (SELECT guid FROM episodes WHERE slug = 'draft') WHERE slug = 'out'",
    "a used guid is never forgotten": "DELETE FROM guids",
    "a used guid is never rewritten": "UPDATE guids SET guid = 'new'",
    "a slug is unique in its show": "UPDATE episodes SET slug = 'out' WHERE slug = 'draft'",
    "a slug is not empty": "UPDATE episodes SET slug = '' WHERE slug = 'draft'",
    "a slug is ASCII": "UPDATE episodes SET slug = 'ж' WHERE slug = 'draft'",
    "a slug holds no slash": "UPDATE episodes SET slug = 'a/b' WHERE slug = 'draft'",
    "a slug is none of storage's own": "UPDATE episodes SET slug = 'media' WHERE slug = 'draft'",
    "the slug of what is published is frozen": "UPDATE episodes SET slug = 'new' WHERE slug = 'out'",
    "the slug of what was published is frozen": "UPDATE episodes SET slug = 'new' WHERE slug = 'down'",
    "what was published was published": "UPDATE episodes SET status = 'draft', released = (1 = 0) WHERE slug = 'out'",
    "what is published is released": "UPDATE episodes SET status = 'published', published = created WHERE slug = 'draft'",
    "a status is one of four words": "UPDATE episodes SET status = 'gone' WHERE slug = 'draft'",
    "what is published has a date": "UPDATE episodes SET published = NULL WHERE slug = 'out'",
    "what is scheduled has a date": "UPDATE episodes SET status = 'scheduled', published = NULL WHERE slug = 'draft'",
    "an episode has a show": "INSERT INTO outbox (show, kind, revision, created) SELECT 'none', 'feed', 1, created FROM shows",
    "a show with episodes stays": "DELETE FROM shows",
    "a length is not negative": "INSERT INTO manifest (key, show, sha256, length, type) VALUES ('k', 'majlis', 'x', -1, 't')",
    "a size is not negative": "INSERT INTO sources (path, size, mtime_ns, show, slug) VALUES ('p', -1, 1, 'majlis', 'draft')",
    "a file has an episode": "INSERT INTO sources (path, size, mtime_ns, show, slug) VALUES ('p', 1, 1, 'majlis', 'none')",
    "a revision only grows": "UPDATE shows SET revision = revision - 1",
    "a token only grows": "UPDATE leases SET token = token - 1",
    "a token is not forgotten": "DELETE FROM leases",
    "a title is there": "UPDATE episodes SET title = NULL",
}


@pytest.fixture
def filled(catalogue: Catalogue) -> Catalogue:
    for slug, status in {"draft": Status.DRAFT, "out": Status.PUBLISHED, "down": Status.WITHDRAWN}.items():
        catalogue.add_episode(make_episode(slug, status=status))
    token = catalogue.acquire("publish/majlis", "here", now=MOMENT, ttl=MOMENT - MOMENT)
    catalogue.release("majlis", [], token=token, now=MOMENT)
    return catalogue


def test_the_database_refuses_what_breaks_a_rule(filled: Catalogue, sql: RunSql) -> None:
    for rule, statement in FORBIDDEN.items():
        try:
            sql(statement)
        except IntegrityError:
            continue
        pytest.fail(f"allowed, although {rule}")
    assert 3 == len(filled.episodes().episodes)


def test_a_removed_guid_cannot_be_inserted_again(filled: Catalogue, sql: RunSql) -> None:
    columns = "show, guid, title, notes, status, created, changed, edited, audio_sha256, released, dirty, more"
    draft = filled.episode("majlis", "draft")
    copy = f"INSERT INTO episodes (slug, {columns}) SELECT 'copy', {columns} FROM episodes WHERE slug = 'draft'"
    sql("CREATE TABLE kept AS SELECT * FROM episodes WHERE slug = 'draft'")
    filled.remove_episode("majlis", "draft")

    with pytest.raises(IntegrityError):
        sql(copy.replace("FROM episodes", "FROM kept"))
    sql("DROP TABLE kept")
    assert [(draft.guid,)] == sql("SELECT guid FROM guids WHERE guid = :guid", guid=draft.guid)
    assert filled.by_guid(draft.guid) is None


def test_replacing_a_row_of_sqlite_does_not_use_its_guid_again(sqlite_catalogue: Catalogue, sqlite_sql: RunSql) -> None:
    sqlite_catalogue.add_episode(make_episode("draft", status=Status.DRAFT))

    with pytest.raises(IntegrityError, match="never used again"):
        sqlite_sql(
            "INSERT OR REPLACE INTO episodes (slug, show, guid, title, notes, status, created, changed, edited, audio_sha256, released,"
            " dirty, more) SELECT 'new', show, guid, title, notes, status, created, changed, edited, audio_sha256, released, dirty, more"
            " FROM episodes"
        )
    assert ("draft",) == tuple(episode.slug for episode in sqlite_catalogue.episodes().episodes)


def test_the_slug_of_a_draft_is_free(filled: Catalogue, sql: RunSql) -> None:
    sql("UPDATE episodes SET slug = 'new' WHERE slug = 'draft'")

    assert Status.DRAFT is filled.episode("majlis", "new").status


def test_text_changed_by_hand_is_found(filled: Catalogue, sql: RunSql) -> None:
    sql("UPDATE episodes SET title = 'Сөз' WHERE slug = 'draft'")

    assert ["draft"] == [episode.slug for episode in filled.search("сөз")]
