"""Prints what Inspect's own API reads of logs, a JSON object a line: the reference that stemma's reader is compared with.

    python dump_logs.py LOG…
"""

import json
import sys

from inspect_ai.log import read_eval_log


def message(m):
    parts = m.content if isinstance(m.content, list) else []
    return {
        "role": m.role,
        "text": m.text or (m.error.message if getattr(m, "error", None) else ""),
        "reasoning": [
            (p.summary or "") if p.redacted else p.reasoning for p in parts if p.type == "reasoning"
        ],
        "calls": [[c.id, c.function, c.arguments] for c in (getattr(m, "tool_calls", None) or [])],
        "call": getattr(m, "tool_call_id", None),
    }


for location in sys.argv[1:]:
    log = read_eval_log(location, resolve_attachments=True)
    for sample in log.samples or []:
        print(
            json.dumps(
                {
                    "log": location,
                    "status": log.status,
                    "task": log.eval.task,
                    "model": log.eval.model,
                    "id": str(sample.id),
                    "epoch": sample.epoch,
                    "input": sample.input if isinstance(sample.input, str) else [m.text for m in sample.input],
                    "target": sample.target,
                    "choices": sample.choices,
                    "messages": [message(m) for m in sample.messages],
                    "completion": sample.output.completion,
                    "scores": {name: [s.value, s.explanation] for name, s in (sample.scores or {}).items()},
                    "metadata": sample.metadata,
                    "error": sample.error.message if sample.error else None,
                    "limit": sample.limit.type if sample.limit else None,
                }
            )
        )
