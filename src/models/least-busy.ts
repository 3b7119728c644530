import { type GenerateRequest, type Generation, type Model, ModelError } from '../core/index.ts';

/** A server that could not be reached is left alone for so long, while others answer. */
const LEFT_ALONE_MS = 30_000;

/** Tries of a request at one server, where another one may be asked instead. */
const RETRIES = 2;

interface BusyServer {
  readonly model: Model;
  underWay: number;
  /** When it was last given a request, or could not be reached. */
  lastAt: number;
  leftAloneUntil: number;
}

/**
 * One checkpoint on several servers. Each request goes to the server with the fewest under way; one that cannot be reached is made
 * at another server.
 */
export class LeastBusyModel implements Model {
  readonly ref: string;
  readonly #servers: readonly BusyServer[];
  readonly #now: () => number;

  /** @param models of one checkpoint, the first one named in the study first */
  constructor(models: readonly [Model, ...Model[]], now: () => number = () => performance.now()) {
    this.ref = models[0].ref;
    this.#servers = models.map((model) => ({ model, underWay: 0, lastAt: 0, leftAloneUntil: 0 }));
    this.#now = now;
  }

  /** The one that the study names first. */
  get first(): Model {
    return this.#servers[0]!.model;
  }

  async generate(request: GenerateRequest, signal: AbortSignal): Promise<Generation> {
    const untried = new Set(this.#servers);
    for (;;) {
      const server = this.#leastBusy(untried);
      untried.delete(server);
      server.underWay++;
      server.lastAt = this.#now();
      try {
        const tries = untried.size === 0 ? {} : { retries: Math.min(RETRIES, request.retries ?? RETRIES) };
        return await server.model.generate({ ...request, ...tries }, signal);
      } catch (error) {
        const unreached = error instanceof ModelError && error.kind === 'connection';
        if (!unreached || untried.size === 0) throw error;
        server.leftAloneUntil = this.#now() + LEFT_ALONE_MS;
      } finally {
        server.underWay--;
      }
    }
  }

  /** Of those that can be reached the least busy; of equals the one that waited longest. */
  #leastBusy(among: ReadonlySet<BusyServer>): BusyServer {
    const now = this.#now();
    const rank = ({ leftAloneUntil, underWay, lastAt }: BusyServer) => [
      leftAloneUntil > now ? 1 : 0,
      underWay,
      lastAt,
    ];
    return [...among].reduce((best, server) => (isBefore(rank(server), rank(best)) ? server : best));
  }
}

function isBefore(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at >= 0 && a[at]! < b[at]!;
}
