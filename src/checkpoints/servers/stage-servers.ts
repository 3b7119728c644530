import { join } from 'node:path';
import { StemmaError } from '../../core/index.ts';
import { convertWeights } from './convert-weights.ts';
import { onSlurm } from './on-slurm.ts';
import { type ServedWeights, type ServerLaunch, type ServingSettings, servedName } from './server.ts';
import { serverOfKind } from './servers.ts';
import { freePort, HOST, type RunningServer, startServer } from './start-server.ts';

/** Where a stage is served, and under which name. */
interface ServedAddress {
  readonly baseUrl: string;
  readonly name: string;
}

/** What happens to the servers of a run, for people. */
export interface ServerEvent {
  readonly stage: string;
  readonly event: 'starting' | 'ready' | 'died' | 'stopped';
  readonly message: string;
}

interface StageServersOptions {
  /** Each server has a folder in here, with its log. */
  readonly folder: string;
  /** The part of the run that uses these servers. Other parts have their own servers. */
  readonly part?: string;
  readonly onEvent?: (event: ServerEvent) => void;
  /** A server that cannot be had again: the run cannot go on. */
  readonly onFail: (error: Error) => void;
}

/** A server that dies more often than this in one session is not started again. */
const MOST_RESTARTS = 3;

interface PreparedStage extends ServedAddress {
  /** On loopback of this machine. */
  readonly port: number;
  /** Where the server itself listens: the same, or a port of the node of its job. */
  readonly serverPort: number;
  readonly launch: ServerLaunch;
}

/**
 * The servers of a run's stages. As many run at the same time as the settings allow: the stages are put into groups, and one
 * group's servers run at a time. A server that dies is started again on its port. All end with this object, and with this process.
 */
export class StageServers implements AsyncDisposable {
  readonly #stages: ReadonlyMap<string, ServedWeights>;
  readonly #settings: ServingSettings;
  readonly #options: StageServersOptions;
  readonly #prepared = new Map<string, Promise<PreparedStage>>();
  readonly #running = new Map<string, RunningServer>();
  readonly #restarts = new Map<string, number>();
  readonly #restarting = new Set<Promise<void>>();
  readonly #closing = new AbortController();

  constructor(stages: readonly ServedWeights[], settings: ServingSettings, options: StageServersOptions) {
    this.#stages = new Map(stages.map((weights) => [weights.stage, weights]));
    this.#settings = settings;
    this.#options = options;
  }

