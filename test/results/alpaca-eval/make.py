"""Has AlpacaEval itself (pip install alpaca_eval) judge made-up answers, by a judge on this machine that draws what it says from a hash."""

import hashlib
import json
import math
import os
import shutil
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

QUESTIONS = ["Name a river.", "Name a lake.", "Name a sea.", 'Name a "strait".\nSay why.']
HERE = Path(__file__).parent


class Judge(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        asked = json.dumps(body["messages"])
        p = int(hashlib.sha256(asked.encode()).hexdigest()[:4], 16) / 65536
        choice = weighted(p) if body.get("logprobs") else ranked(p, "sea" in asked)
        usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
        answer = {"id": "1", "object": "chat.completion", "created": 1, "model": body["model"], "choices": [choice], "usage": usage}
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_):
        pass


def weighted(p):
    tops = [{"token": token, "logprob": math.log(share), "bytes": None} for token, share in (("m", p), ("M", 1 - p))]
    first = max(tops, key=lambda top: top["logprob"])
    content = [{**first, "top_logprobs": tops}]
    message = {"role": "assistant", "content": first["token"]}
    return {"index": 0, "message": message, "finish_reason": "length", "logprobs": {"content": content}}


def ranked(p, unreadable):
    ranks = (1, 2) if p > 0.5 else (2, 1)
    text = "[{'model': 'model_1', 'rank': %d}, {'model': 'model_2', 'rank': %d}]" % ranks
    return {"index": 0, "message": {"role": "assistant", "content": "Both." if unreadable else text}, "finish_reason": "stop"}


server = ThreadingHTTPServer(("127.0.0.1", 0), Judge)
threading.Thread(target=server.serve_forever, daemon=True).start()
os.environ.update(
    OPENAI_BASE_URL=f"http://127.0.0.1:{server.server_address[1]}/v1",
    OPENAI_API_KEY="none",
    OPENAI_CLIENT_CONFIG_PATH="none.yaml",
    HF_HUB_OFFLINE="1",
)
import alpaca_eval  # noqa: E402: it reads the environment


def outputs(generator):
    return [
        {"dataset": "made-up", "instruction": question, "output": f"Of {generator}: {question}", "generator": generator}
        for question in QUESTIONS
    ]


for annotator in ("alpaca_eval_gpt4", "weighted_alpaca_eval_gpt4_turbo"):
    for generator in ("made-up-sft", "made-up-dpo"):
        with tempfile.TemporaryDirectory() as folder:
            alpaca_eval.evaluate(
                model_outputs=outputs(generator),
                reference_outputs=outputs("made-up-reference"),
                annotators_config=annotator,
                fn_metric="get_winrate",
                sort_by="win_rate",
                precomputed_leaderboard=None,
                is_cache_leaderboard=False,
                caching_path=None,
                output_path=folder,
            )
            for name in ("annotations.json", "leaderboard.csv"):
                [found] = Path(folder).rglob(name)
                shutil.copyfile(found, HERE / f"{generator}-{annotator}-{name}")
