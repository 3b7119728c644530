import { z } from 'zod';

/** A teacher that is a stage of the study: stemma asks it the prompts of the source, and keeps its answers. */
export const stageTeacherSchema = z.strictObject({
  stage: z
    .string()
    .min(1)
    .describe('A stage above the one that is trained. It is asked the prompts of the source.'),
  system: z.string().min(1).optional().describe('What it is told before every prompt.'),
  max_tokens: z.int().min(1).default(1024).describe('The longest answer.'),
  temperature: z.number().min(0).default(1),
  top_p: z.number().gt(0).max(1).default(1),
  seed: z.int().min(0).default(1),
});

/** A stage as teacher, bound to the checkpoint that the stage is. */
export interface StageTeacher extends z.output<typeof stageTeacherSchema> {
  /** What the study says of the checkpoint; absent until the stages of the study are known. */
  readonly checkpoint?: string;
}
