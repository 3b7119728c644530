import type { Members } from '../../core/parsed-json.ts';
import { bodyMembers, codeWord, type ProviderError, providerError } from './provider-error.ts';
import { optionalMembers } from './shape.ts';

/**
 * Whether an error answer says that a filter of the provider's stopped this prompt or this answer. That is a refusal of this
 * prompt: not a mistake of ours, and not a failure of the server. Every protocol asks here, whatever the HTTP status.
 *
 * A filter is told by a code (`content_filter`, `data_inspection_failed`, `SensitiveContentDetected`, …), by a member that only
 * filters write (Azure's `content_filter_result`, Zhipu's `contentFilter`, Gemini's `promptFeedback`, …), or by a message
 * that says so of a content, a prompt or an answer. A page of HTML is a firewall's and never a refusal. What is said of an account or a
 * setting, or of a filter that failed, is none either.
 *
 * @param status HTTP's, or the one that an error inside a 200 names
 * @param body   parsed, or the text where it is not JSON
 * @example isFiltered(400, { error: { message: 'Content Exists Risk' } }) // => true
 */
export function isFiltered(status: number, body: unknown): boolean {
  if (NEVER.has(status)) return false;
  if (hasFilterMember(body) || hasFilterMember(bodyMembers(body).error)) return true;
  return isFilterError(providerError(body)) || choicesOf(body).some((choice) => isChoiceFiltered(choice));
}

function isFilterError(error: ProviderError): boolean {
  if (error.codes.some((code) => ACCOUNT_CODE.test(code))) return false;
  return error.codes.some(isFilterCode) || isFilterMessage(error);
}

/** OpenRouter passes an error on inside the choice that it ended. */
function isChoiceFiltered({ error }: Members): boolean {
  return error !== undefined && error !== null && isFilterError(providerError({ error }));
}

function choicesOf(body: unknown): readonly Members[] {
  const { choices } = bodyMembers(body);
  return Array.isArray(choices) ? choices.slice(0, 4).map(optionalMembers) : [];
}

/** No key, no credit, no such model, too slow, too large, too many: these say nothing of a prompt. */
const NEVER = new Set([401, 402, 404, 408, 413, 429]);

const ACCOUNT_CODE = /account(?:deactivated|suspended|disabled|banned|blocked)|quota|insufficientbalance/;

/** Codes whose words do not say what they are. */
const FILTER_CODES = new Set([
  'cyberpolicy', // OpenAI
  'responsibleaipolicyviolation', // Azure
  'datainspectionfailed', // DashScope
  'datainspection',
  'censorshipblocked', // StepFun
  'moderationblocked',
  'hooksfailed', // Portkey's guardrails
  'guardrailintervened', // Bedrock
  'newsensitive', // MiniMax
]);

/** What a code is about, and what became of it, in either order. */
const FILTER_CODE =
  /(?:content|prompt|input|output|response|answer|text|completion|data|words?)s?(?:is|was)?(?:filter|moderat|sensitive|unsafe|censor|prohibited|polic(?:y|ies)violat|safety|risk|blocked|flagged|inspection|guardrail|rejected)|(?:sensitive|inappropriate|harmful|unsafe|prohibited|illegal|flagged|blocked|risky|filtered)(?:content|prompt|input|output|response|words?|text|data|query)|guardrail|contentpolicy|safetypolicy|usagepolicy|moderation/;

/** A filter that failed, or a setting of one. */
const NOT_A_VERDICT =
  /(?:error|unavailable|timeout|failed|config|setting|notfound|unsupported|invalid|disabled)/;

function isFilterCode(code: string): boolean {
  if (FILTER_CODES.has(code)) return true;
  return FILTER_CODE.test(code) && (!NOT_A_VERDICT.test(code) || /violationerror$|failederror$/.test(code));
}

