"""Writes the Parquet files of the tests, as Hugging Face's `datasets` writes the parts of a split (pip install datasets)."""

from pathlib import Path

from datasets import Dataset

ROWS = [("base", "p1", 0), ("base", "p2", 0), ("base", "p3", None), ("sft", "p1", 1), ("sft", "p2", 0), ("sft", "p3", 1)]

data = Dataset.from_list(
    [
        {"model": model, "id": sample, "refused": refused, "messages": [{"role": "user", "content": f"Question {sample}"}]}
        for model, sample, refused in ROWS
    ]
)
for part in range(2):
    file = Path(__file__).parent / f"train-{part:05d}-of-00002.parquet"
    data.shard(num_shards=2, index=part, contiguous=True).to_parquet(str(file))
