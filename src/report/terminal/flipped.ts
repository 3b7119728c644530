import type { Findings } from '../../findings/findings.ts';
import { notationOf } from '../../format/index.ts';

/** Every sample that changed on a measure, a line each, by contrast: for `findings --flipped`. */
export function flippedLines({ measures, stages }: Findings, wanted: string): string[] {
  const title = (id: string) => stages.find((stage) => stage.id === id)?.title ?? id;
  return measures
    .filter(({ id, flipped }) => flipped !== undefined && (id === wanted || id.endsWith(`/${wanted}`)))
    .flatMap((measure) => {
      const notation = notationOf(measure);
      return measure.flipped!.flatMap(({ from, to, up, down, samples }) => [
        `${measure.title}, ${title(from)} → ${title(to)}: ${up} rose, ${down} fell`,
        ...samples.map(
          (one) =>
            `  ${one.sample}  ${one.cluster}  ${notation.value(one.from)} → ${notation.value(one.to)}  ${notation.change(one.change)}`,
        ),
        '',
      ]);
    });
}
