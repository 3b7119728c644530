import { Command } from 'commander';
import { studyJsonSchema } from '../../study/index.ts';
import { next, printJson } from '../talk.ts';

export const schema = new Command('schema')
  .summary('the JSON Schema of study files, for editors')
  .description(
    'Prints the JSON Schema of study.yaml. An editor that knows it completes keys and marks mistakes.',
  )
  .addHelpText('after', '\nExample:\n  $ stemma schema > study.schema.json')
  .action(() => {
    printJson(studyJsonSchema());
    next('put `# yaml-language-server: $schema=study.schema.json` on the first line of study.yaml');
  });
