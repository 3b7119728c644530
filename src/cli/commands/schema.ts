import { Command } from 'commander';
import { mappingJsonSchema } from '../../interchange/index.ts';
import { loadStudy, studyJsonSchema } from '../../study/index.ts';
import { next, printJson } from '../output.ts';

export const schema = new Command('schema')
  .summary('the JSON Schema of study files, for editors')
  .description(
    'Prints the JSON Schema of study.yaml. An editor that knows it completes keys and marks mistakes.',
  )
  .argument('[study]', 'a study file: the evals of its plugins are part of the schema')
  .option('--mapping', 'the schema of mapping files of `stemma import` instead')
  .addHelpText('after', '\nExample:\n  $ stemma schema > study.schema.json')
  .action(async (study: string | undefined, { mapping = false }: { readonly mapping?: boolean }) => {
    if (mapping) {
      printJson(mappingJsonSchema());
      next('put `# yaml-language-server: $schema=mapping.schema.json` on the first line of the mapping');
      return;
    }
    if (study !== undefined) await loadStudy(study);
    printJson(studyJsonSchema());
    next('put `# yaml-language-server: $schema=study.schema.json` on the first line of study.yaml');
  });
