export { microEvals } from './families.ts';
