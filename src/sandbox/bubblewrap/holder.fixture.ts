import { openBubblewrap } from './index.ts';

/** Opens two sandboxes with processes in the background, says so, and waits to be killed. */
const sandboxes = await openBubblewrap({ engine: 'bubblewrap' });
for (let i = 0; i < 2; i++) {
  const sandbox = await sandboxes.open({ image: { kind: 'system' } }, new AbortController().signal);
  await sandbox.exec(`setsid sleep ${process.argv[2]} & setsid sh -c 'sleep ${process.argv[2]} & wait' &`);
  void sandbox.exec(`sleep ${process.argv[2]}`);
}
console.log('open');
setInterval(() => {}, 1000);
