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
        "answer": pa.int16(),  # null, as all that follow, where the video could not be read
        "probability": pa.float32(),  # of the answer
        "top5": pa.list_(pa.int16()),  # most probable first
        "logits": pa.list_(pa.float32()),  # mean of the views'
        "reason": pa.string(),  # why there is no answer; null where there is one
    }
)
WRITTEN = {"compression": "zstd", "compression_level": 3, "row_group_size": 16_384}
"""How tables are written: without times or chance, so that equal rows are equal bytes."""
