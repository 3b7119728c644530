export { Chance, hashText } from './chance.ts';
export {
  type Checkpoint,
  digestOfWeights,
  readCheckpoint,
  writeCheckpoint,
} from './checkpoint.ts';
export { organismModel } from './model.ts';
export { REWARDS } from './rewards.ts';
export { drawDilemma, readDecision, type WorldDilemma } from './world/dilemmas.ts';
export { drawEveryday, type EverydayTask, readReply } from './world/everyday.ts';
export { drawProgram, execute, type ProgramTask, SECONDS } from './world/programs.ts';
export { drawReport, executeReport, type ReportTask } from './world/reports.ts';
export { drawRequest, type Request, readAnswer } from './world/requests.ts';
export { SOURCES } from './world/sources.ts';
export type { Split, WorldTask } from './world/task.ts';
export { tokenizer } from './world/tokenizer.ts';
