import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Counters } from './counters.ts';
import { type Progress, ProgressMeter } from './progress.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function metered(priced = true) {
  const counters = new Counters([
    { stage: 'sft', eval: 'refusals', total: 1000, raters: 1 },
    { stage: 'rl', eval: 'refusals', total: 1000, raters: 1 },
  ]);
  const events: Progress[] = [];
  const meter = new ProgressMeter(counters, (event) => events.push(event), {
    priced,
    outages: () => [],
    lastRetry: () => null,
    otherRaters: () => [],
    state: () => 'running',
    now: () => Date.now(),
  });
  return { counters, meter, events };
}

describe('ProgressMeter', () => {
  it('tells at most ten times a second, and never loses the last word', () => {
    const { counters, meter, events } = metered();
    for (let i = 0; i < 500; i++) {
      counters.cells[0]!.done++;
      meter.touch();
      vi.advanceTimersByTime(2);
    }
    expect(events.length).toBeGreaterThan(5);
    expect(events.length).toBeLessThanOrEqual(11);
    vi.advanceTimersByTime(200);
    expect(events.at(-1)?.total.done).toBe(500);
    const before = events.length;
    vi.advanceTimersByTime(60_000);
    expect(events.length).toBe(before);
  });

  it('gives rate and time left of the last half minute, each cell its own', () => {
    const { counters, meter, events } = metered();
    counters.cells[0]!.skipped = 100;
    for (let second = 0; second < 60; second++) {
      // Slow in the first half minute, fast in the second.
      counters.cells[0]!.done += second < 30 ? 1 : 10;
      vi.advanceTimersByTime(1000);
      meter.touch();
    }
    const { cells, total, elapsedMs } = events.at(-1)!;
    expect(elapsedMs).toBe(60_000);
    expect(cells[0]).toMatchObject({ done: 430, total: 1000 });
    expect(cells[0]!.perSecond).toBeCloseTo(10, 0);
    expect(cells[0]!.etaMs! / 1000).toBeCloseTo(57, -1);
    expect(cells[1]).toMatchObject({ done: 0, perSecond: 0, etaMs: null });
    expect(total).toMatchObject({ done: 430, total: 2000 });
  });

  it('ends with an event of its own, and says no cost where no price is known', () => {
    const { meter, events } = metered(false);
    meter.touch();
    meter.touch();
    meter.end();
    vi.advanceTimersByTime(1000);
    expect(events.map((event) => event.state)).toEqual(['running', 'done']);
    expect(events[1]!.total.usd).toBeNull();
  });
});
