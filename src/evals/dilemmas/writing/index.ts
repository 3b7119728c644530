export { knownThemes, readBuiltIn } from '../battery.ts';
export { choose, undecided, writeChosen } from './choose.ts';
export { type DraftLine, readDraftsFile } from './drafts-file.ts';
export { writeDilemmas } from './write.ts';
