import { describe, expect, it } from 'vitest';
import { StopControl } from './stop-control.ts';

describe('StopControl', () => {
  it('stops gently at the first signal and aborts at the second', () => {
    const stop = new AbortController();
    const abort = new AbortController();
    using control = new StopControl({ stop: stop.signal, abort: abort.signal });
    expect(control.stopping).toBe(false);
    stop.abort();
    expect([control.stopping, control.aborted, control.stoppedBy]).toEqual([true, false, 'signal']);
    expect(control.signal.aborted).toBe(false);
    abort.abort();
    expect([control.aborted, control.signal.aborted, control.stoppedBy]).toEqual([true, true, 'signal']);
  });

  it('obeys signals that were given before it began', () => {
    using control = new StopControl({ abort: AbortSignal.abort() });
    expect(control.aborted).toBe(true);
  });

  it('keeps the first reason and the first error', () => {
    using control = new StopControl();
    control.stop('usd');
    control.stop('signal');
    expect(control.stoppedBy).toBe('usd');
    control.fail('disk full');
    control.fail('an echo of it');
    expect(control.failure).toEqual({ error: 'disk full' });
    expect(control.stoppedBy).toBeNull();
  });

  it('still fails after all was aborted: a disk may fill up while the last records are written', () => {
    using control = new StopControl();
    control.abort('signal');
    control.fail('disk full');
    expect([control.failure, control.stoppedBy]).toEqual([{ error: 'disk full' }, null]);
  });

  it('tells once that it is stopping, also to those who ask late', () => {
    using control = new StopControl();
    let told = 0;
    control.onStopping(() => told++);
    control.stop('tokens');
    control.abort('signal');
    expect(told).toBe(1);
    control.onStopping(() => told++);
    expect(told).toBe(2);
  });

  it('lets go of the signals it followed', () => {
    const stop = new AbortController();
    const control = new StopControl({ stop: stop.signal });
    control[Symbol.dispose]();
    stop.abort();
    expect(control.stopping).toBe(false);
  });
});
