"""Serves a folder of weights over OpenAI's chat protocol, for tests: `python tiny_server.py FOLDER NAME HOST PORT`.

One request at a time. It samples with the temperature, top-p and seed of the request.
"""
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

folder, name, host, port = sys.argv[1:]
torch.set_num_threads(1)
tokenizer = AutoTokenizer.from_pretrained(folder)
model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, use_safetensors=True).eval()
END = tokenizer.eos_token_id
alone = threading.Lock()


@torch.no_grad()
def answer(request: dict) -> dict:
    ids = tokenizer.apply_chat_template(request["messages"], add_generation_prompt=True, return_dict=True)["input_ids"]
    torch.manual_seed(request.get("seed") or 0)
    temperature, top_p = request.get("temperature", 1.0), request.get("top_p", 1.0)
    cached, given, written = None, torch.tensor([ids]), []
    while len(written) < request["max_tokens"] and END not in written:
        out = model(input_ids=given, past_key_values=cached, use_cache=True)
        cached = out.past_key_values
        given = torch.tensor([[draw(out.logits[0, -1], temperature, top_p)]])
        written.append(given.item())
    text = tokenizer.decode(written, skip_special_tokens=True)
    return {
        "model": name,
        "choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": "stop" if END in written else "length"}],
        "usage": {"prompt_tokens": len(ids), "completion_tokens": len(written)},
    }


def draw(logits: torch.Tensor, temperature: float, top_p: float) -> int:
    if temperature == 0:
        return int(logits.argmax())
    chances, order = torch.softmax(logits / temperature, 0).sort(descending=True)
    chances[chances.cumsum(0) - chances >= top_p] = 0
    return int(order[torch.multinomial(chances, 1)])


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.reply(200, {"data": [{"id": name}]} if self.path == "/v1/models" else {})

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if request["model"] != name:
            self.reply(404, {"error": {"message": f"there is no model {request['model']}"}})
        else:
            with alone:
                answered = answer(request)
            self.reply(200, answered)

    def reply(self, status: int, body: dict):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer((host, int(port)), Handler)
server.daemon_threads = True
server.serve_forever()
