/** The longest time that a timer of Node's can wait, in milliseconds: 24 days and 20 hours. A longer one would be over at once. */
export const MOST_TIMER_MS = 2 ** 31 - 1;
