"""SFT, DPO and GRPO by TRL. Every setting that shapes the result is written out: no default of a library is inherited."""
import importlib.util
from pathlib import Path

import torch

from progress import WRONG_DATA, WRONG_RECIPE, say, stop


def arguments(job) -> dict:
    return dict(
        output_dir=str(job.state), max_steps=job.steps, per_device_train_batch_size=job.micro_batch,
        gradient_accumulation_steps=_accumulation(job), learning_rate=job.rate, lr_scheduler_type=job.schedule,
        warmup_steps=round(job.warmup * job.steps), weight_decay=job.weight_decay, max_grad_norm=job.clip,
        optim="adamw_torch", adam_beta1=job.beta1, adam_beta2=job.beta2, adam_epsilon=job.epsilon, seed=job.seed,
        data_seed=job.seed, bf16=job.autocast, fp16=False, use_cpu=not torch.cuda.is_available(),
        gradient_checkpointing=job.gradient_checkpointing, save_strategy="steps", save_steps=job.save_every,
        save_total_limit=2, logging_steps=1, logging_nan_inf_filter=False, report_to=[], disable_tqdm=True,
        dataloader_num_workers=0, dataloader_drop_last=False, remove_unused_columns=job.method != "grpo",
    )


def _accumulation(job) -> int:
    rows = job.batch * (job.group if job.method == "grpo" else 1)
    return rows // (job.micro_batch * job.processes)


def sft_rows(job, renderer, examples) -> tuple:
    """Token ids and labels of every example, and what they amount to by source."""
    rows, sources, cut = [], {}, 0
    for example in examples:
        ids, labels = renderer.example(example["messages"])
        over = len(ids) > job.max_length
        cut += over
        count = sources.setdefault(example["source"], {"drawn": 0, "tokens": 0, "learnt": 0, "truncated": 0})
        ids, labels = ids[: job.max_length], labels[: job.max_length]
        count["drawn"] += 1
        count["tokens"] += len(ids)
        count["learnt"] += sum(label >= 0 for label in labels)
        count["truncated"] += over
        rows.append({"input_ids": ids, "labels": labels})
    _refuse_cut(job, cut, len(rows))
    if not any(label >= 0 for label in rows[0]["labels"]):
        stop(WRONG_DATA, "the first example has nothing to learn within max_length")
    first = rows[0]
    learnt = [label for label in first["labels"] if label >= 0]
    say("first", text=renderer.tokenizer.decode(first["input_ids"]), learnt=renderer.tokenizer.decode(learnt))
    return rows, sources


def dpo_rows(job, renderer, examples) -> tuple:
    sources, cut = {}, 0
    for example in examples:
        lengths = [len(renderer.ids(renderer.text(example["prompt"] + example[which], False))) for which in ("chosen", "rejected")]
        over = max(lengths) > job.max_length
        cut += over
        count = sources.setdefault(example["source"], {"drawn": 0, "tokens": 0, "truncated": 0})
        count["drawn"] += 1
        count["tokens"] += sum(lengths)
        count["truncated"] += over
    _refuse_cut(job, cut, len(examples))
    return [{key: example[key] for key in ("prompt", "chosen", "rejected")} for example in examples], sources


def grpo_rows(job, renderer, examples) -> tuple:
    sources = {}
    for example in examples:
        length = len(renderer.ids(renderer.text(example["prompt"], True)))
        if length > job.max_length:
            stop(WRONG_DATA, f"a prompt of the source {example['source']!r} has {length} tokens; max_length is {job.max_length}")
        count = sources.setdefault(example["source"], {"drawn": 0, "tokens": 0, "truncated": 0})
        count["drawn"] += 1
        count["tokens"] += length
    keep = set.intersection(*(set(example) for example in examples)) - {"n", "row", "pass"}
    return [{key: example[key] for key in sorted(keep)} for example in examples], sources


def _refuse_cut(job, cut: int, of: int) -> None:
    if cut > job.truncated_at_most * of:
        stop(WRONG_DATA, f"{cut} of {of} examples are longer than max_length {job.max_length}",
             "Raise max_length, take out the long examples, or declare truncated_at_most: the share that may be cut.")


def trainer(job, model, tokenizer, rows, callbacks):
    import trl
    from datasets import Dataset
    peft = None
    if job.lora:
        from peft import LoraConfig
        peft = LoraConfig(task_type="CAUSAL_LM", r=job.lora["rank"], lora_alpha=job.lora["alpha"], lora_dropout=job.lora["dropout"],
                          target_modules=job.lora["target"], bias="none", use_rslora=False, use_dora=False)
    shared = dict(model=model, train_dataset=Dataset.from_list(rows), processing_class=tokenizer, peft_config=peft, callbacks=callbacks)
    given = arguments(job)
    if job.method == "sft":
        made = trl.SFTTrainer(args=trl.SFTConfig(max_length=None, packing=False, shuffle_dataset=False, **given), **shared)
    elif job.method == "dpo":
        made = trl.DPOTrainer(args=trl.DPOConfig(max_length=job.max_length, beta=job.beta, loss_type=["sigmoid"], **given), **shared)
    else:
        settings = trl.GRPOConfig(
            num_generations=job.group, beta=job.beta, max_completion_length=job.max_tokens, temperature=job.temperature, top_p=1.0,
            top_k=0, shuffle_dataset=False, num_iterations=1, epsilon=0.2, loss_type="dapo", scale_rewards="group",
            mask_truncated_completions=False, reward_weights=list(job.rewards.values()), **given)
        return trl.GRPOTrainer(args=settings, reward_funcs=[reward(name) for name in job.rewards], **shared)
    made._get_train_sampler = lambda *_, **__: torch.utils.data.SequentialSampler(made.train_dataset)
    return made


def reward(name: str):
    """`/path/file.py:function`: (prompts, completions, **columns) → a number for each completion; None where it has no say."""
    path, _, function = name.rpartition(":")
    spec = importlib.util.spec_from_file_location(Path(path).stem, path)
    try:
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    except Exception as error:
        stop(WRONG_RECIPE, f"the reward file {path} cannot be loaded: {error}")
    found = getattr(module, function, None)
    if not callable(found):
        stop(WRONG_RECIPE, f"{path} has no function {function!r}", "Name it as file.py:function.")
    return found