  /** Stages whose servers run together, in the order of the study. */
  get groups(): readonly (readonly string[])[] {
    const ids = [...this.#stages.keys()];
    const { atOnce } = this.#settings;
    return Array.from({ length: Math.ceil(ids.length / atOnce) }, (_, i) =>
      ids.slice(i * atOnce, (i + 1) * atOnce),
    );
  }

  /** Where a stage will be served. It need not be served now. @throws InputError where this server cannot serve its weights */
  async addressOf(stage: string): Promise<ServedAddress> {
    const { baseUrl, name } = await this.#prepare(stage);
    return { baseUrl, name };
  }

  /**
   * Has the servers of these stages run, and no others. Their start is waited for, all at the same time.
   *
   * @throws as `startServer`
   */
  async use(stages: readonly string[], signal: AbortSignal): Promise<void> {
    const others = [...this.#running.keys()].filter((stage) => !stages.includes(stage));
    await Promise.all(others.map((stage) => this.#stop(stage)));
    const missing = stages.filter((stage) => this.#stages.has(stage) && !this.#running.has(stage));
    const started = await Promise.allSettled(missing.map((stage) => this.#start(stage, signal)));
    const failed = started.find((one) => one.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await Promise.all([...this.#restarting]);
    await Promise.all([...this.#running.keys()].map((stage) => this.#stop(stage)));
  }

  #prepare(stage: string): Promise<PreparedStage> {
    const known = this.#prepared.get(stage) ?? this.#prepareAnew(stage);
    this.#prepared.set(stage, known);
    return known;
  }

  async #prepareAnew(stage: string): Promise<PreparedStage> {
    const weights = this.#stages.get(stage)!;
    const port = await freePort();
    // In a job the server has a port of its node; this one is the relay's.
    const serverPort = this.#settings.on === 'slurm' ? await freePort() : port;
    const place = {
      host: HOST,
      port: serverPort,
      name: servedName(weights),
      gpus: this.#gpusOf(stage),
      folder: this.#folderOf(stage),
    };
    const launch = await serverOfKind(this.#settings.with).launch(weights, this.#settings, place);
    return { port, serverPort, launch, baseUrl: `http://${HOST}:${port}/v1`, name: launch.name };
  }

  /** Its place in its group decides which cards a stage's server has. */
  #gpusOf(stage: string): readonly number[] {
    const { gpus, atOnce } = this.#settings;
    const each = Math.floor(gpus / atOnce);
    const place = this.groups.find((group) => group.includes(stage))!.indexOf(stage);
    const visible = (process.env.CUDA_VISIBLE_DEVICES ?? '').split(',').filter((id) => /^\d+$/.test(id));
    return Array.from({ length: each }, (_, i) => {
      const number = place * each + i;
      return visible.length > 0 ? Number(visible[number] ?? number) : number;
    });
  }

  #folderOf(stage: string): string {
    return join(this.#options.folder, servedName(this.#stages.get(stage)!));
  }

  async #start(stage: string, signal: AbortSignal): Promise<void> {
    const { port, serverPort, launch } = await this.#prepare(stage);
    const eitherSignal = AbortSignal.any([signal, this.#closing.signal]);
    if (launch.convert !== undefined) {
      const onNote = (words: string) => this.#tell(stage, 'starting', words);
      await convertWeights(launch.convert, { stage, signal: eitherSignal, onNote });
    }
    const { on, slurm, with: kind } = this.#settings;
    const folder = join(this.#folderOf(stage), this.#options.part ?? '');
    const gpus = this.#gpusOf(stage);
    const started =
      on === 'slurm'
        ? onSlurm(launch, {
            folder,
            name: servedName(this.#stages.get(stage)!),
            port,
            serverPort,
            gpus: gpus.length,
            slurm,
          })
        : launch;
    this.#tell(
      stage,
      'starting',
      `${launch.argv[0]} ${on === 'slurm' ? 'as a Slurm job, ' : ''}on port ${port}`,
    );
    const server = await startServer(serverOfKind(kind), started, {
      stage,
      port,
      gpus,
      folder,
      timeoutMs: this.#settings.startTimeoutMs,
      signal: eitherSignal,
    });
    this.#running.set(stage, server);
    this.#tell(stage, 'ready', [launch.name, ...launch.notes].join('; '));
    void server.exited.then((code) => {
      if (this.#running.get(stage) !== server) return;
      this.#running.delete(stage);
      this.#restart(stage, code);
    });
  }

  #restart(stage: string, code: number): void {
    const times = (this.#restarts.get(stage) ?? 0) + 1;
    this.#restarts.set(stage, times);
    this.#tell(stage, 'died', `it ended with code ${code}; started again (${times} of ${MOST_RESTARTS})`);
    const again =
      times > MOST_RESTARTS
        ? Promise.reject(
            new StemmaError(
              `the server of the stage "${stage}" died ${times} times; the last exit code: ${code}`,
              {
                place: { file: join(this.#folderOf(stage), this.#options.part ?? '', 'server.log') },
                remedy:
                  'All that was recorded is safe. Mend what its log says, then give the same command again.',
              },
            ),
          )
        : this.#start(stage, this.#closing.signal);
    const settled = again.catch((error) => {
      if (!this.#closing.signal.aborted) this.#options.onFail(error);
    });
    this.#restarting.add(settled);
    void settled.then(() => this.#restarting.delete(settled));
  }

  async #stop(stage: string): Promise<void> {
    const server = this.#running.get(stage);
    this.#running.delete(stage);
    if (server === undefined) return;
    await server[Symbol.asyncDispose]();
    this.#tell(stage, 'stopped', 'it is not needed any more');
  }

  #tell(stage: string, event: ServerEvent['event'], message: string): void {
    this.#options.onEvent?.({ stage, event, message });
  }
}
