"""podcast.toml is strict, says where it is wrong, and gives way to the environment."""

from pathlib import Path

import pytest

from podcast.config import find_line, find_project, load_config
from podcast.errors import ConfigError


def write(folder: Path, text: str) -> Path:
    path = folder / "podcast.toml"
    path.write_text(text)
    return path


def test_an_empty_file_is_a_whole_configuration(tmp_path: Path) -> None:
    project = find_project(write(tmp_path, "").parent, {})
    assert "http://127.0.0.1:8000/" == project.config.public_url
    assert f"sqlite:///{tmp_path}/.podcast/catalogue.db" == project.catalogue_url
    assert "public" == project.config.storage.url


def test_a_file_from_a_windows_editor_is_as_good(tmp_path: Path) -> None:
    (tmp_path / "podcast.toml").write_bytes(b'\xef\xbb\xbfpublic_url = "https://a.example/"\r\n')
    assert "https://a.example/" == load_config(tmp_path / "podcast.toml", {}).public_url


def test_a_project_is_found_from_a_folder_below_it(tmp_path: Path) -> None:
    write(tmp_path, "")
    below = tmp_path / "episodes" / "2026"
    below.mkdir(parents=True)
    assert tmp_path == find_project(below, {}).root


def test_no_project_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        find_project(tmp_path, {})
    assert "podcast init" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "line", "key", "near"),
    [
        ('\npublic_ulr = "http://x.example"\n', 2, "public_ulr", "public_url"),
        ('public_url = "http://x.example"\n\n[storage]\nurl = "x"\nendpont = "y"\n', 5, "storage.endpont", "endpoint"),
        ("[storrage]\n", 1, "storrage", "storage"),
        ('storage.regoin = "x"\n', 1, "storage.regoin", "region"),
    ],
)
def test_an_unknown_key_names_itself_its_line_and_the_nearest_known_key(tmp_path: Path, text: str, line: int, key: str, near: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(write(tmp_path, text), {})
    assert f"podcast.toml, line {line}: unknown key `{key}`." == caught.value.message
    assert f"Did you mean `{near}`?" == caught.value.hint


def test_an_unknown_key_like_no_other_lists_what_is_known(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(write(tmp_path, "[catalogue]\nqqqq = 1\n"), {})
    assert "Known here: url." == caught.value.hint


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("public_url = 5", "line 1: `public_url`"),
        ('[storage]\n\npath_style = "yes"', "line 3: `storage.path_style`"),
        ('public_url = "ftp://x.example"', "public_url"),
        ('public_url = "https://user:word@x.example"', "public_url"),
        ('time_zone = "Europe/Pragu"', "time_zone"),
        ('time_zone = "../x"', "time_zone"),
        ("public_url = http", "no valid TOML"),
    ],
)
def test_a_wrong_value_is_told_with_its_place(tmp_path: Path, text: str, part: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(write(tmp_path, text), {})
    assert part in caught.value.message
    assert caught.value.hint


def test_the_environment_beats_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, '[storage]\nurl = "public"\n')
    environment = {"PODCAST_STORAGE_URL": "s3://b/p", "PODCAST_STORAGE_PATH_STYLE": "false", "PODCAST_TIME_ZONE": "Asia/Bishkek"}
    config = load_config(path, environment)
    assert ("s3://b/p", False, "Asia/Bishkek") == (config.storage.url, config.storage.path_style, config.time_zone)


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    path = write(tmp_path, "")
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(path, {})


def test_a_key_in_the_second_of_several_tables_is_found_there() -> None:
    text = 'title = "x"\n[[persons]]\nname = "a"\n\n[[persons]]\nnmae = "b"\n'
    assert 6 == find_line(text, ("persons", 1, "nmae"))
    assert 5 == find_line(text, ("persons", 1, "gone"))
