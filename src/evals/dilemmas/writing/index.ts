export { knownThemes, readBuiltIn } from '../battery.ts';
export { choose, undecided, writeChosen } from './choose.ts';
export { type DraftLine, type DraftsFile, readDraftsFile } from './drafts-file.ts';
export { survivors, type WriteOptions, type WriteState, writeDilemmas } from './write.ts';