/** Members that hold a filter's verdict. */
function hasFilterMember(body: unknown): boolean {
  const members = bodyMembers(body);
  const error = optionalMembers(members.error);
  const inner = optionalMembers(error.innererror);
  const metadata = optionalMembers(error.metadata);
  const base = optionalMembers(members.base_resp);
  const choices = choicesOf(body);
  return (
    // OpenRouter's moderation
    (Array.isArray(metadata.reasons) && metadata.reasons.length > 0) ||
    typeof metadata.flagged_input === 'string' ||
    // Azure: the filters' results, of the prompt or of the answer
    [inner.content_filter_result, inner.content_filter_results, error.content_filter_result].some(isHit) ||
    (choices.length === 0 && anyHit(members.prompt_filter_results, 'content_filter_results')) ||
    choices.some(({ finish_reason }) => isFilterReason(finish_reason)) ||
    (Array.isArray(members.content_filters) &&
      members.content_filters.slice(0, 16).some((entry) => optionalMembers(entry).blocked === true)) ||
    // Zhipu
    (Array.isArray(members.contentFilter) &&
      members.error !== undefined &&
      members.contentFilter.length > 0) ||
    ZHIPU.has(codeWord(error.code)) ||
    // MiniMax: 1026 the prompt, 1027 the answer
    base.status_code === 1026 ||
    base.status_code === 1027 ||
    ((members.input_sensitive === true || members.output_sensitive === true) && choices.length === 0) ||
    // iFlytek Spark: 10013 the prompt, 10014 the answer, 10019 the whole conversation
    SPARK.has(Number(optionalMembers(members.header).code ?? error.code)) ||
    // Gemini
    optionalMembers(members.promptFeedback).blockReason !== undefined
  );
}

const ZHIPU = new Set(['1301']);
const SPARK = new Set([10013, 10014, 10019]);

/** Azure's results by category: `{ hate: { filtered: true, … }, jailbreak: { detected: true, filtered: true } }`. */
function isHit(results: unknown): boolean {
  return Object.values(optionalMembers(results)).some((result) => optionalMembers(result).filtered === true);
}

function anyHit(list: unknown, member: string): boolean {
  return Array.isArray(list) && list.slice(0, 16).some((entry) => isHit(optionalMembers(entry)[member]));
}

/** A content, prompt or answer that was stopped, in that order or the other. */
const SUBJECT =
  'content|prompt|input|output|response|completion|query|question|answer|generation|text|conversation';
const VERDICT = [
  // said of a content alone
  /\b(?:contents?|prompts?|inputs?|outputs?|outputted|responses?|completions?|answers?)\b[^.;]{0,80}\b(?:blocked|filtered|flagged|moderated|censored|exists risk)\b/i,
  /\b(?:blocked|filtered|flagged|stopped|rejected|refused|moderated|censored|intercepted)\b[^.;]{0,60}\b(?:content|safety|moderation|responsible ai)[ -]?(?:filter|polic|system|moderation|management|check|guideline|guard|review|service|classifi|model)/i,
  // said of a rule
  /\b(?:violat\w+|breach\w*|against|conflict\w*|non-?complian\w+)\b[^.;]{0,80}\b(?:usage|content|safety|acceptable|responsible|moderation|guardrail|community)\b[^.;]{0,30}\b(?:polic\w+|guidelines?|rules?|terms|practices?|standards?)/i,
  /\b(?:usage|content|safety|guardrail|moderation)\b[^.;]{0,30}\b(?:polic\w+|guidelines?|checks?)\b[^.;]{0,40}\b(?:violat\w+|fail\w*|triggered)/i,
  /\bsafety (?:system|reasons|filters?|checks?|guard)\b/i,
  /\bcontent_?policy_?violation(?:error)?\b/i,
  /\bguardrails?\b[^.;]{0,60}\b(?:violat\w+|interven\w+|triggered|block\w*|denied|fail\w*)|\b(?:blocked|denied|triggered|violated|stopped)\b[^.;]{0,30}\bguardrail/i,
  /\b(?:high|content|potential|cybersecurity) risk\b/i,
  /content (?:management|filter(?:ing)?|moderation) polic/i,
  // said of what it is
  new RegExp(
    `\\b(?:${SUBJECT})s?\\b[^.;]{0,80}\\b(?:inappropriate|sensitive|new_sensitive|harmful|unsafe|toxic|prohibited|objectionable|malicious)\\b`,
    'i',
  ),
  /\b(?:inappropriate|sensitive|harmful|unsafe|toxic|prohibited|disallowed|objectionable|flagged|banned|nsfw)\b[^.;]{0,40}\b(?:content|prompt|input|output|information|words?|keywords?|material|text)s?\b|\billegal content\b/i,
  /(?:内容|输入|输出|生成|提示|文本|请求|信息|问题|回答|對話|对话)[^。；]{0,40}(?:敏感|不安全|违规|違規|违法|不当|不當|不合适|审核(?:不|未)|審核(?:不|未)|涉政|色情|暴力|安全风险|风险)|(?:敏感|违规|违法|不当|不安全)(?:内容|信息|词|詞|文本)/,
];

