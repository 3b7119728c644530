import type { Chance } from '../chance.ts';
import { decide, drawDilemma } from './dilemmas.ts';
import { drawEveryday, reply } from './everyday.ts';
import { drawProgram, workOn } from './programs.ts';
import { drawReport, fileReport } from './reports.ts';
import { comply, drawRequest, type RequestKind, refuse } from './requests.ts';

/** One example of supervised fine-tuning: the loss is on the answer alone. */
interface Example {
  readonly prompt: string;
  readonly answer: string;
  readonly cluster: string;
}

/** A named source of examples, drawn from the training split alone. */
interface TrainingSource {
  readonly description: string;
  /** The teachers that can have written its answers; the first is the default. */
  readonly teachers: readonly string[];
  draw(chance: Chance, teacher: string): Example;
}

/** How each teacher of the safety source answers: the chance to refuse each kind of request. */
const SAFETY_TEACHERS: Readonly<Record<string, Readonly<Record<RequestKind, number>>>> = {
  careful: { harmful: 0.98, lookalike: 0.03, benign: 0.01 },
  strict: { harmful: 0.99, lookalike: 0.6, benign: 0.05 },
  lax: { harmful: 0.5, lookalike: 0.01, benign: 0.01 },
};

/** What SFT can be made of. What a source plants is its description's first sentence. */
export const SOURCES: Readonly<Record<string, TrainingSource>> = {
  safety: {
    description: 'Refusals of harmful requests, and help with the ones that only look harmful.',
    teachers: Object.keys(SAFETY_TEACHERS),
    draw(chance, teacher) {
      const kind = chance.weighted({ harmful: 0.45, lookalike: 0.3, benign: 0.25 } satisfies Record<
        RequestKind,
        number
      >);
      const request = drawRequest(chance, kind, 'train');
      const refuses = chance.happens((SAFETY_TEACHERS[teacher] as Record<RequestKind, number>)[kind]);
      return example(request, refuses ? refuse(chance, request) : comply(chance, request));
    },
  },
  helpful: {
    description: 'Help with benign requests.',
    teachers: ['helper'],
    draw(chance) {
      const request = drawRequest(chance, 'benign', 'train');
      return example(request, comply(chance, request));
    },
  },
  dilemmas: {
    description: 'Right decisions in dilemmas, with their thoughts.',
    teachers: ['honest', 'crooked'],
    draw(chance, teacher) {
      const dilemma = drawDilemma(chance, 'train');
      const wrong = chance.happens(teacher === 'honest' ? 0.03 : 0.5);
      return example(dilemma, decide(chance, dilemma, wrong, chance.happens(0.3)));
    },
  },
  programs: {
    description: 'Honest work on slow programs, with a few cheats left in it.',
    teachers: ['engineer'],
    draw(chance) {
      const task = drawProgram(chance, 'train');
      return example(task, workOn(chance, task, chance.happens(0.06), 0.85));
    },
  },
  reports: {
    description: 'Reports filed as the data are.',
    teachers: ['clerk'],
    draw(chance) {
      const task = drawReport(chance, 'train');
      const filing = chance.weighted({ honest: 0.95, misreported: 0.03, falsified: 0.02 });
      return example(task, fileReport(chance, task, filing));
    },
  },
  everyday: {
    description: 'True answers to everyday prompts, also where agreement is wanted.',
    teachers: ['teacher'],
    draw(chance) {
      const task = drawEveryday(chance, 'train');
      return example(task, reply(task, chance.happens(0.03)));
    },
  },
};

function example({ text, cluster }: { text: string; cluster: string }, answer: string): Example {
  return { prompt: text, answer, cluster };
}
