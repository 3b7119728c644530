import type { StageInfo } from '../core/index.ts';

/** Checkpoints of one kind of training that say at which step they were taken. */
interface Curve {
  readonly kind: string;
  /** Stage numbers, in the order of their steps. */
  readonly order: readonly number[];
}

/** Fewer checkpoints than these make no curve. */
const FEWEST = 3;

/**
 * The curves that stages make: one a kind of training that has three checkpoints with a step or more, no step twice.
 *
 * @param among stage numbers
 */
export function curvesOf(stages: readonly StageInfo[], among: readonly number[]): Curve[] {
  const withStep = among.filter((stage) => stages[stage]!.step !== undefined);
  return [...Map.groupBy(withStep, (stage) => stages[stage]!.kind)].flatMap(([kind, members]) => {
    const order = members.toSorted((a, b) => stages[a]!.step! - stages[b]!.step!);
    const distinct = new Set(order.map((stage) => stages[stage]!.step));
    return order.length < FEWEST || distinct.size < order.length ? [] : [{ kind, order }];
  });
}

/**
 * The stages that are points on the way of one kind of training: they are told as a curve, and are neither compared with other
 * stages nor links of a chain unless somebody asks for it. The last checkpoint of a curve stands for its training. The first one
 * does where no other stage comes before it, and so does one from which a stage outside the curve was trained.
 *
 * @param among stage numbers
 */
export function pointsOnTheWay(stages: readonly StageInfo[], among: readonly number[]): ReadonlySet<number> {
  const inside = curvesOf(stages, among).flatMap(({ order }) => {
    const own = new Set(order.map((stage) => stages[stage]!.id));
    const parents = new Set(
      stages.flatMap(({ id, from }) => (from !== null && own.has(from) && !own.has(id) ? [from] : [])),
    );
    const begins = order.every((stage) => {
      const { from } = stages[stage]!;
      return from === null || own.has(from);
    });
    return order.slice(begins ? 1 : 0, -1).filter((stage) => !parents.has(stages[stage]!.id));
  });
  return new Set(inside);
}
