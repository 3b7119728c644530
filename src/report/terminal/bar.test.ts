import fc from 'fast-check';
import { expect, it } from 'vitest';
import { drawBar } from './bar.ts';

function text(...args: Parameters<typeof drawBar>): string {
  const { solid, interval } = drawBar(...args);
  return solid + interval;
}

it('draws the bar up to the interval, and the interval with its estimate', () => {
  expect(text(0.5, [0.3, 0.7], [0, 1], 20)).toBe('██████├───●───┤');
  expect(text(0, [0, 0.2], [0, 1], 20)).toBe('●───┤');
  expect(text(1, [0.9, 1], [0, 1], 20)).toBe('██████████████████├●');
  expect(text(0.5, null, [0, 1], 20)).toBe('██████████●');
  expect(text(0.5, [0.499, 0.501], [0, 1], 10)).toBe('████├●');
});

it('never leaves its room, and always shows the estimate once', () => {
  const unit = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.tuple(unit, unit, unit), fc.integer({ min: 1, max: 60 }), (values, width) => {
      const [low, estimate, high] = [...values].sort((a, b) => a - b) as [number, number, number];
      const drawn = text(estimate, [low, high], [0, 1], width);
      expect(drawn.length).toBeLessThanOrEqual(width);
      expect(drawn.match(/●/g)).toHaveLength(1);
    }),
  );
});
