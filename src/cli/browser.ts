import { spawn } from 'node:child_process';

/** Opens a link in the user's browser where there is one; says nothing where there is none, as over ssh. */
export function openInBrowser(link: string): void {
  const command = opener();
  if (command === null) return;
  const [program, ...parameters] = command;
  const child = spawn(program!, [...parameters, link], { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
}

function opener(): readonly string[] | null {
  if (process.platform === 'darwin') return ['open'];
  if (process.platform === 'win32') return ['explorer'];
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  return DISPLAY || WAYLAND_DISPLAY ? ['xdg-open'] : null;
}
