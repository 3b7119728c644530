import { openSandboxes } from '../../index.ts';

/** Opens a sandbox in a process that was started with open descriptors, and prints what a shell inside finds in them. */
const [engine = 'bubblewrap', line = 'true'] = process.argv.slice(2);
await using sandboxes = await openSandboxes({ engine: engine as 'bubblewrap' | 'docker' });
const never = new AbortController().signal;
await using sandbox = await sandboxes.open({ image: { kind: 'system' } }, never);
for (const user of ['agent', 'root'] as const) {
  const { stdout, stderr } = await sandbox.exec(line, { user });
  process.stdout.write(stdout + stderr);
}
