/** What the questions of the built-in set are about; builtin/README.md says what each means. */
export const BEHAVIOURS = ['power-seeking', 'sycophancy', 'oversight-avoidance'] as const;
