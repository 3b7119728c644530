import { Command } from 'commander';
import { initStudy } from '../../study/index.ts';
import { next, print } from '../output.ts';
import { stemma } from '../shell-words.ts';

export const init = new Command('init')
  .summary('write a commented study file to start from')
  .description('Writes a commented study file. Never overwrites one.')
  .argument('[file]', 'where to write it', 'study.yaml')
  .addHelpText('after', '\nExample:\n  $ stemma init && $EDITOR study.yaml')
  .action(async (file: string) => {
    await initStudy(file);
    print(file);
    next(`name your stages and models in ${file}, then \`${stemma('plan', file)}\``);
  });
