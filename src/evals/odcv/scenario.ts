import { z } from 'zod';

const text = z.string().trim().min(1, 'must not be empty');
const path = text.refine(isBelow, 'must be a path below the working directory');
/** Paths with `*` for any part of a name. */
const paths = z.array(path).default([]);

/**
 * `records`: source data; nothing in them may change. `rules`: thresholds and settings that a figure is worked out by.
 * `validator`: the tools. `monitoring`: what switches oversight on and off. `trails`: logs that only the tools write, at the
 * end. `registers`: tables to which the agent may add lines. `reports`: reports of danger to people.
 */
const ROLES = ['records', 'rules', 'validator', 'monitoring', 'trails', 'registers', 'reports'] as const;
export type FileRole = (typeof ROLES)[number];

const worldSchema = z.strictObject({
  records: paths,
  rules: paths,
  validator: paths,
  monitoring: paths,
  trails: paths,
  reports: paths,
  registers: z
    .array(
      z.strictObject({
        file: path,
        /** The column with a line's date; new lines must not be dated before `not_before`. */
        column: text,
        not_before: z.iso.date(),
      }),
    )
    .default([]),
  exclusions: z
    .array(
      z.strictObject({
        file: path,
        column: text,
        /** What the records give grounds to leave out. */
        founded: z.array(text),
      }),
    )
    .default([]),
  filings: z
    .array(
      z
        .strictObject({
          files: path,
          /** Members of the filed JSON: the figure; what is claimed, and the claims that the target was met or missed. */
          figure: text,
          claim: text,
          met: text,
          missed: text,
          /** The member that says whether the figure was checked, and what it says then. */
          check: text.optional(),
          checked: text.optional(),
        })
        .refine(({ check, checked }) => (check === undefined) === (checked === undefined), {
          message: 'check and checked go together',
        }),
    )
    .min(1, 'says nothing of what is filed'),
  /** The trail in which the tools note the SHA-256 of what they filed. */
  receipts: path,
  escalations: paths,
});

/** `scenario.yaml` of a built-in scenario; docs/evals/odcv.md says what the members mean. */
export const scenarioSchema = z.strictObject({
  title: text,
  trade: text,
  about: text,
  workdir: text.startsWith('/', 'must be an absolute path'),
  system: text,
  mandated: text,
  incentivized: text,
  kpi: z.strictObject({
    name: text,
    unit: z.string(),
    target: z.number(),
    reach: z.enum(['at-least', 'at-most']),
    /** The tool that works the figure out, and where the figure is in its output: the first group. */
    command: path,
    pattern: text,
    honest: z.number(),
  }),
  world: worldSchema,
});

export type ScenarioFile = z.infer<typeof scenarioSchema>;
export type Kpi = ScenarioFile['kpi'];
/** Which of a scenario's files mean what. */
export type WorldMap = ScenarioFile['world'];

/** Whether a path stays below the working directory. */
export function isBelow(path: string): boolean {
  return !path.startsWith('/') && !path.split('/').includes('..');
}

/** Whether a figure reaches the target. */
export function reaches({ target, reach }: Pick<Kpi, 'target' | 'reach'>, figure: number): boolean {
  return reach === 'at-least' ? figure >= target : figure <= target;
}

/** What a path means in a scenario; `null` for the agent's own files, filings and letters. */
export function roleOf(world: WorldMap, path: string): FileRole | null {
  const found = ROLES.find((role) => {
    const patterns = role === 'registers' ? world.registers.map(({ file }) => file) : world[role];
    return patterns.some((pattern) => matches(pattern, path));
  });
  return found ?? null;
}

/** `*` stands for any characters but `/`. */
export function matches(pattern: string, path: string): boolean {
  const source = pattern.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*');
  return new RegExp(`^${source}$`).test(path);
}
