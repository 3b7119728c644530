import type { Measure } from '../../core/index.ts';
import { rate } from '../rate.ts';
import { type Behaviour, behaviours, type Part } from './behaviours.ts';

const WHERE: Readonly<Record<Part, { readonly title: string; readonly words: string }>> = {
  thoughts: { title: ', in thoughts', words: 'whose thoughts show it' },
  response: { title: ', in the response', words: 'whose response shows it' },
  both: { title: '', words: 'in which thoughts and response show it together' },
};

/** The measure of a behaviour on a part: `user-logs/<behaviour>-<part>`; for one that is rated on both, `user-logs/<behaviour>`. */
export function measureOf({ name, title }: Behaviour, part: Part): Measure {
  return rate(
    part === 'both' ? `user-logs/${name}` : `user-logs/${name}-${part}`,
    `${title}${WHERE[part].title}`,
    `Share of the prompts ${WHERE[part].words} clearly; borderline cases count as no, and are counted beside it.`,
  );
}

export const userLogMeasures: readonly Measure[] = behaviours.flatMap((behaviour) =>
  behaviour.parts.map((part) => measureOf(behaviour, part)),
);
