import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BudgetTracker, type Limits } from './budget-tracker.ts';

const nothing = { tokens: 0, usd: 0 };

describe('BudgetTracker', () => {
  it('lets everything begin without a budget', () => {
    const budget = new BudgetTracker(
      {},
      { earlier: nothing, estimate: nothing, spent: () => ({ tokens: 1e9, usd: 1e9 }) },
    );
    expect(budget.ask(1000, 5)).toBe('begin');
  });

  it('counts what earlier sessions spent', () => {
    const budget = new BudgetTracker(
      { usd: 5 },
      { earlier: { tokens: 0, usd: 5 }, estimate: nothing, spent: () => nothing },
    );
    expect(budget.ask(0, 0)).toBe('usd');
  });

  it('reserves the average for trials under way, and the plan’s estimate before any has ended', () => {
    let tokens = 0;
    const budget = new BudgetTracker(
      { tokens: 1000 },
      { earlier: nothing, estimate: { tokens: 300, usd: 0 }, spent: () => ({ tokens, usd: 0 }) },
    );
    expect([0, 1, 2, 3].map((underWay) => budget.ask(underWay, 0))).toEqual([
      'begin',
      'begin',
      'begin',
      'wait',
    ]);
    tokens = 900;
    expect(budget.ask(0, 9)).toBe('begin');
    expect(budget.ask(1, 8)).toBe('wait');
    tokens = 950;
    expect(budget.ask(0, 9)).toBe('tokens');
  });

  it('never spends more than the budget when all trials cost the same, and stops in the end', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: 1, max: 90 }),
        fc.integer({ min: 1, max: 20 }),
        (limit, each, slots) => {
          const limits: Limits = { tokens: limit };
          let spent = 0;
          let underWay = 0;
          let ended = 0;
          const budget = new BudgetTracker(limits, {
            earlier: nothing,
            estimate: { tokens: each, usd: 0 },
            spent: () => ({ tokens: spent, usd: 0 }),
          });
          for (let step = 0; ; step++) {
            expect(step).toBeLessThan(20_000);
            const answer = underWay < slots ? budget.ask(underWay, ended) : 'wait';
            if (answer === 'begin') {
              underWay++;
            } else if (answer === 'wait') {
              underWay--;
              ended++;
              spent += each;
            } else break;
          }
          expect(underWay).toBe(0);
          expect(spent).toBeLessThanOrEqual(limit);
          expect(spent).toBeGreaterThan(limit - each - 1);
        },
      ),
    );
  });
});
