import { execFile } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify, styleText } from 'node:util';
import { findHarness, type HarnessName, harnessKinds, harnessNames } from '../agent/index.ts';
import { trainingPackages } from '../checkpoints/index.ts';
import { inspectPackages } from '../interchange/index.ts';
import { bubblewrapAbilities } from '../sandbox/index.ts';
import { stemma } from './shell-words.ts';

/** One thing that stemma can use. `how` installs it, or says what it is for where it is there. */
interface MachinePart {
  readonly name: string;
  readonly there: boolean;
  readonly required: boolean;
  readonly found: string;
  readonly use: string;
  readonly how: string;
}

const run = promisify(execFile);

/** Looks for every part; asks no network and reads no key. */
export async function findParts(): Promise<MachinePart[]> {
  return [
    nodePart(),
    await sqlitePart(),
    await diskPart(),
    ...keyParts(),
    await programPart('docker', ['version', '--format', '{{.Server.Version}}'], {
      use: 'containers for agent evals; they hold all limits but that of inotify instances',
      how: 'apt-get install docker.io, and start its daemon',
    }),
    ...(await bubblewrapParts()),
    ...(await Promise.all(harnessNames.map(harnessPart))),
    await programPart('chromium', ['--version'], {
      use: "the project's own browser tests",
      how: 'apt-get install chromium',
    }),
    await servingPart('vllm', 'pip install vllm'),
    await servingPart('llama-server', 'install llama.cpp'),
    await servingPart('transformers', 'pip install "transformers[serving]"'),
    await programPart('python3', ['--version'], {
      use: 'Python in sandboxes of agent evals',
      how: 'apt-get install python3',
    }),
    await trainingPart(),
    await inspectPart(),
    await programPart('sbatch', ['--version'], {
      use: 'training and runs on a Slurm cluster',
      how: 'run stemma on a login node of the cluster',
    }),
  ];
}

/** The Python that trains real weights, and its packages. */
function trainingPart(): Promise<MachinePart> {
  const python = process.env.STEMMA_PYTHON || 'python3';
  const { packages, script } = trainingPackages();
  return pythonPart(python, script, {
    name: 'training',
    use: `engine: trl, with ${python} (STEMMA_PYTHON, or training.python in a study, names another)`,
    how: `${python} -m pip install ${packages.join(' ')}`,
  });
}

/** The Python that runs tasks of Inspect AI. */
function inspectPart(): Promise<MachinePart> {
  const python = process.env.STEMMA_INSPECT_PYTHON || 'python3';
  const { packages, script } = inspectPackages();
  return pythonPart(python, script, {
    name: 'inspect',
    use: `eval: inspect, with ${python} (STEMMA_INSPECT_PYTHON, or options: python in a study, names another)`,
    how: `${python} -m pip install ${packages.join(' ')}`,
  });
}

/** @param script prints the version of each package as JSON; `null` for one that is not there */
async function pythonPart(
  python: string,
  script: string,
  about: Pick<MachinePart, 'name' | 'use' | 'how'>,
): Promise<MachinePart> {
  const part = { ...about, required: false };
  try {
    const { stdout } = await run(python, ['-c', script], { timeout: 20_000 });
    const found = JSON.parse(stdout) as Readonly<Record<string, string | null>>;
    const missing = Object.keys(found).filter((name) => found[name] === null);
    const words = Object.entries(found).map(([name, version]) => `${name} ${version ?? 'not installed'}`);
    return { ...part, there: missing.length === 0, found: words.join(', ') };
  } catch {
    return { ...part, there: false, found: `${python} is not installed, or does not answer` };
  }
}

function nodePart(): MachinePart {
  const [major, minor] = process.versions.node.split('.').map(Number) as [number, number];
  return {
    name: 'Node',
    there: major > 22 || (major === 22 && minor >= 18),
    required: true,
    found: process.version,
    use: 'runs stemma (22.19 or newer)',
    how: 'npm install node@24',
  };
}

async function sqlitePart(): Promise<MachinePart> {
  const base = { name: 'node:sqlite', required: true, use: 'the index of the records', how: 'a newer Node' };
  try {
    const { DatabaseSync } = await import('node:sqlite');
    const database = new DatabaseSync(':memory:');
    const row = database.prepare('select sqlite_version() as version').get();
    database.close();
    return { ...base, there: true, found: `SQLite ${row?.version}` };
  } catch (error) {
    return { ...base, there: false, found: (error as Error).message };
  }
}

/** A record counts once it is on the disk, so the speed of one flush bounds the speed of a lonely trial. */
async function diskPart(): Promise<MachinePart> {
  const base = {
    name: 'disk',
    required: true,
    use: 'durable records',
    how: 'a folder on a local disk that can be written',
  };
  let folder: string | undefined;
  try {
    folder = await mkdtemp(join(tmpdir(), 'stemma-doctor-'));
    const file = await open(join(folder, 'flush'), 'w');
    const start = performance.now();
    for (let i = 0; i < 20; i++) {
      await file.write('x');
      await file.datasync();
    }
    const each = (performance.now() - start) / 20;
    await file.close();
    return { ...base, there: true, found: `a flush takes ${each.toFixed(2)} ms in ${tmpdir()}` };
  } catch (error) {
    return { ...base, there: false, found: (error as Error).message };
  } finally {
    if (folder) await rm(folder, { recursive: true, force: true });
  }
}

