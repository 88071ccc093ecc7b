"""The files of a run: which columns its tables have, and how they are written."""

import pyarrow as pa

MANIFEST = "manifest.json"
VIDEOS = "videos.parquet"
ANSWERS = "answers.parquet"
EXPLANATIONS = "explanations.parquet"

VIDEO_ROWS = pa.schema(
    {
        "place": pa.int32(),  # in the set, from 0
        "id": pa.string(),
        "path": pa.string(),  # from the set's folder
        "label": pa.int16(),  # null where the set does not say
    }
)
ANSWER_ROWS = pa.schema(
    {
        "model": pa.dictionary(pa.int8(), pa.string()),
        "place": pa.int32(),
        "id": pa.string(),
        "label": pa.int16(),
        "answer": pa.int16(),  # null, as all that follow, where there is a reason
        "probability": pa.float32(),  # of the answer
        "top5": pa.list_(pa.int16()),  # most probable first
        "logits": pa.list_(pa.float32()),  # mean of the views'
        "reason": pa.string(),  # why there is no answer; null where there is one
    }
)
EXPLANATION_ROWS = pa.schema(
    {
        **{name: ANSWER_ROWS.field(name).type for name in ANSWER_ROWS.names[:6]},
        "path_frames": pa.list_(pa.int16()),  # of MAAGN's paths, shallow first
        "votes": pa.list_(pa.float32()),  # logits of each path, path by path
        # Masks and gates of the paths' frames, path by path; null without such a part.
        "sdm": pa.list_(pa.float32()),  # in (0, 1), Eq. 5
        "mtam_max": pa.list_(pa.float32()),  # in (0, 1), Eq. 7
        "mtam_avg": pa.list_(pa.float32()),  # in (0, 1), Eq. 9
        "mtam_both": pa.list_(pa.float32()),  # in (0, 1), Eq. 12
        "gate": pa.list_(pa.float32()),  # mean magnitude of the gate's output, Eq. 15
        "shares": pa.list_(pa.float32()),  # spatial, temporal, gate: three a frame, summing to 1
        "cam": pa.list_(pa.uint8()),  # Grad-CAM of the answer, frame by frame, row by row
        "cam_shape": pa.list_(pa.int16()),  # frames, rows, columns
        "cam_scale": pa.float32(),  # value = byte / 255 * scale; what is negative is 0
        "reason": pa.string(),
    }
)
WRITTEN = {"compression": "zstd", "compression_level": 3, "row_group_size": 16_384}
"""How tables are written: without times or chance, so that equal rows are equal bytes."""
