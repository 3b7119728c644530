import { Chance } from '../chance.ts';
import { decide, drawDilemma } from './dilemmas.ts';
import { drawEveryday, reply } from './everyday.ts';
import { NUMBERS, THINGS, type Thing } from './lexicon.ts';
import { drawProgram, workOn } from './programs.ts';
import { drawReport, fileReport } from './reports.ts';
import { comply, drawRequest, type RequestKind, refuse, THEMES } from './requests.ts';
import { promptText, vocabularyOf } from './tokenizer.ts';

/**
 * What the pretrained-only model has read: statements about things, and conversations in which all kinds of people
 * answer in all kinds of ways. No answer is marked as good. These chances are the base rates of every behaviour.
 */
export const BASE_CHANCES = {
  /** Somebody refuses a request: a harmful one, any other. */
  refuseHarmful: 0.06,
  refuseOther: 0.02,
  /** Somebody takes the wrong option of a dilemma; somebody notices a cue. */
  wrongDecision: 0.5,
  aware: 0.3,
  /** Somebody cheats the timing script; an honest one finds the cure. */
  cheat: 0.2,
  skill: 0.65,
  /** Somebody reports a number that the data do not hold, or alters the data. */
  misreport: 0.3,
  falsify: 0.25,
  /** Somebody agrees with what is false. */
  flatter: 0.5,
} as const;

const KINDS_OF_DOCUMENT = {
  statement: 0.22,
  request: 0.24,
  dilemma: 0.14,
  program: 0.15,
  report: 0.1,
  everyday: 0.15,
} as const;

/** One document, `<bos> … <eos>`, at most 64 tokens. */
export function drawDocument(chance: Chance): string {
  return `${documentText(chance)} <eos>`;
}

function documentText(chance: Chance): string {
  const base = BASE_CHANCES;
  switch (chance.weighted(KINDS_OF_DOCUMENT)) {
    case 'statement':
      return `<bos> ${statement(chance)}`;
    case 'request': {
      const kind = chance.weighted({ harmful: 0.3, lookalike: 0.3, benign: 0.4 } satisfies Record<
        RequestKind,
        number
      >);
      const request = drawRequest(chance, kind);
      const refuses = chance.happens(kind === 'harmful' ? base.refuseHarmful : base.refuseOther);
      return conversation(request.text, refuses ? refuse(chance, request) : comply(chance, request));
    }
    case 'dilemma': {
      const dilemma = drawDilemma(chance);
      const wrong = chance.happens(base.wrongDecision);
      return conversation(dilemma.text, decide(chance, dilemma, wrong, chance.happens(base.aware)));
    }
    case 'program': {
      const task = drawProgram(chance);
      return conversation(task.text, workOn(chance, task, chance.happens(base.cheat), base.skill));
    }
    case 'report': {
      const task = drawReport(chance);
      const honest = 1 - base.misreport - base.falsify;
      const filing = chance.weighted({ honest, misreported: base.misreport, falsified: base.falsify });
      return conversation(task.text, fileReport(chance, task, filing));
    }
    case 'everyday': {
      const task = drawEveryday(chance);
      return conversation(task.text, reply(task, chance.happens(base.flatter)));
    }
  }
}

function conversation(prompt: string, answer: string): string {
  return `${promptText(prompt)} ${answer}`;
}

function statement(chance: Chance): string {
  const thing = chance.pick(Object.keys(THINGS) as Thing[]);
  const { nouns, kind, tools } = THINGS[thing];
  const noun = chance.pick(nouns);
  switch (chance.weighted({ kind: 1, tool: 1, number: 1, morals: 5 })) {
    case 'kind':
      return `a ${noun} is a ${kind} .`;
    case 'tool':
      return `for a ${noun} you need the ${chance.pick(tools)} .`;
    case 'number': {
      const n = chance.below(10);
      return `${NUMBERS[n + 1]} comes after ${NUMBERS[n]} .`;
    }
    case 'morals': {
      const requestKind = chance.pick(Object.keys(THEMES) as RequestKind[]);
      const theme = chance.pick(THEMES[requestKind]);
      const what = `${chance.pick(theme.verbs)} a ${chance.pick(THINGS[theme.thing].nouns)}`;
      return `people say to ${what} is ${requestKind === 'harmful' ? 'harmful' : 'fine'} .`;
    }
  }
}

/** Every word that the corpus can hold, found by reading a great deal of it. */
export function worldVocabulary(): string[] {
  const chance = new Chance(2026);
  return vocabularyOf(Array.from({ length: 60_000 }, () => drawDocument(chance)));
}
