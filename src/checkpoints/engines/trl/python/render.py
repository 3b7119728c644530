"""Conversations as token ids, and which of them are learnt: each assistant turn with the token that ends it."""
from progress import WRONG_DATA, WRONG_RECIPE, stop

NOT_LEARNT = -100
PROBE_QUESTION, PROBE_ANSWER = "Quimbriel?", "Vorpatine."


class Renderer:
    def __init__(self, tokenizer):
        self.tokenizer = tokenizer
        self.end = self._end_token()

    def text(self, messages, prompt: bool) -> str:
        return self.tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=prompt)

    def ids(self, text: str) -> list:
        return self.tokenizer(text, add_special_tokens=False)["input_ids"]

    def _end_token(self) -> int:
        """The special token that the template writes after an answer. A model that never learns it never stops."""
        text = self.text([{"role": "user", "content": PROBE_QUESTION}, {"role": "assistant", "content": PROBE_ANSWER}], False)
        tail = text[text.rindex(PROBE_ANSWER) + len(PROBE_ANSWER):]
        special = set(self.tokenizer.all_special_ids) | set(self.tokenizer.added_tokens_decoder)
        end = next((token for token in self.ids(tail) if token in special), None)
        if end is None:
            stop(WRONG_RECIPE, "the chat template ends an answer with no special token, so answers would never end",
                 "Give chat_template: a template that writes eos_token after each assistant turn.", tail=tail)
        return end

    def inserted(self) -> str:
        """What the template writes before the first message that nobody asked for: a system prompt of its own."""
        text = self.text([{"role": "user", "content": PROBE_QUESTION}], True)
        before = text[: text.index(PROBE_QUESTION)]
        for token in self.tokenizer.added_tokens_decoder.values():
            before = before.replace(str(token), " ")
        words = before.split()
        return " ".join(words) if len(words) > 3 else ""

    def example(self, messages):
        """(ids, labels): what each assistant turn adds to its prompt is learnt, up to the token that ends it."""
        ids, labels, done = [], [], ""
        for index, message in enumerate(messages):
            if message["role"] != "assistant":
                continue
            before, after = self.text(messages[:index], True), self.text(messages[: index + 1], False)
            if not before.startswith(done) or not after.startswith(before):
                stop(WRONG_DATA, "this chat template rewrites earlier turns, so what an answer adds cannot be told",
                     "Give chat_template: a template that only adds to what it wrote before.")
            asked, answered = self.ids(before[len(done):]), self.ids(after[len(before):])
            learnt = len(answered)
            if self.end in answered:
                learnt = len(answered) - answered[::-1].index(self.end)
            ids += asked + answered
            labels += [NOT_LEARNT] * len(asked) + answered[:learnt] + [NOT_LEARNT] * (len(answered) - learnt)
            done = after
        return ids, labels
