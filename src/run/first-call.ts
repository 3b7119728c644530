/**
 * Lets one call at a time through to an endpoint until it is known to answer. So a server that is not there, refuses the
 * key or does not know the model shows at the first request, and no other trial is spent on it.
 *
 * A server that is slow must not hold all others back: after `ALONE_MS` the other calls go on too.
 */
export class FirstCall {
  #open: boolean;
  #alone = false;
  #waiting: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @param open whether calls pass at once: for models that are not behind a network */
  constructor(open: boolean) {
    this.#open = open;
  }

  /** Waits until a call may pass; `undefined` where it may at once, so that the common case costs nothing. */
  enter(): Promise<void> | undefined {
    return this.#open ? undefined : this.#enterAlone();
  }

  async #enterAlone(): Promise<void> {
    while (!this.#open && this.#alone) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.#open) return;
    this.#alone = true;
    this.#timer = setTimeout(() => this.open(), ALONE_MS);
  }

  /** The endpoint was not reached yet: the others go on waiting, however long that takes. */
  keepWaiting(): void {
    clearTimeout(this.#timer);
  }

  /** The call that was alone ended without telling whether the endpoint answers: the next one may try. */
  leave(): void {
    if (this.#open) return;
    this.#alone = false;
    this.#wake();
  }

  /** All calls may pass from now on. Every answer says so. */
  open(): void {
    if (this.#open) return;
    this.#open = true;
    this.#wake();
  }

  #wake(): void {
    clearTimeout(this.#timer);
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

const ALONE_MS = 2_000;
