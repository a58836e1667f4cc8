"""Files appear together or not at all, inside the output folder only, and leave no trace of the attempt."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from survey_kpi.errors import RunError, SpecError
from survey_kpi.report import files
from survey_kpi.report.files import SUFFIX, contained, publish

NEW = {Path("a.html"): b"new a", Path("sub/b.pdf"): b"new b", Path("sub/c.ipynb"): b"new c"}


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "reports"
    folder.mkdir()
    return folder


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def everything(root: Path) -> dict[str, bytes]:
    return {path.as_posix(): content for path, content in NEW.items()}


def test_all_files_appear_with_their_folders(root):
    publish(NEW, root=root)
    assert tree(root) == everything(root)


def test_old_files_are_replaced_and_strangers_stay(root):
    (root / "a.html").write_bytes(b"old")
    (root / "notes.txt").write_bytes(b"mine")
    publish(NEW, root=root)
    assert tree(root) == {**everything(root), "notes.txt": b"mine"}


def test_files_have_the_usual_rights(root):
    publish(NEW, root=root)
    mask = os.umask(0)
    os.umask(mask)
    assert (root / "a.html").stat().st_mode & 0o777 == 0o666 & ~mask


def test_absolute_paths_inside_the_root_are_taken(root):
    publish({root / "a.html": b"x"}, root=root)
    assert tree(root) == {"a.html": b"x"}


def test_names_in_chinese_and_a_relative_root_are_taken(root, monkeypatch):
    monkeypatch.chdir(root.parent)
    publish({Path("季度/领导版.zh.html"): b"x"}, root=Path("reports"))
    assert tree(root) == {"季度/领导版.zh.html": b"x"}


@pytest.mark.parametrize("failing", range(3))
@pytest.mark.parametrize("kind", [OSError, KeyboardInterrupt])
def test_a_rename_that_fails_brings_everything_back(root, monkeypatch, failing, kind):
    old = {"a.html": b"old a", "sub/b.pdf": b"old b"}
    publish({Path(name): content for name, content in old.items()}, root=root)
    replace, calls = Path.replace, []

    def stumble(self, target):
        calls.append(target)
        if len(calls) == failing + 1:
            raise kind(errno.EIO, "the disk is tired")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", stumble)
    with pytest.raises(RunError if kind is OSError else KeyboardInterrupt):
        publish(NEW, root=root)
    assert tree(root) == old


@pytest.mark.parametrize("links", [True, False], ids=["with links", "without links"])
def test_what_stood_there_comes_back_without_hard_links_too(root, monkeypatch, links):
    if not links:
        monkeypatch.setattr(os, "link", lambda *_, **__: (_ for _ in ()).throw(OSError(errno.EPERM, "no")))
    (root / "a").write_bytes(b"old")
    (root / "b").mkdir()
    monkeypatch.setattr(files, "_check_place", lambda target: None)
    with pytest.raises(RunError):
        publish({Path("a"): b"new", Path("b"): b"new"}, root=root)
    assert tree(root) == {"a": b"old"}


def test_a_full_disk_leaves_nothing(root, monkeypatch):
    calls = []

    def full(descriptor):
        calls.append(descriptor)
        if len(calls) == 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "c.ipynb")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunError, match="No space left on device") as caught:
        publish(NEW, root=root)
    assert caught.value.code == "disk"
    assert "a.html, b.pdf, c.ipynb" in str(caught.value)
    assert tree(root) == {}


def test_a_folder_in_the_place_of_a_file_is_told(root):
    (root / "sub" / "b.pdf").mkdir(parents=True)
    with pytest.raises(RunError, match=r"b\.pdf: .* got a folder stands where the file should go"):
        publish(NEW, root=root)
    assert tree(root) == {}


def test_a_file_in_the_place_of_a_folder_is_told(root):
    (root / "sub").write_bytes(b"in the way")
    with pytest.raises(RunError) as caught:
        publish(NEW, root=root)
    assert caught.value.code == "disk"
    assert tree(root) == {"sub": b"in the way"}


def test_what_a_killed_run_left_is_swept(root):
    code = f"""
import os
from pathlib import Path
from survey_kpi.report import files
files._replace = lambda targets: os.kill(os.getpid(), 9)
files.publish({{Path("a.html"): b"x"}}, root=Path({str(root)!r}))
"""
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == -9
    assert [path.name for path in root.iterdir()] == [f".a.html.new{SUFFIX}"]
    publish({Path("other.html"): b"y"}, root=root)
    assert tree(root) == {"other.html": b"y"}


@pytest.mark.skipif(sys.platform == "win32", reason="folders cannot be locked")
def test_two_publishers_take_turns(root):
    code = f"""
import sys, time
from pathlib import Path
from survey_kpi.report import files
replace = files._replace
def slow(targets):
    print("inside", flush=True); time.sleep(0.5); replace(targets)
files._replace = slow
files.publish({{Path("a"): b"first", Path("b"): b"first"}}, root=Path({str(root)!r}))
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as other:
        assert other.stdout and other.stdout.readline() == b"inside\n"
        publish({Path("a"): b"second", Path("b"): b"second"}, root=root)
        assert other.wait(timeout=30) == 0
    assert tree(root) == {"a": b"second", "b": b"second"}


# --- inside the root ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "../a",
        "sub/../../a",
        "/etc/passwd",
        "..",
        ".",
        "sub/..",
        "a\0b",
        "sub\0/x",
        "../reports2/a",
        "\ud800/a",
        "\ud800",
    ],
    ids=ascii,
)
def test_no_path_leaves_the_root(root, path):
    with pytest.raises(SpecError) as caught:
        publish({Path("ok"): b"x", Path(path): b"x"}, root=root)
    assert caught.value.code == "path_escape"
    assert str(caught.value).encode("utf-8")
    assert tree(root.parent) == {}


def test_a_linked_folder_that_leads_out_is_refused(root, tmp_path):
    (tmp_path / "outside").mkdir()
    (root / "sub").symlink_to(tmp_path / "outside")
    with pytest.raises(SpecError, match="path_escape"):
        publish(NEW, root=root)
    assert tree(tmp_path / "outside") == {}


def test_a_link_in_the_place_of_a_file_is_replaced_not_followed(root, tmp_path):
    secret = tmp_path / "secret"
    secret.write_bytes(b"mine")
    (root / "a.html").symlink_to(secret)
    publish({Path("a.html"): b"new"}, root=root)
    assert secret.read_bytes() == b"mine"
    assert not (root / "a.html").is_symlink()
    assert tree(root) == {"a.html": b"new"}


def test_a_link_planted_under_the_temporary_name_is_not_followed(root, tmp_path):
    secret = tmp_path / "secret"
    secret.write_bytes(b"mine")
    (root / f".a.html.new{SUFFIX}").symlink_to(secret)
    publish({Path("a.html"): b"new"}, root=root)
    assert secret.read_bytes() == b"mine"


def test_the_root_itself_may_be_a_link(root, tmp_path):
    (tmp_path / "link").symlink_to(root)
    publish({Path("a"): b"x"}, root=tmp_path / "link")
    assert tree(root) == {"a": b"x"}
    assert contained(Path("a"), tmp_path / "link") == root.resolve() / "a"


def test_two_paths_of_one_file_are_refused(root):
    with pytest.raises(SpecError, match="duplicate_output"):
        publish({Path("a"): b"1", Path("sub/../a"): b"2"}, root=root)
    assert tree(root) == {}


def test_nothing_to_publish_is_no_error(root):
    publish({}, root=root)
    assert tree(root) == {}
