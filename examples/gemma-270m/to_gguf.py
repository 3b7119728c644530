"""Gemma 3 weights as a GGUF file: `python to_gguf.py PARENT.gguf FOLDER OUT.gguf`.

Names and metadata are those of the file that the parent came from. New are the numbers, in q8_0, the chat template, and the
tokens that end an answer. For any model that it knows, llama.cpp's own convert_hf_to_gguf.py does this too.
"""
import json
import sys
from pathlib import Path

import gguf
import numpy as np
from safetensors import safe_open

PARTS = {
    "attn_norm": "input_layernorm", "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
    "attn_q_norm": "self_attn.q_norm", "attn_k_norm": "self_attn.k_norm", "attn_output": "self_attn.o_proj",
    "post_attention_norm": "post_attention_layernorm", "ffn_norm": "pre_feedforward_layernorm", "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj", "post_ffw_norm": "post_feedforward_layernorm",
}
WHOLE = {"token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight"}
Q8 = gguf.GGMLQuantizationType.Q8_0

parent, folder, out = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
reader = gguf.GGUFReader(parent)
writer = gguf.GGUFWriter(out, arch=reader.get_field("general.architecture").contents())
own = {"general.name": folder.name, "general.file_type": int(gguf.LlamaFileType.MOSTLY_Q8_0)}

ends = json.loads((folder / "generation_config.json").read_text()).get("eos_token_id")
eos = reader.get_field("tokenizer.ggml.eos_token_id").contents()
turn = [end for end in (ends if isinstance(ends, list) else [ends]) if end != eos]
if len(turn) > 1:
    sys.exit(f"a GGUF file has no place for so many tokens that end an answer: {turn}")
for name, field in reader.fields.items():
    # What begins with GGUF. is the writer's own; a template of the parent is not that of these weights.
    if name.startswith("GGUF.") or name in ("general.architecture", "tokenizer.chat_template"):
        continue
    part = field.types[1] if field.types[0] == gguf.GGUFValueType.ARRAY else None
    writer.add_key_value(name, own.pop(name, None) or field.contents(), field.types[0], sub_type=part)
template = folder / "chat_template.jinja"
if template.exists():
    writer.add_chat_template(template.read_text())
if turn:
    writer.add_eot_token_id(turn[0])

with safe_open(str(folder / "model.safetensors"), "np") as weights:
    left = set(weights.keys())
    for tensor in reader.tensors:
        block = tensor.name.split(".")
        name = WHOLE.get(tensor.name) or f"model.layers.{block[1]}.{PARTS[block[2]]}.{block[3]}"
        left.remove(name)
        data = weights.get_tensor(name).astype(np.float32)
        if list(data.shape) != [int(n) for n in reversed(tensor.shape)] or not np.isfinite(data).all():
            sys.exit(f"{name} does not fit: {data.shape}, or numbers that are not finite")
        if tensor.name.endswith("norm.weight"):
            data = data + 1  # Gemma scales by 1 + w; a GGUF file holds the sum
        if data.ndim == 1:
            writer.add_tensor(tensor.name, data)
        else:
            writer.add_tensor(tensor.name, gguf.quantize(data, Q8), raw_dtype=Q8)
if left - {"lm_head.weight"}:
    sys.exit(f"no place for {sorted(left)[:3]}")
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
