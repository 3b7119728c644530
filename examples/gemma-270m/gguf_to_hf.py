"""A GGUF file as a folder of safetensors: `python gguf_to_hf.py FILE.gguf OUT`.

transformers marks a model that came from a GGUF as quantised and refuses to save it, although its numbers are floats by
then. So the numbers are put into a model that is made anew.
"""
import os
import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

source, out = sys.argv[1:]
folder, name = os.path.split(os.path.abspath(source))
tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=name)
loaded = AutoModelForCausalLM.from_pretrained(folder, gguf_file=name, dtype=torch.float32)
config = loaded.config
for mark in ("quantization_config", "_pre_quantization_dtype"):
    if hasattr(config, mark):
        delattr(config, mark)
model = type(loaded)(config).to(torch.float32)
left = model.load_state_dict(loaded.state_dict(), strict=False)
if left.unexpected_keys or [key for key in left.missing_keys if key != "lm_head.weight"]:
    sys.exit(f"these tensors do not fit: {left}")
model.tie_weights()
model.generation_config = loaded.generation_config
model.save_pretrained(out)
# The pretrained model has no chat template, also where the file brings the one of its chat sibling.
tokenizer.chat_template = None
tokenizer.save_pretrained(out)
print(f"{model.num_parameters():,} parameters in {out}")
