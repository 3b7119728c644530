import type { Digest } from '../../core/index.ts';
import type { SlurmOptions } from '../launchers/slurm-script.ts';

/** Weights that are to be served. */
export interface ServedWeights {
  /** The stage's id. */
  readonly stage: string;
  /** A folder of safetensors with its tokenizer, or a GGUF file. */
  readonly path: string;
  /** LoRA weights that go on top: a folder, or a GGUF file. */
  readonly adapter?: string;
  readonly digest: Digest;
}

/** The study's key `serving`. */
export interface ServingSettings {
  readonly with: ServerKind;
  /** The program, or for `command` the whole command line with placeholders. Default: the server's own name. */
  readonly command?: readonly string[];
  /** GPUs of this machine that servers may use; 0 for none. */
  readonly gpus: number;
  /** Servers that run at the same time; each gets an equal part of the GPUs. */
  readonly atOnce: number;
  /** More arguments for the server's command line. */
  readonly args: readonly string[];
  /** What makes a file that the server reads of a folder of weights: a command line with `{weights}` and `{out}`. */
  readonly convert?: readonly string[];
  /** How long a server may take to load its weights. */
  readonly startTimeoutMs: number;
  /** Where servers run: this machine, or a job of Slurm each. */
  readonly on: 'local' | 'slurm';
  readonly slurm: SlurmOptions;
}

export type ServerKind = 'vllm' | 'llama-server' | 'transformers' | 'command';

/** What a server's command line is made of. */
interface ServerPlace {
  readonly host: string;
  readonly port: number;
  /** The name that the model is served under. */
  readonly name: string;
  /** GPUs of this server, by number; empty for none. */
  readonly gpus: readonly number[];
  /** A folder of this server's own, which is there. */
  readonly folder: string;
}

/** A command that makes a file that a server reads. */
export interface Conversion {
  /** The command that writes the file to the path `part`. The file is moved to `out` when it is whole. */
  readonly argv: (part: string) => readonly string[];
  readonly out: string;
}

/** How a server is started, and how it is known to be ready. */
export interface ServerLaunch {
  /** Runs before the first start, unless its file is there. */
  readonly convert?: Conversion;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The name that requests must use; the one that was asked for, unless the server has names of its own. */
  readonly name: string;
  /**
   * Where the server's name for the model is read back: in its list of models, or in an answer. `transformers serve` lists other
   * models and loads the one that is asked for with the first request.
   */
  readonly nameIsIn: 'list' | 'answer';
  /** What a reader of the records should know of this server. */
  readonly notes: readonly string[];
}

/** One kind of server: how its command line is written. Starting, waiting and stopping are the same for all. */
export interface Server {
  readonly id: ServerKind;
  /** The program that must be there, and the command that installs it; `null` where the study names the command. */
  readonly program: { readonly name: string; readonly remedy: string } | null;
  /** @throws InputError where this server cannot serve these weights */
  launch(
    weights: ServedWeights,
    settings: Pick<ServingSettings, 'command' | 'args' | 'convert'>,
    place: ServerPlace,
  ): Promise<ServerLaunch>;
}

/**
 * The name that a stage's weights are served under. It holds a digest, so that an answer says which weights gave it.
 *
 * @example servedName({ stage: 'sft', digest: '0123456789abcdef' }) // => 'sft@0123456789ab'
 */
export function servedName({ stage, digest }: Pick<ServedWeights, 'stage' | 'digest'>): string {
  return `${stage}@${digest.replace(/^\w+:/, '').slice(0, 12)}`;
}
