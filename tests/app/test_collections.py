"""What visitors collect: changes by hand, and what stays on the disk."""

import io
import zipfile

import pytest

from app.errors import CollectionError
from app.server.collection import MOST_CLASSES, Collected, CollectedClip, Collection
from app.server.collection_store import CollectionStore
from app.server.uploads import MEGABYTES
from maagn.teach.examples import check_name

METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
A, B = CollectedClip("a" * 64 + ".mp4", "a.mp4"), CollectedClip("b" * 64 + ".webm", "b.webm")
TWO = Collection("0" * 8, "doors", (Collected("open", (A,)), Collected("close")))


def test_a_clip_has_one_class_and_is_there_once():
    assert TWO.with_clip("open", A) == TWO
    assert TWO.with_clip("close", B).classes[1].clips == (B,)
    with pytest.raises(CollectionError, match=r"a\.mp4 is in open already"):
        TWO.with_clip("close", A)
    assert TWO.without_clip(A.file).clips == 0


def test_each_class_has_one_opposite_and_a_new_name_takes_it_along():
    three = TWO.with_class("wave").with_opposite("open", "close")
    assert three.opposite_of("close") == "open"
    assert three.renamed("open", "opening").opposites == (("opening", "close"),)
    assert three.with_opposite("wave", "open").opposites == (("wave", "open"),)
    assert three.with_opposite("open", None).opposites == ()
    assert three.without_class("close").opposites == ()
    with pytest.raises(CollectionError, match="no class gone"):
        three.with_opposite("open", "gone")


@pytest.mark.parametrize("name", ["", "  ", "a/b", ".hidden", "x" * 61])
def test_names_that_could_not_be_folders_are_refused(name):
    with pytest.raises(CollectionError, match="needs a name"):
        TWO.with_class(name)


def test_two_classes_of_one_name_and_too_many_are_refused():
    with pytest.raises(CollectionError, match="a class Open already"):
        TWO.with_class("Open")
    full = TWO
    for number in range(MOST_CLASSES - 2):
        full = full.with_class(f"c{number}")
    with pytest.raises(CollectionError, match=f"at most {MOST_CLASSES} classes"):
        full.with_class("one more")


@pytest.fixture
def store(tmp_path):
    return CollectionStore(tmp_path, quota=5000, of_one=3000)


def filled(store, owner="anna"):
    made = store.create(owner, "doors")
    for label, name, content in (("open", "a.mp4", b"1"), ("shut", "b.webm", b"2")):
        store.change(owner, made.key, lambda c, label=label: c.with_class(label))
        store.take(owner, made.key, label, content, name=name)
    return store.change(owner, made.key, lambda c: c.with_opposite("open", "shut"))


def test_a_collection_survives_the_process(store):
    made = filled(store)
    assert CollectionStore(store.root).find("anna", made.key) == made
    assert CollectionStore(store.root).all("anna") == [made]


def test_it_is_its_owners(store):
    made = filled(store)
    assert store.find("ben", made.key) is None
    assert store.all("ben") == []
    store.remove("ben", made.key)
    assert store.find("anna", made.key) == made
    assert not any("anna" in str(path) for path in store.root.rglob("*"))


def test_a_clip_that_is_taken_out_goes_from_the_disk_with_its_picture(store):
    made = filled(store)
    clip = made.classes[0].clips[0]
    folder = store.clips_folder("anna", made.key)
    (folder / clip.file).with_suffix(".jpg").write_bytes(b"picture")
    assert len(list(folder.iterdir())) == 3
    store.change("anna", made.key, lambda c: c.without_clip(clip.file))
    assert len(list(folder.iterdir())) == 1


def test_names_never_become_paths(store):
    made = filled(store)
    clip = store.take("anna", made.key, "open", b"x", name="../../evil.mp4")
    assert (store.clips_folder("anna", made.key) / clip.file).is_file()
    assert not list(store.root.parent.glob("**/evil.mp4"))
    with pytest.raises(CollectionError, match="names no collection"):
        store.folder("anna", "../../x")
    with pytest.raises(CollectionError, match="not called as videos are"):
        store.take("anna", made.key, "open", b"x", name="evil.py")


def test_a_description_that_leads_elsewhere_is_not_read(store):
    made = filled(store)
    path = store.folder("anna", made.key) / "collection.json"
    path.write_text(path.read_text().replace(made.classes[0].clips[0].file, "../../../x.mp4"))
    assert store.find("anna", made.key) is None


def test_a_clip_that_no_class_takes_leaves_no_file(store):
    made = filled(store)
    folder = store.clips_folder("anna", made.key)
    before = sorted(folder.iterdir())
    with pytest.raises(CollectionError, match="is in open already"):
        store.take("anna", made.key, "shut", b"1", name="a.mp4")
    with pytest.raises(CollectionError, match="no class gone"):
        store.take("anna", made.key, "gone", b"new", name="a.mp4")
    with pytest.raises(CollectionError, match="not there any more"):
        store.take("anna", "0" * 8, "open", b"new", name="a.mp4")
    assert sorted(folder.iterdir()) == before
    assert store.all("anna") == [made]


