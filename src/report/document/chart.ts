import type { Verdict } from '../../findings/contrast-findings.ts';
import type { FindingsStage, Interval } from '../../findings/findings.ts';

/** What a figure shows, as data: rows on one scale, panels of columns beside each other, or a tree. */
export type Chart = RowChart | ColumnChart | TreeChart;

export interface RowChart {
  readonly kind: 'rows';
  readonly scale: ChartScale;
  readonly rows: readonly ChartRow[];
}

export interface ColumnChart {
  readonly kind: 'columns';
  readonly panels: readonly {
    readonly title: string;
    readonly scale: ChartScale;
    readonly columns: readonly ChartRow[];
  }[];
  /** What could not be drawn. */
  readonly note?: string;
}

/** A tree from its roots down. */
export interface TreeChart {
  readonly kind: 'tree';
  /** Each behind its parent, and before its own next sibling with all that comes from it. */
  readonly nodes: readonly {
    /** The number of the node that it comes from; `null` for a root. */
    readonly parent: number | null;
    readonly label: string;
    readonly role: FindingsStage['role'];
    /** Lines beneath its name. */
    readonly words: readonly string[];
  }[];
}

export interface ChartScale {
  /** What the scale must hold: it goes from tick to tick around these, within the bounds. */
  readonly holds: readonly number[];
  readonly bounds: Interval;
  /** How a value is written at the axis. */
  readonly ticks: { readonly factor: 1 | 100; readonly suffix: '' | '%'; readonly signed: boolean };
  readonly title?: string;
  /** Words above the two ends. */
  readonly ends?: readonly [string, string];
  /** A shaded stretch, such as the margin. */
  readonly band?: Interval;
}

export interface ChartRow {
  readonly label: string;
  /** A bar in the colour of its stage, or a point in the shape of its verdict. */
  readonly shape: { readonly bar: FindingsStage['role'] } | { readonly verdict: Verdict };
  readonly value: number | null;
  /** 95%: a thin line. */
  readonly interval: Interval | null;
  /** 90%: a thick line. */
  readonly inner?: Interval | null;
  /** Drawn beneath, as an open diamond: the same as rated, or as corrected by human labels; the caption says which. */
  readonly beside?: { readonly value: number; readonly interval: Interval | null };
  /** Lines beside the drawing. */
  readonly words: readonly { readonly strong?: string; readonly soft?: string }[];
  /** Why there is no value. */
  readonly why?: string;
}
