"""Which pictures of a folder are a clip's frames, in which order, and which of them are missing."""

import pytest

from maagn.video.frame_folder import FrameNamesError, frames_in, told, valid_template


def put(folder, *names):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).touch()


def family(template, numbers=range(1, 6)):
    return [template.format(number) for number in numbers]


FLOW = [*family("flow_x_{:05d}.jpg"), *family("flow_y_{:05d}.jpg")]


@pytest.mark.parametrize(
    ("rgb", "others"),
    [
        ("img_{:05d}.jpg", FLOW),
        ("image_{:05d}.jpg", FLOW),
        ("frame{:06d}.jpg", FLOW),
        ("{:05d}.png", FLOW),
        ("rgb_{}.jpg", FLOW),
        ("RGB-{:03d}.JPG", [*family("u_{:03d}.jpg"), *family("v_{:03d}.jpg")]),
        ("img_{:05d}.jpg", [*family("x_{:05d}.jpg"), *family("y_{:05d}.jpg")]),
        ("img_{:05d}.jpg", [*family("tvl1_flow_x{:05d}.jpg"), *family("depth_{:05d}.png")]),
        ("img_{:05d}.jpg", [*family("img_{:05d}_flow.jpg"), *family("img_{:05d}_mask.png")]),
        ("camera_{:05d}.jpg", FLOW),
        ("camera_{:05d}.jpg", ["poster.jpg"]),
        ("img_{:05d}.jpg", family("camera_{:05d}.jpg")),
        ("img_{:05d}.jpg", ["image1.jpg"]),
        ("frame_{:04d}_1080p.jpg", FLOW),
    ],
)
def test_the_rgb_family_alone_is_the_clip(tmp_path, rgb, others):
    put(tmp_path, *others, *family(rgb))
    frames = frames_in(tmp_path)
    assert [path.name for path in frames.paths] == family(rgb)
    assert frames.numbers == (1, 2, 3, 4, 5)
    assert frames.template == rgb
    assert frames.others
    assert not frames.holes()


@pytest.mark.parametrize(
    ("names", "why"),
    [
        (FLOW, "nothing that is called as RGB"),
        (family("flow_x_{:05d}.jpg"), "nothing that is called as RGB"),
        ([*family("left_{}.jpg"), *family("right_{}.jpg")], r"left_\{\}.jpg, right_\{\}.jpg"),
        ([*family("img_{}.jpg"), *family("frame_{}.jpg")], "several kinds"),
        ([*family("img_{}.jpg"), *family("img_{}.png")], "several kinds"),
        ([*family("v1_{:04d}.jpg"), *family("v2_{:04d}.jpg")], r"v1_.*v2_"),
        (["img_1.jpg", "img_01.jpg"], "have one number"),
    ],
)
def test_what_could_be_meant_otherwise_is_refused(tmp_path, names, why):
    put(tmp_path, *names)
    with pytest.raises(FrameNamesError, match=why):
        frames_in(tmp_path)


@pytest.mark.parametrize("template", ["right_{:05d}.jpg", "right_%05d.jpg", "right_{}.jpg"])
def test_a_template_chooses(tmp_path, template):
    put(tmp_path, *family("left_{}.jpg"), *family("right_{}.jpg", range(2, 12)))
    frames = frames_in(tmp_path, template=template)
    assert [path.name for path in frames.paths] == family("right_{}.jpg", range(2, 12))
    assert frames.others == ("left_{}.jpg",)
    with pytest.raises(FrameNamesError, match=r"no picture is called img_.*left_"):
        frames_in(tmp_path, template="img_{:05d}.jpg")


@pytest.mark.parametrize("template", ["", "img.jpg", "{}_{}.jpg", "a/{}.jpg", "{:x}.jpg", "{}.mp4"])
def test_what_is_no_template(tmp_path, template):
    assert not valid_template(template)
    with pytest.raises(FrameNamesError, match="no template"):
        frames_in(tmp_path, template=template)


@pytest.mark.parametrize(
    ("names", "order"),
    [
        (["2.jpg", "10.jpg", "1.jpg"], ["1.jpg", "2.jpg", "10.jpg"]),
        (["b.jpg", "a.jpg", ".c.jpg", "notes.txt"], ["a.jpg", "b.jpg"]),
        (["f_2_066ms.jpg", "f_10_330ms.jpg"], ["f_2_066ms.jpg", "f_10_330ms.jpg"]),
        (["img_1.jpg", "img_3.jpeg", "img_2.png"], ["img_1.jpg", "img_2.png", "img_3.jpeg"]),
        ([], []),
    ],
)
def test_the_order_is_that_of_the_numbers(tmp_path, names, order):
    put(tmp_path, *names)
    assert [path.name for path in frames_in(tmp_path).paths] == order


@pytest.mark.parametrize(
    ("numbers", "holes", "from_one"),
    [
        ([1, 2, 3, 4], [], []),
        ([1, 2, 5, 6], [3, 4], [3, 4]),
        ([3, 4, 5], [], [1, 2]),
        ([0, 1, 2], [], []),
        ([1, 6, 11, 21], [16], None),
        ([0, 33, 67, 100], [], None),
        ([7], [], None),
    ],
)
def test_holes(tmp_path, numbers, holes, from_one):
    put(tmp_path, *family("{:05d}.jpg", numbers))
    frames = frames_in(tmp_path)
    assert [number for hole in frames.holes() for number in hole] == holes
    if from_one is not None:
        assert [number for hole in frames.holes(first=1) for number in hole] == from_one


def test_holes_in_a_sentence(tmp_path):
    assert told([range(6, 11), range(14, 15)]) == "6 pictures (6 to 10, 14)"
    assert told([range(4, 5)]) == "1 picture (4)"
    put(tmp_path, "img_1.jpg", "img_2.jpg", f"img_{10**30}.jpg")  # a stray number costs no memory
    assert told(frames_in(tmp_path).holes()).startswith("999,999,999,999,")
