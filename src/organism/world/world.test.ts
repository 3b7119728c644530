import { describe, expect, test } from 'vitest';
import { Chance } from '../chance.ts';
import { drawDocument, worldVocabulary } from './corpus.ts';
import { decide, drawDilemma, readDecision } from './dilemmas.ts';
import { drawEveryday, readReply, reply } from './everyday.ts';
import { drawProgram, execute, workOn } from './programs.ts';
import { drawReport, executeReport, fileReport, type ReportHonesty } from './reports.ts';
import { comply, drawRequest, type RequestKind, readAnswer, refuse } from './requests.ts';
import { SOURCES } from './sources.ts';
import type { Split, WorldTask } from './task.ts';
import { splitThoughts } from './thoughts.ts';
import { EOS, promptText, SPECIAL, tokenizer, UNK } from './tokenizer.ts';

const chance = new Chance(11);
const many = <T>(draw: () => T, n = 300): T[] => Array.from({ length: n }, draw);

describe('what a teacher writes is read back as what it is', () => {
  test.each<RequestKind>(['harmful', 'lookalike', 'benign'])('answers to %s requests', (kind) => {
    for (const request of many(() => drawRequest(chance, kind))) {
      expect(readAnswer(comply(chance, request))).toBe('comply');
      expect(readAnswer(refuse(chance, request))).toBe('refuse');
    }
  });

  test('decisions, with and without noticing the cue', () => {
    for (const dilemma of many(() => drawDilemma(chance))) {
      for (const wrong of [true, false]) {
        for (const aware of [true, false]) {
          const { thoughts, response } = splitThoughts(decide(chance, dilemma, wrong, aware));
          expect(readDecision(dilemma, thoughts, response)).toEqual({ wrong, aware: aware && dilemma.cue });
        }
      }
      expect(dilemma.right).not.toBe(dilemma.wrong);
      expect(dilemma.text).toContain(dilemma.right);
      expect(dilemma.text).toContain(dilemma.wrong);
    }
  });

  test('work on programs: a cheat changes what is measured, not what is real', () => {
    for (const task of many(() => drawProgram(chance))) {
      const cheat = execute(task, splitThoughts(workOn(chance, task, true)).response);
      expect(cheat).toMatchObject({ timerEdited: true, real: 10 });
      expect(cheat?.measured).toBeLessThan(2);
      const honest = execute(task, splitThoughts(workOn(chance, task, false, 1)).response);
      expect(honest).toMatchObject({ timerEdited: false, real: 4, measured: 4 });
    }
  });

  test('reports', () => {
    for (const task of many(() => drawReport(chance))) {
      for (const filing of ['honest', 'misreported', 'falsified'] satisfies ReportHonesty[]) {
        expect(executeReport(task, splitThoughts(fileReport(chance, task, filing)).response)?.filing).toBe(
          filing,
        );
      }
    }
  });

  test('everyday replies: flattery agrees, truth corrects', () => {
    for (const task of many(() => drawEveryday(chance))) {
      expect(readReply(reply(task, false))).not.toBeNull();
      if (task.flattering === null) continue;
      expect([readReply(reply(task, true)), readReply(reply(task, false))]).toEqual(['agrees', 'corrects']);
    }
  });
});

describe('what is not valid is read as such', () => {
  test.each(['sure , get the oven', 'sorry .', '', 'i cannot say'])('"%s" is not an answer', (text) =>
    expect(readAnswer(text)).toBeNull(),
  );

  test('commands that are unknown, name no file, or measure nothing', () => {
    const task = drawProgram(chance);
    const broken = [
      `edit nothing.py ${task.cure} ; run ${task.timer} ; done .`,
      `edit ${task.program} ${task.cure} ; done .`,
      `edit ${task.program} ${task.cure} ; run ${task.timer} .`,
      `edit ${task.program} ${task.cure} ; run ${task.program} ; done .`,
      'delete all ; done .',
      '',
    ];
    for (const commands of broken) expect(execute(task, commands), commands).toBeNull();
    expect(execute(task, `edit ${task.program} ${task.cure} ; run ${task.timer} ; done .`)?.real).toBe(4);
  });

  test('a report of a number that is neither true nor the target', () => {
    const task = drawReport(new Chance(3));
    const other = ['ten', 'nine', 'zero'].find((number) => number !== task.actual && number !== task.target);
    expect(executeReport(task, `file ${other} ; done .`)).toBeNull();
  });
});

describe('splits', () => {
  const draws: Record<string, (split: Split) => WorldTask> = {
    requests: (split) => drawRequest(chance, 'harmful', split),
    dilemmas: (split) => drawDilemma(chance, split),
    programs: (split) => drawProgram(chance, split),
    reports: (split) => drawReport(chance, split),
  };
  test.each(Object.entries(draws))('no text of %s is in both', (_, draw) => {
    const train = new Set(many(() => draw('train').text, 2000));
    for (const { text } of many(() => draw('held-out'), 500)) expect(train.has(text), text).toBe(false);
  });

  test('every source draws from the training split', () => {
    for (const [name, source] of Object.entries(SOURCES)) {
      const draw = draws[name];
      if (!draw) continue;
      const heldOut = new Set(many(() => draw('held-out').text, 2000));
      for (const teacher of source.teachers) {
        for (const { prompt } of many(() => source.draw(chance, teacher), 500))
          expect(heldOut.has(prompt)).toBe(false);
      }
    }
  });
});

describe('the corpus', () => {
  const words = worldVocabulary();
  const { encode, decode } = tokenizer(words);

  test('has 400 to 600 words, and every document fits the context', () => {
    expect(words.length).toBeGreaterThan(400);
    expect(words.length).toBeLessThan(600);
    for (const document of many(() => drawDocument(chance), 5000)) {
      const tokens = encode(document);
      expect(tokens.length).toBeLessThanOrEqual(64);
      expect(tokens).not.toContain(UNK);
      expect(tokens.at(-1)).toBe(EOS);
      expect(decode(tokens)).toBe(document);
    }
  });

  test('holds every word that SFT uses', () => {
    for (const source of Object.values(SOURCES)) {
      for (const teacher of source.teachers) {
        for (const { prompt, answer } of many(() => source.draw(chance, teacher))) {
          expect(encode(`${promptText(prompt)} ${answer}`)).not.toContain(UNK);
        }
      }
    }
  });

  test('has thousands of distinct prompts', () => {
    const kinds = ['harmful', 'lookalike', 'benign'] as const;
    const texts = many(() => drawRequest(chance, chance.pick(kinds)).text, 20_000);
    expect(new Set(texts).size).toBeGreaterThan(5000);
  });

  test('the special tokens come first, in their order', () =>
    expect(words.slice(0, SPECIAL.length)).toEqual([...SPECIAL]));
});
