"""Checks before and after a training, of what silently spoils one."""
import torch

from progress import WRONG_RECIPE, is_first, say, stop, warn

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
    """Eight answers at temperature 1, all at once, and how many of them end. Draws of its own: the training's are over by now."""
    if not is_first() or not prompts:
        return {}
    tokenizer = renderer.tokenizer
    model.eval()
    torch.manual_seed(0)
    asked = [renderer.ids(renderer.text(prompt, True)) for prompt in prompts[:ANSWERS]]
    width = max(map(len, asked))
    before = [width - len(ids) for ids in asked]
    ids = torch.tensor([[tokenizer.pad_token_id] * gap + row for gap, row in zip(before, asked)], device=model.device)
    mask = torch.tensor([[0] * gap + [1] * len(row) for gap, row in zip(before, asked)], device=model.device)
    with torch.no_grad():
        out = model.generate(input_ids=ids, attention_mask=mask, max_new_tokens=limit, do_sample=True, temperature=1.0, top_k=0,
                             top_p=1.0, eos_token_id=renderer.end, pad_token_id=tokenizer.pad_token_id)
    answers = [row[: row.index(renderer.end) + 1] if renderer.end in row else row for row in out[:, width:].tolist()]
    ended, of = sum(renderer.end in answer for answer in answers), len(answers)
    shown = [tokenizer.decode(answer, skip_special_tokens=False) for answer in answers[:SHOWN]]
    say("answers", ended=ended, of=of, shown=shown)
    if ended <= of // 2:
        warn(f"{ended} of {of} answers at temperature 1 ended within {limit} tokens: look at them before you trust the stage")
    return {"ended": ended, "of": of}
