"""A Llama of 0.84 million parameters with a tokenizer of its own, for tests: `python tiny_model.py OUT DATA.jsonl...`

`--pretrain STEPS` before OUT teaches it the first of the files, so that it answers before any training of stemma's.
"""
import json
import random
import sys

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

TEMPLATE = (
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
arguments = sys.argv[1:]
steps = int(arguments[1]) if arguments[0] == "--pretrain" else 0
out, *files = arguments[2:] if steps else arguments
texts = [message["content"] for file in files for line in open(file) for message in json.loads(line)["messages"]]
bpe = Tokenizer(models.BPE())
bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
bpe.decoder = decoders.ByteLevel()
bpe.train_from_iterator(texts, trainers.BpeTrainer(
    vocab_size=1024, special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
    initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
tokenizer = PreTrainedTokenizerFast(tokenizer_object=bpe, eos_token="<|im_end|>", pad_token="<|endoftext|>", model_max_length=512)
tokenizer.chat_template = TEMPLATE
torch.manual_seed(0)
model = LlamaForCausalLM(LlamaConfig(
    vocab_size=len(tokenizer), hidden_size=128, intermediate_size=384, num_hidden_layers=4, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=512, tie_word_embeddings=True, bos_token_id=None,
    eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id))
if steps:
    torch.set_num_threads(1)
    conversations = [json.loads(line)["messages"] for line in open(files[0])]
    texts = [tokenizer.apply_chat_template(each, tokenize=False) for each in conversations]
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=steps)
    draw = random.Random(0)
    for _ in range(steps):
        batch = tokenizer(draw.sample(texts, 16), return_tensors="pt", padding=True, add_special_tokens=False)
        labels = batch["input_ids"].masked_fill(batch["attention_mask"] == 0, -100)
        model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], labels=labels).loss.backward()
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
model.save_pretrained(out)
tokenizer.save_pretrained(out)
