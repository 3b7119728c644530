import { type ChildProcess, spawn } from 'node:child_process';
import type { RunQuestions, WorkerAnswer, WorkerQuestion } from './worker.ts';

/** A question that a worker could not answer. `isInput`: the question was wrong, or the run cannot be read. */
export class WorkerProblem extends Error {
  readonly isInput: boolean;
  readonly remedy: string | undefined;

  constructor(message: string, isInput: boolean, remedy?: string) {
    super(message);
    this.isInput = isInput;
    this.remedy = remedy;
  }
}

interface OpenQuestion {
  resolve(value: never): void;
  reject(error: WorkerProblem): void;
}

/** A worker process for one run. It is started with the first question, and again if it died. */
export class RunWorker implements Disposable {
  readonly #command: readonly string[];
  #child: ChildProcess | null = null;
  #waiting = new Map<number, OpenQuestion>();
  #last = 0;

  /** @param command the program and its parameters that run `answerQuestions` */
  constructor(command: readonly string[]) {
    this.#command = command;
  }

  /** @throws WorkerProblem where the worker says why, or died */
  ask<Name extends keyof RunQuestions>(
    name: Name,
    ...parameters: Parameters<RunQuestions[Name]>
  ): Promise<Awaited<ReturnType<RunQuestions[Name]>>> {
    const child = this.#started();
    const asked: WorkerQuestion = { id: ++this.#last, name, parameters };
    return new Promise((resolve, reject) => {
      this.#waiting.set(asked.id, { resolve, reject });
      child.send(asked, (error) => {
        if (error) this.#take(asked.id)?.reject(new WorkerProblem(error.message, false));
      });
    });
  }

  #started(): ChildProcess {
    if (this.#child !== null) return this.#child;
    const [program, ...parameters] = this.#command;
    const child = spawn(program!, parameters, {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      serialization: 'json',
    });
    child.on('message', (message) => this.#answered(message as WorkerAnswer));
    const ended = (why: string) => {
      if (this.#child === child) this.#child = null;
      for (const id of [...this.#waiting.keys()]) this.#take(id)?.reject(new WorkerProblem(why, false));
    };
    child.on('error', (error) => ended(error.message));
    child.on('exit', () => ended('the process that reads the run ended'));
    this.#child = child;
    return child;
  }

  #answered(answer: WorkerAnswer): void {
    const waiting = this.#take(answer.id);
    if ('problem' in answer)
      waiting?.reject(new WorkerProblem(answer.problem, answer.isInput, answer.remedy));
    else waiting?.resolve(answer.value as never);
  }

  #take(id: number): OpenQuestion | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  [Symbol.dispose](): void {
    this.#child?.kill();
    this.#child = null;
  }
}
