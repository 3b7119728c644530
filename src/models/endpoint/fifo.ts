/** A place in a queue, to be given up by `drop`. */
interface QueuePlace<T> {
  readonly item: T;
  dropped: boolean;
}

/** First in, first out, and anyone may leave in between. Every operation takes constant time on average. */
export class Fifo<T> {
  #places: QueuePlace<T>[] = [];
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(item: T): QueuePlace<T> {
    const place = { item, dropped: false };
    this.#places.push(place);
    this.#size++;
    return place;
  }

  /** The first one, without taking it out. */
  peek(): T | undefined {
    while (this.#places[this.#head]?.dropped) this.#head++;
    return this.#places[this.#head]?.item;
  }

  /** Takes out what `peek` has just shown. */
  shift(): void {
    this.#head++;
    this.#size--;
    if (this.#head > 1024 && this.#head * 2 > this.#places.length) {
      this.#places = this.#places.slice(this.#head);
      this.#head = 0;
    }
  }

  drop(place: QueuePlace<T>): void {
    place.dropped = true;
    this.#size--;
  }
}
