"""Length of the longest strictly rising subsequence."""


def solve(values):
    longest = []
    for i in range(len(values)):
        best = 1
        for j in range(i):
            if values[j] < values[i] and longest[j] + 1 > best:
                best = longest[j] + 1
        longest.append(best)
    return max(longest, default=0)