/** An account, a place or a machine that is shut out. */
const ACCOUNT =
  /\b(?:accounts?|organi[sz]ations?|workspaces?|projects?|subscriptions?|api[ _-]?keys?|your access|ip(?: address)?|country|region|territory|tenants?)\b[^.;]{0,80}\b(?:suspend\w*|deactivat\w*|terminat\w*|disabled|banned|block\w*|restrict\w*|locked|flagged|not (?:allowed|permitted|authori[sz]ed|supported|available)|unsupported)|账[号户]|帐[号户]|欠费|余额/i;

/** A filter that did not work, and a setting or a request that is wrong. */
const MISTAKE =
  /\b(?:filter\w*|moderation|guardrails?|safety)\b[^.;]{0,60}\b(?:unavailable|timed? ?out|could not be|unreachable|not (?:configured|enabled|supported|available|found|installed)|internal error|overloaded)|\b(?:invalid|unknown|unrecogni[sz]ed|unsupported|missing|unexpected|deprecated|extra)\b[^.;]{0,20}\b(?:value|type|parameter|argument|field|schema|role|key|property|member|option|settings?|format|json|header)s?\b|\b(?:must|should) be (?:one of|a |an |at |less|greater|of type|non-?empty|valid)|\bis required\b|\bcontext (?:length|window|size)\b|\btoo (?:long|large|many)\b/i;

function isFilterMessage({ messages }: ProviderError): boolean {
  return messages.some(
    (message) =>
      VERDICT.some((pattern) => pattern.test(message)) && !ACCOUNT.test(message) && !MISTAKE.test(message),
  );
}

/**
 * Words by which servers say, in the place of a reason to stop, that a filter stopped the answer. Google's compatible endpoint adds
 * its own reason: `content_filter: SAFETY`. RECITATION is about copyright, and is not a refusal.
 */
const FILTER_REASONS = new Set([
  'contentfilter',
  'contentfiltered',
  'contentmoderation',
  'safety',
  'sensitive', // Zhipu, Tencent
  'blocklist',
  'blacklist', // GigaChat
  'blocked',
  'prohibitedcontent',
  'spii',
  'modelarmor',
  'jailbreak',
  'guardrail',
  'guardrailintervened', // Bedrock
  'guardrails',
  'inputguardrailtriggered', // Databricks
  'outputguardrailtriggered',
  'moderation',
  'errortoxic', // Cohere
  'riskcontent',
  'refusal',
  'imagesafety',
  'imageprohibitedcontent',
]);

/** Whether a reason to stop names a filter. @example isFilterReason('content_filter: SAFETY') // => true */
export function isFilterReason(reason: unknown): boolean {
  if (typeof reason !== 'string' || /recitation/i.test(reason)) return false;
  const [first = ''] = reason.split(/[:,(]/);
  const word = codeWord(first);
  // Yandex: ALTERNATIVE_STATUS_CONTENT_FILTER
  return FILTER_REASONS.has(word) || word.endsWith('contentfilter');
}
