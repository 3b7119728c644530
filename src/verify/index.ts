export { type Claim, claimsOf } from './claim.ts';
export { renderVerification, renderVerificationMarkdown } from './render.ts';
export type { SameTwice } from './same-twice.ts';
export {
  type ExpectationResult,
  firstDiffering,
  type SeedResult,
  type Verification,
  type VerifyOptions,
  verifyStudy,
} from './verify-study.ts';
