"""A Fenwick tree: each node holds the sum of a run of values whose length is a power of two."""


def solve(case):
    values = case["values"]
    size = len(values)
    tree = [0, *values]
    for node in range(1, size + 1):
        parent = node + (node & -node)
        if parent <= size:
            tree[parent] += tree[node]
    totals = []
    for kind, i, other in case["operations"]:
        if kind == "add":
            node = i + 1
            while node <= size:
                tree[node] += other
                node += node & -node
        else:
            total = 0
            node = other + 1
            while node > 0:
                total += tree[node]
                node &= node - 1
            node = i
            while node > 0:
                total -= tree[node]
                node &= node - 1
            totals.append(total)
    return totals
