import { Command } from 'commander';
import { findParts, renderMachineParts } from '../machine-parts.ts';
import { next, page, print, printJson } from '../output.ts';
import { stemma } from '../shell-words.ts';

export const doctor = new Command('doctor')
  .summary('what is there on this machine, and what installs the rest')
  .description(
    'Looks for what stemma can use: Node, the disk, API keys (by name only), Docker, bubblewrap, Chromium, Python.',
  )
  .option('--json', 'print it as JSON')
  .addHelpText('after', '\nExample:\n  $ stemma doctor')
  .action(async (options: { json?: boolean }) => {
    const parts = await findParts();
    if (options.json) printJson(parts);
    else print(renderMachineParts(parts, page()));
    if (parts.some((part) => part.required && !part.there)) process.exitCode = 2;
    next(stemma('demo'));
  });