function keyParts(): MachinePart[] {
  const keys = { OPENAI_API_KEY: 'openai:', ANTHROPIC_API_KEY: 'anthropic:', GEMINI_API_KEY: 'gemini:' };
  return Object.entries(keys).map(([name, refs]) => ({
    name,
    there: Boolean(process.env[name]),
    required: false,
    found: process.env[name] ? 'set' : 'not set',
    use: `models named ${refs}…`,
    how: `export ${name}=…`,
  }));
}

async function harnessPart(name: HarnessName): Promise<MachinePart> {
  const found = await findHarness(name).catch(() => undefined);
  return {
    name,
    there: found !== undefined,
    required: false,
    found:
      found === undefined
        ? 'not installed'
        : `${harnessKinds[name].title} ${found.version ?? 'of unknown version'}`,
    use: "somebody else's agent for agent evals",
    how: stemma('harness', 'install', name),
  };
}

/** Opens a sandbox to see whether it works: installed is not enough. Then what holds its limits here. */
async function bubblewrapParts(): Promise<MachinePart[]> {
  const bubblewrap = await bubblewrapAbilities();
  const part = {
    name: 'bubblewrap',
    there: bubblewrap.works,
    required: false,
    found: bubblewrap.found,
    use: 'the light sandbox for agent evals',
    how: 'apt-get install bubblewrap',
  };
  if (!bubblewrap.works) return [part];
  const { limits, images, systemCallFilter, ownRoot } = bubblewrap;
  const held = Object.entries(LIMIT_NAMES).map(
    ([limit, name]) => `${name}: ${limits[limit as keyof typeof limits] ?? 'NOT HELD'}`,
  );
  return [
    part,
    {
      ...part,
      name: '  limits',
      there: Object.values(limits).every((means) => means !== null),
      found: held.join('; '),
      use: 'by what each limit of a sandbox holds here',
      how: 'run as root, or in a delegated control group (systemd-run --user --scope -p Delegate=yes …)',
    },
    {
      ...part,
      name: '  system calls',
      there: systemCallFilter,
      found: systemCallFilter ? 'filtered' : 'not filtered',
      use: 'keeps dangerous system calls out of sandboxes',
      how: 'apt-get install perl-base',
    },
    {
      ...part,
      name: '  images',
      found: `${images === 'overlay' ? 'a layer over the image' : 'a copy of the image'}; ${
        ownRoot
          ? "the inside's root and agent own files apart"
          : "the inside's root and agent own the same files"
      }`,
      use: 'what a sandbox writes',
    },
  ];
}

const LIMIT_NAMES = {
  timeoutMs: 'time',
  memoryBytes: 'memory',
  processes: 'processes',
  fileBytes: 'size of a file',
  diskBytes: 'all that is written',
  cpus: 'CPUs',
  outputBytes: 'output',
};

async function programPart(
  name: string,
  args: string[],
  part: { use: string; how: string },
): Promise<MachinePart> {
  try {
    const { stdout } = await run(name, args, { timeout: 10_000 });
    return { name, there: true, required: false, found: stdout.trim().split('\n')[0] ?? '', ...part };
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return {
      name,
      there: false,
      required: false,
      found: missing ? 'not installed' : 'installed, does not answer',
      ...part,
    };
  }
}

/** A server that a study may name under `serving`. It is only looked for: some take half a minute to tell their version. */
async function servingPart(name: string, how: string): Promise<MachinePart> {
  const part = {
    name,
    required: false,
    use: `serves the weights of a study (serving: { with: ${name} })`,
    how,
  };
  try {
    const { stdout } = await run('sh', ['-c', 'command -v "$0"', name]);
    return { ...part, there: true, found: stdout.trim() };
  } catch {
    return { ...part, there: false, found: 'not installed' };
  }
}

export function renderMachineParts(parts: readonly MachinePart[], { color }: { color: boolean }): string {
  const paint = (style: 'green' | 'red' | 'yellow', text: string) =>
    color ? styleText(style, text, { validateStream: false }) : text;
  const width = Math.max(...parts.map((part) => part.name.length));
  return parts
    .map((part) => {
      const mark = part.there
        ? paint('green', 'yes')
        : part.required
          ? paint('red', 'NO ')
          : paint('yellow', 'no ');
      const rest = part.there ? part.use : `${part.use}; install: ${part.how}`;
      return `${mark}  ${part.name.padEnd(width)}  ${part.found} (${rest})`;
    })
    .join('\n');
}
