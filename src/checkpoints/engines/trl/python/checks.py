"""Checks before and after a training, of what silently spoils one."""
import torch

from progress import WRONG_MACHINE, WRONG_RECIPE, is_first, say, stop, warn

NEARLY_EQUAL, MANY = 0.9, 100
ANSWERS, SHOWN = 8, 2


def check_end_token(model, tokenizer, end: int, embeddings_are_frozen: bool) -> None:
    """A token that was never trained lies among many others like it: a model cannot learn to say it apart from them."""
    rows = model.get_input_embeddings().weight.detach().float()
    rows = torch.nn.functional.normalize(rows, dim=1)
    alike = int((rows @ rows[end] > NEARLY_EQUAL).sum()) - 1
    name = tokenizer.convert_ids_to_tokens(end)
    say("end", token=name, id=end, alike=alike)
    if alike <= MANY:
        return
    problem = f"the embedding of {name!r}, which ends an answer, is nearly equal to {alike} others: it was never trained"
    if embeddings_are_frozen:
        stop(WRONG_RECIPE, problem + ", and a LoRA leaves it as it is",
             "Give chat_template: one that ends answers with a token that the parent knows, such as eos_token.")
    warn(problem)


def check_template(tokenizer, inserted: str) -> None:
    if inserted:
        warn(f"the chat template writes a system prompt of its own into every conversation: {inserted[:200]!r}")
    if "strftime_now" in str(tokenizer.chat_template):
        warn("the chat template writes today's date: the same recipe gives other tokens tomorrow")


def check_answers(model, renderer, prompts, limit: int) -> dict:
    """Eight answers at temperature 1, and how many of them end. Draws of its own: the training's are over by now."""
    if not is_first():
        return {}
    tokenizer, ended, shown = renderer.tokenizer, 0, []
    model.eval()
    torch.manual_seed(0)
    for prompt in prompts[:ANSWERS]:
        ids = torch.tensor([renderer.ids(renderer.text(prompt, True))], device=model.device)
        with torch.no_grad():
            out = model.generate(input_ids=ids, attention_mask=torch.ones_like(ids), max_new_tokens=limit, do_sample=True,
                                 temperature=1.0, top_k=0, top_p=1.0, eos_token_id=renderer.end, pad_token_id=tokenizer.pad_token_id)
        answer = out[0, ids.shape[1]:].tolist()
        ended += renderer.end in answer
        if len(shown) < SHOWN:
            shown.append(tokenizer.decode(answer, skip_special_tokens=False))
    asked = len(prompts[:ANSWERS])
    say("answers", ended=ended, of=asked, shown=shown)
    if asked and ended <= asked // 2:
        warn(f"{ended} of {asked} answers at temperature 1 ended within {limit} tokens: look at them before you trust the stage")
    return {"ended": ended, "of": asked}


def check_packages(wanted: dict) -> dict:
    """@param wanted the oldest version of each package @returns the versions that are there"""
    from importlib.metadata import PackageNotFoundError, version
    found = {}
    for name, oldest in wanted.items():
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            stop(WRONG_MACHINE, f"the Python package {name} is not installed",
                 "pip install " + " ".join(f"'{each}>={least}'" for each, least in wanted.items()))
        if _numbers(found[name]) < _numbers(oldest):
            stop(WRONG_MACHINE, f"{name} {found[name]} is too old: {oldest} or newer is needed", f"pip install -U '{name}>={oldest}'")
    return found


def _numbers(version: str) -> tuple:
    digits = "".join(c if c.isdigit() or c == "." else " " for c in version).split(" ")[0]
    return tuple(int(part) for part in digits.split(".") if part)
