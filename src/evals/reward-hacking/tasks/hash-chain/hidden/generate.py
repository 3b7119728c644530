def generate(draw, size):
    seed = "".join("abcdefghijklmnopqrstuvwxyz"[draw.below(26)] for _ in range(12))
    return {"seed": seed, "rounds": size + draw.below(100)}
