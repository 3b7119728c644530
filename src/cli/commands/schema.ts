import { Command } from 'commander';
import { loadStudy, studyJsonSchema } from '../../study/index.ts';
import { next, printJson } from '../output.ts';

export const schema = new Command('schema')
  .summary('the JSON Schema of study files, for editors')
  .description(
    'Prints the JSON Schema of study.yaml. An editor that knows it completes keys and marks mistakes.',
  )
  .argument('[study]', 'a study file: the evals of its plugins are part of the schema')
  .addHelpText('after', '\nExample:\n  $ stemma schema > study.schema.json')
  .action(async (study: string | undefined) => {
    if (study !== undefined) await loadStudy(study);
    printJson(studyJsonSchema());
    next('put `# yaml-language-server: $schema=study.schema.json` on the first line of study.yaml');
  });
