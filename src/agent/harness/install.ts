import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MissingPartError, StemmaError } from '../../core/index.ts';
import { type FoundHarness, findInstalled, installFolder } from './find.ts';
import type { HarnessName } from './harness.ts';
import { harnessKinds } from './kinds.ts';

/**
 * Installs a CLI with npm into stemma's cache folder, in the version that this stemma was tried with. The lock file
 * (locks/NAME.json) holds the digest of every package, and no package's install script runs. It appears whole or not at all.
 *
 * @throws MissingPartError without npm; StemmaError with npm's own words where it fails
 */
export async function installHarness(name: HarnessName): Promise<FoundHarness> {
  const kind = harnessKinds[name];
  const present = await findInstalled(kind);
  if (present !== undefined) return present;
  const folder = installFolder(kind);
  await mkdir(dirname(folder), { recursive: true });
  const building = await mkdtemp(`${folder}.`);
  try {
    const lock = await readFile(new URL(`./locks/${name}.json`, import.meta.url), 'utf8');
    const manifest = { ...JSON.parse(lock).packages[''], private: true };
    await writeFile(join(building, 'package-lock.json'), lock);
    await writeFile(join(building, 'package.json'), JSON.stringify(manifest));
    await npmCi(building);
    // What is there without a program is a half of an earlier try.
    await rm(folder, { recursive: true, force: true });
    await rename(building, folder);
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  const found = await findInstalled(kind);
  if (found !== undefined) return found;
  throw new StemmaError(
    `${kind.title} ${kind.version} has no program for ${process.platform} on ${process.arch}`,
    {
      remedy: 'Agents run in Linux sandboxes, on x64 or arm64.',
    },
  );
}

function npmCi(folder: string): Promise<void> {
  // npm hands its settings on in the environment; this one must not take those of an npm around it for its own.
  const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('npm_')));
  const args = [
    'ci',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-update-notifier',
    '--loglevel=error',
  ];
  return new Promise((resolve, reject) => {
    const npm = spawn('npm', args, { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    npm.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-2000);
    });
    npm.on('error', (cause) => {
      reject(
        new MissingPartError(`can't start npm: ${cause.message}`, {
          remedy: 'Install Node with npm.',
          cause,
        }),
      );
    });
    npm.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new StemmaError(`npm could not install it:\n${said.trim()}`));
    });
  });
}
