import { describe, expect, it } from 'vitest';
import { Halt } from './halt.ts';

describe('Halt', () => {
  it('stops gently at the first signal and drops at the second', () => {
    const stop = new AbortController();
    const abort = new AbortController();
    using halt = new Halt({ stop: stop.signal, abort: abort.signal });
    expect(halt.stopping).toBe(false);
    stop.abort();
    expect([halt.stopping, halt.dropped, halt.stoppedBy]).toEqual([true, false, 'signal']);
    expect(halt.signal.aborted).toBe(false);
    abort.abort();
    expect([halt.dropped, halt.signal.aborted, halt.stoppedBy]).toEqual([true, true, 'signal']);
  });

  it('obeys signals that were given before it began', () => {
    using halt = new Halt({ abort: AbortSignal.abort() });
    expect(halt.dropped).toBe(true);
  });

  it('keeps the first reason and the first error', () => {
    using halt = new Halt();
    halt.stop('usd');
    halt.stop('signal');
    expect(halt.stoppedBy).toBe('usd');
    halt.fail('disk full');
    halt.fail('an echo of it');
    expect(halt.failure).toEqual({ error: 'disk full' });
    expect(halt.stoppedBy).toBeNull();
  });

  it('still fails after all was dropped: a disk may fill up while the last records are written', () => {
    using halt = new Halt();
    halt.drop('signal');
    halt.fail('disk full');
    expect([halt.failure, halt.stoppedBy]).toEqual([{ error: 'disk full' }, null]);
  });

  it('tells once that it is stopping, also to those who ask late', () => {
    using halt = new Halt();
    let told = 0;
    halt.onStopping(() => told++);
    halt.stop('tokens');
    halt.drop('signal');
    expect(told).toBe(1);
    halt.onStopping(() => told++);
    expect(told).toBe(2);
  });

  it('lets go of the signals it followed', () => {
    const stop = new AbortController();
    const halt = new Halt({ stop: stop.signal });
    halt[Symbol.dispose]();
    stop.abort();
    expect(halt.stopping).toBe(false);
  });
});
