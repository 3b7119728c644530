/** Lower and upper end of an interval, both included. */
export type Interval = readonly [number, number];
