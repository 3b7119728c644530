"""One training stage by TRL: `python train.py JOB_FOLDER`. stemma writes the folder; progress.py says what comes back."""
import errno
import json
import os
import resource
import shutil
import sys
import time
import traceback

# Threads that wait for each other in a busy loop take the time of those that work, where a machine has other work too. It is
# read when torch is loaded, which the modules below do.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from progress import STOPPED, WENT_WRONG, WRONG_MACHINE, WRONG_RECIPE, is_first, say, stop

from job import Job
from packages import check_packages

OLDEST = {"torch": "2.6", "transformers": "5.0", "trl": "1.0", "peft": "0.18", "accelerate": "1.10", "datasets": "4.0"}

# CUDA's words, and those of PyTorch's and C++'s allocators on a CPU.
OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "not enough memory", "cannot allocate memory", "bad_alloc")


def ranks_of_slurm() -> None:
    """Where srun started the processes, Slurm says which one this is."""
    if "RANK" not in os.environ and os.environ.get("STEMMA_SRUN") == "1":
        os.environ.update(RANK=os.environ["SLURM_PROCID"], LOCAL_RANK=os.environ["SLURM_LOCALID"], WORLD_SIZE=os.environ["SLURM_NTASKS"])


def main(folder: str) -> None:
    begun = time.time()
    job = Job(folder)
    if (job.folder / "result.json").exists():
        return say("done", already=True)
    versions = check_packages(OLDEST)
    import torch
    import transformers
    import methods
    from checks import check_answers, check_end_token, check_template
    from render import Renderer
    from state import Watch, last_state

    if job.threads:
        torch.set_num_threads(job.threads)
    transformers.set_seed(job.seed)
    torch.use_deterministic_algorithms(True, warn_only=True)
    tokenizer = load_tokenizer(job, transformers)
    model = load_model(job, torch, transformers)
    renderer = Renderer(tokenizer)
    check_template(tokenizer, renderer.inserted())
    check_end_token(model, tokenizer, renderer.end, embeddings_are_frozen=bool(job.lora))
    model.generation_config = transformers.GenerationConfig(
        do_sample=True, temperature=1.0, top_p=1.0, top_k=0, pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id, eos_token_id=sorted({renderer.end} | ends(model, tokenizer)))

    examples = job.examples()
    rows, sources = getattr(methods, f"{job.method}_rows")(job, renderer, examples)
    say("sources", sources=sources)
    watch = Watch(job)
    trainer = methods.trainer(job, model, tokenizer, rows, [watch])
    resume = last_state(job)
    say("start", resume=resume and os.path.basename(resume), device=str(trainer.args.device), world=job.processes,
        trained=sum(p.numel() for p in trainer.model.parameters() if p.requires_grad), parameters=model.num_parameters())
    trainer.train(resume_from_checkpoint=resume)
    if watch.stopping and trainer.state.global_step < job.steps:
        stop(STOPPED, f"stopped as asked at step {trainer.state.global_step}; its state is saved")

    final = trainer.accelerator.unwrap_model(trainer.model)
    if is_first():
        if job.lora:
            final = final.merge_and_unload()
        answers = check_answers(final, renderer, prompts_of(examples), job.answer_tokens)
        shutil.rmtree(job.out, ignore_errors=True)
        final.save_pretrained(job.out)
        tokenizer.save_pretrained(job.out)
        write_result(job, {
            "sources": sources, "answers": answers, "versions": versions, "python": sys.version.split()[0],
            "device": torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu", "world": job.processes,
            "threads": torch.get_num_threads(), "seconds": round(time.time() - begun, 1),
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        })
    if job.processes > 1:
        torch.distributed.barrier()
        torch.distributed.destroy_process_group()
    say("done")


def load_tokenizer(job, transformers):
    tokenizer = transformers.AutoTokenizer.from_pretrained(job.parent, trust_remote_code=False)
    if job.chat_template:
        tokenizer.chat_template = job.chat_template
    if not tokenizer.chat_template:
        stop(WRONG_RECIPE, "the parent has no chat template, as many pretrained-only checkpoints have none",
             "Give chat_template: a Jinja file that writes conversations as text.")
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def load_model(job, torch, transformers):
    model = transformers.AutoModelForCausalLM.from_pretrained(
        job.parent, dtype=getattr(torch, job.dtype), trust_remote_code=False, use_safetensors=True)
    if job.adapter:
        from peft import PeftModel
        model = PeftModel.from_pretrained(model, job.adapter).merge_and_unload()
    return model


def ends(model, tokenizer) -> set:
    given = model.generation_config.eos_token_id
    known = given if isinstance(given, list) else [given]
    return {token for token in [*known, tokenizer.eos_token_id] if token is not None}


def prompts_of(examples) -> list:
    """The conversations up to their last answer, each once, in the order in which they are learnt from."""
    prompts = [example["messages"][:-1] if "messages" in example else example["prompt"] for example in examples]
    return list({json.dumps(prompt): prompt for prompt in prompts}.values())


def write_result(job, result: dict) -> None:
    part = job.folder / "result.json.part"
    part.write_text(json.dumps(result))
    os.replace(part, job.folder / "result.json")


def explain(error: BaseException) -> None:
    """The last words of a training that failed, as a person would say them."""
    traceback.print_exc()
    if isinstance(error, ImportError):
        stop(WRONG_MACHINE, f"a Python package cannot be loaded: {error}", "stemma doctor lists what is there.")
    if isinstance(error, MemoryError) or any(words in str(error).lower() for words in OUT_OF_MEMORY):
        stop(WRONG_MACHINE, f"the memory was not enough: {str(error).splitlines()[0]}",
             "Lower micro_batch or max_length, set gradient_checkpointing: true, or train a LoRA.")
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT) or "No space left" in str(error):
        stop(WRONG_MACHINE, "the disk is full; the last whole state is kept", "Make room; the same command goes on there.")
    stop(WENT_WRONG, f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}")


if __name__ == "__main__":
    ranks_of_slurm()
    try:
        main(sys.argv[1])
    except Exception as error:  # every failure is told in words
        explain(error)
