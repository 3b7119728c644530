import { canonicalJson, InputError, type JsonObject, type Model, type Served } from '../../core/index.ts';
import type { TrialRow } from '../../records/index.ts';
import { askProbe, changedAnswers, type Probe } from './probe.ts';
import { appendProbes, readProbes } from './probes-file.ts';
import { type ServedName, sameServed } from './same-served.ts';
import {
  eachOnce,
  isOneModel,
  partsInWords,
  ServedByStage,
  servedInWords,
  servedNames,
} from './served-by-stage.ts';

/** A stage that lacks trials, so that its checkpoint is to answer in this run of the command. */
interface AskedStage {
  readonly id: string;
  /** The stage that this is once more, with the same model. */
  readonly again?: string;
  /** What the study tells it before every conversation. */
  readonly system?: string;
  /** Asked the fixed prompts; `null` for models that are files (their digest says who they are) or functions. */
  readonly model: Model | null;
  /** What its server says of itself; recorded with the probe. */
  readonly server?: JsonObject | null;
}

interface IdentityCheck {
  readonly folder: string;
  readonly stages: readonly AskedStage[];
  /** The recorded trials that stand: those that are asked again are left out. */
  readonly recorded: Iterable<Pick<TrialRow, 'stage' | 'status' | 'served'>>;
  readonly signal: AbortSignal;
  /** The command that goes on with this run, with more flags. */
  readonly command: (...flags: readonly string[]) => string;
  readonly onWarning: (warning: string) => void;
}

/** Keeps an arm to one model while it is asked. */
export interface ServedGuard {
  /** @throws InputError where the arm's answers were another model's until now */
  accept(stage: string, served: readonly Served[] | undefined): void;
}

/**
 * Asks each stage the three fixed prompts, records them in `probes.jsonl`, and compares who answers now with who gave the
 * recorded answers. Other answers under the same name are a warning.
 *
 * @returns what each further answer is to be checked with
 * @throws InputError where a stage's server names another model than the recorded answers do, or several
 */
export async function checkIdentity(check: IdentityCheck): Promise<ServedGuard> {
  const { folder, stages, signal, onWarning } = check;
  const served = new ServedByStage(check.recorded);
  const earlier = await readProbes(folder);
  const probes = await Promise.all(
    stages.flatMap(({ id, model, server = null }) => {
      if (model === null) return [];
      return [askProbe(id, model, signal).then((probe) => (server === null ? probe : { ...probe, server }))];
    }),
  );
  await appendProbes(folder, probes);
  const nowOf = ({ id, again = id }: AskedStage) => probes.find(({ stage }) => stage === again)?.served ?? [];
  const problems = stages.flatMap((stage) => problemOf(stage.id, served, nowOf(stage), check) ?? []);
  if (problems.length > 0) throw mergedProblem(problems);
  for (const warning of [
    ...sameModelWarnings(probes, stages),
    ...changedWarnings(probes, earlier, check),
    ...samplerWarnings(probes, earlier, check),
  ])
    onWarning(warning);
  return guard(served, check);
}

interface Problem {
  readonly message: string;
  readonly remedy: string;
}

/** What keeps a stage from being gone on with, given who answers it now; empty where that is not known. */
function problemOf(
  stage: string,
  recorded: ServedByStage,
  now: readonly ServedName[],
  { command }: Pick<IdentityCheck, 'command'>,
): Problem | null {
  const parts = recorded.partsOf(stage);
  const names = recorded.namesOf(stage);
  if (isOneModel([...names, ...now])) return null;
  const nowWords = now.map(servedInWords).join(' and ');
  if (!isOneModel(now)) {
    return {
      message: `the stage "${stage}" is answered by more than one model now: ${nowWords}`,
      remedy: 'A stage is one checkpoint: name a model, or a server, that always answers with the same one.',
    };
  }
  const others = now.length === 0 ? names : names.filter((name) => now.some((one) => !sameServed(name, one)));
  const redo = others.map((name) => {
    const value = names.concat(now).some(({ model, root }) => model === name.model && root !== name.root)
      ? (name.root ?? name.model)
      : name.model;
    const elsewhere = recorded.stages.some(
      (id) =>
        id !== stage && recorded.namesOf(id).some(({ model, root }) => model === value || root === value),
    );
    return command(...(elsewhere ? ['--redo', `stage=${stage}`] : []), '--redo', `served=${value}`);
  });
  if (now.length === 0) {
    return {
      message: `the recorded answers of the stage "${stage}" are by more than one model: ${partsInWords(parts)}`,
      remedy: `Have one part asked again: ${redo.join(' or ')}`,
    };
  }
  return {
    message: `the stage "${stage}" is answered by ${nowWords} now; its recorded answers are ${partsInWords(parts)}`,
    remedy: `Serve ${others.map(servedInWords).join(' and ')} again; or have that part asked again, of ${nowWords}: ${redo.join(' and ')}`,
  };
}

