import pytest

from maagn.video.decoder.packet_index import Coded, describer

AVCC = bytes([1, 100, 0, 31, 0xFF, 0xE1, 0, 27])
HVCC = bytes([1, *[0] * 20, 0x0F, 0])
SPS, PPS = b"\x67\x64", b"\x68\xee"


def packet(*units):
    return b"".join(len(unit).to_bytes(4, "big") + unit for unit in units)


@pytest.mark.parametrize(
    ("units", "kind"),
    [
        ([b"\x65\x88"], Coded(idr=True, disposable=False)),
        ([b"\x41\x9a"], Coded(idr=False, disposable=False)),  # nal_ref_idc 2
        ([b"\x01\x9e"], Coded(idr=False, disposable=True)),  # nal_ref_idc 0
        ([b"\x06\x05", b"\x65\x88", b"\x65\x89"], Coded(idr=True, disposable=False)),
        ([SPS, PPS, b"\x65\x88"], Coded(True, disposable=False, parameters=(SPS, PPS))),
        ([b"\x41\x9a", b"\x01\x9e"], None),  # slices that contradict each other
        ([b"\x06\x05"], None),  # no picture in it
        ([b"\x42\x9a"], None),  # a data partition
        ([b"\x6e\x9a", b"\x65\x88"], None),  # a prefix of scalable video
        ([b"\xe5\x88"], None),  # the bit that is always zero
        ([b"\x01\x9e\0\0\0\x80"], None),  # what never occurs inside a unit
        ([b"\x01\x9e\0\0\3\0\x80"], Coded(idr=False, disposable=True)),
        ([b""], None),
    ],
)
def test_h264(units, kind):
    assert describer("h264", AVCC)(packet(*units)) == kind


@pytest.mark.parametrize(
    ("units", "kind"),
    [
        ([b"\x26\x01\xaf"], Coded(idr=True, disposable=False)),  # IDR_W_RADL
        ([b"\x28\x01\xaf"], Coded(idr=True, disposable=False)),  # IDR_N_LP
        ([b"\x2a\x01\xaf"], Coded(idr=False, disposable=False)),  # CRA
        ([b"\x02\x01\xaf"], Coded(idr=False, disposable=False)),  # TRAIL_R
        ([b"\x00\x01\xaf"], Coded(idr=False, disposable=True)),  # TRAIL_N
        ([b"\x00\x03\xaf"], Coded(idr=False, disposable=True, layer=2)),
        ([b"\x12\x01\xaf"], Coded(idr=False, disposable=False)),  # RASL_R
        ([b"\x10\x01\xaf"], Coded(idr=False, disposable=True)),  # RASL_N
        ([b"\x20\x01\xaf"], Coded(idr=False, disposable=False)),  # BLA, of no two kinds
        ([b"\x40\x01\x0c", b"\x26\x01\xaf"], Coded(True, False, (b"\x40\x01\x0c",))),
        ([b"\x26\x09\xaf"], None),  # of a second layer
        ([b"\x62\x01\xaf", b"\x26\x01\xaf"], None),  # unspecified 49
        ([b"\x26\x01\xaf", b"\x02\x01\xaf"], None),
    ],
)
def test_hevc(units, kind):
    assert describer("hevc", HVCC)(packet(*units)) == kind


def test_lengths_that_do_not_fill_the_packet():
    whole = packet(b"\x65\x88", b"\x65\x89")
    describe = describer("h264", AVCC)
    assert describe(whole) is not None
    assert describe(whole[:-1]) is None
    assert describe(whole + b"\0") is None
    assert describe(b"\0\0\0\1" + whole[4:]) is None


def test_shorter_lengths_where_the_header_says_so():
    describe = describer("h264", bytes([*AVCC[:4], 0xFD, *AVCC[5:]]))
    assert describe(b"\0\2\x65\x88") == Coded(idr=True, disposable=False)


@pytest.mark.parametrize(
    ("codec", "header"),
    [
        ("vp9", AVCC),
        ("h264", b""),
        ("h264", b"\0\0\0\1\x67\x64\x00"),
        ("hevc", b"\0\0\0\1\x40\x01"),
    ],
)
def test_other_streams_are_not_described(codec, header):
    assert describer(codec, header) is None
