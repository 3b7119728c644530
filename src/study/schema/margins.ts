import { z } from 'zod';
import type { Margins } from '../../core/index.ts';

const margin = z.number().gt(0);

const marginsOfMeasure = z.strictObject({
  points: margin
    .optional()
    .describe('In the measure’s own unit: 0.05 are five points of a rate. Default: `default`.'),
  ratio: z
    .number()
    .gt(1)
    .optional()
    .describe(
      'Of a rate: the largest ratio of the two stages’ rates, either way, that still counts as the same. With both, both must hold.',
    ),
});

export const marginsSchema = z.codec(
  z
    .object({
      default: margin
        .default(0.05)
        .describe('For every measure that has none of its own. Default 0.05: five points.'),
    })
    .catchall(z.union([margin, marginsOfMeasure])),
  z.custom<Margins>(),
  {
    decode: ({ default: fallback, ...written }) => {
      const each = Object.entries(written).map(([id, own]) => ({
        id,
        ...(typeof own === 'number' ? { points: own } : own),
      }));
      const known = (key: 'points' | 'ratio') =>
        Object.fromEntries(each.flatMap((own) => (own[key] === undefined ? [] : [[own.id, own[key]]])));
      const ratios = known('ratio');
      return {
        default: fallback,
        byMeasure: known('points'),
        ...(Object.keys(ratios).length === 0 ? {} : { ratios }),
      };
    },
    encode: ({ default: fallback, byMeasure, ratios = {} }) => ({
      ...byMeasure,
      ...Object.fromEntries(
        Object.entries(ratios).map(([id, ratio]) => {
          const points = byMeasure[id];
          return [id, points === undefined ? { ratio } : { points, ratio }];
        }),
      ),
      default: fallback,
    }),
  },
);