function mergedProblem(problems: readonly Problem[]): InputError {
  const [first] = problems;
  if (problems.length === 1) return new InputError(first!.message, { remedy: first!.remedy });
  const lines = problems.map(({ message, remedy }) => `  - ${message}\n    ${remedy}`);
  return new InputError(`another model answers now than the recorded ones:\n${lines.join('\n')}`);
}

/** Stages that one model answers, by its name; not where it answered the fixed prompts differently, or is told other things. */
function sameModelWarnings(probes: readonly Probe[], stages: readonly AskedStage[]): string[] {
  const toldTo = (id: string) => stages.find((stage) => stage.id === id)?.system;
  return probes.flatMap((a, i) =>
    probes.slice(i + 1).flatMap((b) => {
      if (toldTo(a.stage) !== toldTo(b.stage)) return [];
      const alike = a.served.some((one) => b.served.some((other) => equalNames(one, other)));
      if (!alike || (changedAnswers(a, b)?.changed ?? 0) > 0) return [];
      const [name] = eachOnce(a.served);
      return [
        `the stages "${a.stage}" and "${b.stage}" are answered by the same model, ${servedInWords(name!)}`,
      ];
    }),
  );
}

function equalNames(a: ServedName, b: ServedName): boolean {
  return a.model === b.model && a.root === b.root;
}

/** Stages that answer under the same name as before, but say other things. */
function changedWarnings(
  probes: readonly Probe[],
  earlier: readonly Probe[],
  { command }: Pick<IdentityCheck, 'command'>,
): string[] {
  return probes.flatMap((now) => {
    const before = earlier.findLast(({ stage, served, digest }) => {
      return stage === now.stage && digest !== null && isOneModel(eachOnce([...served, ...now.served]));
    });
    const compared = before === undefined ? null : changedAnswers(before, now);
    if (before === undefined || compared === null || compared.changed === 0) return [];
    const name = now.served[0] === undefined ? '' : ` as ${servedInWords(now.served[0])}`;
    return [
      `the stage "${now.stage}" answers${name}, as before, but gives other answers to ${compared.changed} of the ${compared.of} ` +
        `fixed prompts than at ${before.at} (temperature 0; probes.jsonl). Was the server started with other weights under ` +
        `the same name? Then have the stage asked again: ${command('--redo', `stage=${now.stage}`)}`,
    ];
  });
}

/** Stages whose earlier answers were sampled under other settings of the server than those that come now. */
function samplerWarnings(
  probes: readonly Probe[],
  earlier: readonly Probe[],
  { command }: Pick<IdentityCheck, 'command'>,
): string[] {
  const settings = ({ server }: Probe) => canonicalJson({ neutral: server?.neutral, adds: server?.adds });
  return probes.flatMap((now) => {
    const before = earlier.findLast(({ stage }) => stage === now.stage);
    if (before === undefined || settings(before) === settings(now)) return [];
    return [
      `the server of the stage "${now.stage}" samples under other settings than at ${before.at} (\`server\` in probes.jsonl): ` +
        `its answers would be of two kinds. Have the stage asked again: ${command('--redo', `stage=${now.stage}`)}`,
    ];
  });
}

function guard(served: ServedByStage, check: IdentityCheck): ServedGuard {
  const known = new Map<string, Set<string>>();
  /** Of each stage: who answered last, and the text for it. */
  const last = new Map<string, { readonly answer: readonly Served[]; readonly text: string }>();
  return {
    accept(stage, answer) {
      if (answer === undefined || answer.length === 0) return;
      // A run has hundreds of thousands of answers and a handful of names.
      const before = last.get(stage);
      if (before !== undefined && areEqual(before.answer, answer)) return served.add(stage, before.text);
      const names = known.get(stage) ?? new Set<string>();
      known.set(stage, names);
      const text = servedNames(answer);
      if (!names.has(text)) {
        const problem = problemOf(stage, served, eachOnce(answer), check);
        if (problem !== null) throw new InputError(problem.message, { remedy: problem.remedy });
        names.add(text);
      }
      last.set(stage, { answer, text });
      served.add(stage, text);
    },
  };
}

function areEqual(a: readonly Served[], b: readonly Served[]): boolean {
  return (
    a.length === b.length &&
    a.every((one, i) => {
      const other = b[i]!;
      return one.model === other.model && one.root === other.root && one.sampler === other.sampler;
    })
  );
}