def test_no_two_collections_of_one_owner_share_a_name(store):
    long = "x" * 40
    names = [store.create("anna", name).name for name in ("doors", "Doors", "doors", long, long)]
    assert names == ["doors", "Doors 2", "doors 3", long, "x" * 36 + " 2"]
    assert store.create("ben", "doors").name == "doors"
    made = store.create("anna", "boxes")
    with pytest.raises(CollectionError, match="a collection doors already"):
        store.rename("anna", made.key, "DOORS")
    assert store.rename("anna", made.key, "Boxes").name == "Boxes"


def test_quotas(store):
    made = filled(store)
    with pytest.raises(CollectionError, match=r"c\.mp4 exceeds your quota"):
        store.take("anna", made.key, "open", b"x" * 3000, name="c.mp4")
    store.take("anna", made.key, "open", b"x" * 2000, name="c.mp4")
    other = filled(store, "ben")
    with pytest.raises(CollectionError, match=r"no room for d\.mp4 now"):
        store.take("ben", other.key, "open", b"x" * 2400, name="d.mp4")


def test_out_as_class_folders_and_back(store):
    made = filled(store)
    content = store.exported("anna", made)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["open/001 a.mp4", "shut/001 b.webm", "opposites.csv"]
    back = CollectionStore(store.root / "other").bring_back("ben", content, name="doors.zip")
    assert back.name == "doors"
    assert [each.name for each in back.classes] == ["open", "shut"]
    assert back.opposites == made.opposites
    assert back.classes == made.classes


def test_opposites_with_quotation_marks_and_commas_come_back(store):
    made = filled(store)
    store.change("anna", made.key, lambda c: c.renamed("open", 'say "open", twice'))
    made = store.change("anna", made.key, lambda c: c.renamed("shut", '"shut"'))
    back = store.bring_back("anna", store.exported("anna", made), name="doors.zip")
    assert back.opposites == made.opposites == (('say "open", twice', '"shut"'),)


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("doors.zip", "doors"),
        ("my doors (1).zip", "my doors 1"),
        ("_a_&_b_.zip", "a_ b"),
        ("été.zip", "été"),
        ("???.zip", "My classes"),
        (f"{'x' * 90}.zip", "x" * 40),
    ],
)
def test_a_file_that_is_brought_back_gives_a_name_that_networks_can_have(store, file, name):
    made = store.bring_back("anna", zipped(**{"open/a.mp4": b"1"}), name=file)
    assert made.name == name
    check_name(made.name)


def zipped(method=zipfile.ZIP_STORED, /, **files):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def damaged(method):
    """A whole directory, and a stream that cannot be unpacked."""
    content = bytearray(zipped(method, **{"open/a.mp4": bytes(range(256)) * 8}))
    content[45:60] = b"\xff" * 15
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        *((damaged(method), "no ZIP file") for method in METHODS),
        (zipped(**{"open/a.mp4": b"1", "opposites.csv": b"a,b\n\xff"}), "no ZIP file"),
        (b"no zip", "no ZIP file"),
        (zipped(**{"a.mp4": b"loose"}), "holds no videos in folders"),
        (zipped(**{"open/a.mp4": b"x" * 4000}), "exceeds your quota"),
        (zipped(**{"open/a.mp4": b"1", "shut/b.mp4": b"1"}), "is in open already"),
    ],
)
def test_what_cannot_be_brought_back_leaves_nothing_behind(store, content, message):
    with pytest.raises(CollectionError, match=message):
        store.bring_back("anna", content, name="mine.zip")
    assert store.all("anna") == []


def test_a_zip_whose_names_lead_out_stays_inside(store):
    back = store.bring_back("anna", zipped(**{"../../open/a.mp4": b"1"}), name="x.zip")
    assert [each.name for each in back.classes] == ["open"]
    assert not list(store.root.parent.glob("a.mp4"))


def test_taught_networks_are_found_by_name_and_collection(store):
    made = filled(store)
    path = store.folder("anna", made.key) / "doors-tsm.safetensors"
    path.write_bytes(b"weights")
    assert store.networks("anna") == [f"doors-tsm@{made.key}"]
    assert store.networks("ben") == []
    assert store.network(f"doors-tsm@{made.key}") == path
    for other in (
        "doors-tsm",
        f"doors-tsn@{made.key}",
        "doors-tsm@../..",
        f"../{made.key}/doors@x",
    ):
        assert store.network(other) is None
    assert store.network(f"../../doors-tsm@{made.key}") == path  # no folder of a name counts


def test_a_clip_of_a_zip_is_no_larger_than_one_that_is_given_by_itself(tmp_path):
    """Some kilobytes that would be unpacked in memory."""
    content = zipped(zipfile.ZIP_DEFLATED, **{"open/a.mp4": bytes(1_000_000 * MEGABYTES + 1)})
    with pytest.raises(CollectionError, match=f"open/a.mp4 is over {MEGABYTES} MB"):
        CollectionStore(tmp_path).bring_back("anna", content, name="x.zip")
