def generate(draw, size):
    hosts = [f"host{draw.below(1000)}.example" for _ in range(4 + size // 25)]
    lines = []
    for _ in range(size // 4):
        status = (200, 200, 200, 304, 404, 500)[draw.below(6)]
        lines.append(f"{hosts[draw.below(len(hosts))]} {status} {draw.below(100000)}")
    return "\n".join(lines) + "\n"
