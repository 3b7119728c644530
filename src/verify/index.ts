export { claimsOf } from './claim.ts';
export { renderVerification, renderVerificationMarkdown } from './render.ts';

export {
  firstDiffering,
  verifyStudy,
} from './verify-study.ts';
