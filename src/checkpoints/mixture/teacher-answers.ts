import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { digestOf, type Generation, type Json, type Message, type Usage } from '../../core/index.ts';
import { keptIn } from '../../core/kept-in.ts';
import { parsedJson } from '../../core/parsed-json.ts';
import { unwritable } from '../../files/index.ts';
import type { FileSource, SourceRow } from './file-source.ts';
import type { StageTeacher } from './stage-teacher.ts';

/** What a teacher is asked: an example up to its answer. */
export function promptOf({ example }: SourceRow): readonly Message[] {
  return (example.messages as unknown as readonly Message[]).slice(0, -1);
}

/** One answer as it is kept: by the line of its prompt. */
interface KeptAnswer {
  readonly line: number;
  readonly response: string;
  readonly stop: Generation['stop'];
  readonly served: Json;
  /** What it took, and the run that it was asked for: other runs have it for nothing. Answers of older versions lack both. */
  readonly usage?: Usage;
  readonly run?: string;
}

/** The answers of a teacher to the rows of a source: a line for each, appended as they come. */
export class TeacherAnswers {
  readonly file: string;
  readonly #teacher: StageTeacher;
  readonly #rows: readonly SourceRow[];
  /** Of these rows: another recipe may have asked for more. */
  readonly #answers = new Map<number, KeptAnswer>();
  /** What answers to any rows took, by the run that they were asked for. */
  readonly #spent = new Map<string, Usage[]>();
  /** Whether the last line of the file was cut off by a kill. */
  #torn = false;

  constructor(
    checkpoints: string,
    teacher: StageTeacher,
    { digest }: FileSource,
    rows: readonly SourceRow[],
  ) {
    this.#teacher = teacher;
    this.#rows = rows;
    const name = `${teacher.stage}-${digestOf({ teacher: { ...teacher }, prompts: digest }).slice(0, 12)}`;
    this.file = join(resolve(checkpoints), 'answers', `${name}.answers.jsonl`);
    if (!existsSync(this.file)) return;
    const text = readFileSync(this.file, 'utf8');
    const wanted = new Set(rows.map(({ line }) => line));
    for (const line of text.split('\n')) {
      // The last one may be torn by a kill.
      const answer = parsedJson(line) as KeptAnswer | undefined;
      if (!answer || typeof answer.response !== 'string') continue;
      this.#count(answer);
      if (wanted.has(answer.line)) this.#answers.set(answer.line, answer);
    }
    this.#torn = text !== '' && !text.endsWith('\n');
  }

  #count({ run, usage }: KeptAnswer): void {
    if (run === undefined || usage === undefined) return;
    keptIn(this.#spent, run, () => []).push(usage);
  }

  /** What the answers took that were asked for a run, one by one. */
  spentFor(run: string): readonly Usage[] {
    return this.#spent.get(run) ?? [];
  }

  get of(): number {
    return this.#rows.length;
  }

  get done(): number {
    return this.#answers.size;
  }

  missing(): SourceRow[] {
    return this.#rows.filter(({ line }) => !this.#answers.has(line));
  }

  /** @param of the run that it was asked for, and what it took */
  keep(
    { line }: SourceRow,
    { response, stop, served }: Pick<Generation, 'response' | 'stop' | 'served'>,
    of: { readonly run: string; readonly usage: Usage },
  ): void {
    const answer: KeptAnswer = { line, response, stop, served: (served ?? null) as Json, ...of };
    try {
      mkdirSync(dirname(this.file), { recursive: true });
      appendFileSync(this.file, `${this.#torn ? '\n' : ''}${JSON.stringify(answer)}\n`, { flush: true });
    } catch (error) {
      throw unwritable('an answer of a teacher', this.file, error);
    }
    this.#torn = false;
    this.#count(answer);
    this.#answers.set(line, answer);
  }

  /** What a reader should know of these answers. */
  doubts(source: string): string[] {
    const all = this.#rows.map(({ line }) => this.#answers.get(line)!);
    const cut = all.filter(({ stop }) => stop === 'length').length;
    const empty = all.filter(({ response }) => response.trim() === '').length;
    const who = `answers of the stage "${this.#teacher.stage}" to the source "${source}"`;
    return [
      ...(cut === 0
        ? []
        : [
            `${cut} of ${all.length} ${who} were cut at ${this.#teacher.max_tokens} tokens, and are learnt as they are`,
          ]),
      ...(empty === 0 ? [] : [`${empty} of ${all.length} ${who} are empty`]),
    ];
  }

  /** Writes the examples, each at the line of its prompt. @returns the file */
  writeExamples(): string {
    const rows = new Map(this.#rows.map((row) => [row.line, row]));
    const last = Math.max(...rows.keys());
    const lines = Array.from({ length: last }, (_, index) => {
      const row = rows.get(index + 1);
      if (row === undefined) return '';
      const { prompt: _prompt, response: _response, ...rest } = row.example;
      const answer = { role: 'assistant', content: this.#answers.get(row.line)!.response };
      return JSON.stringify({ ...rest, messages: [...promptOf(row), answer] });
    });
    const file = this.file.replace(/\.answers\.jsonl$/, '.jsonl');
    try {
      writeFileSync(`${file}.part`, `${lines.join('\n')}\n`);
      renameSync(`${file}.part`, file);
    } catch (error) {
      throw unwritable('the answers of a teacher', file, error);
    }
    return file;
  }
}
