/**
 * Test support: error answers as providers send them, with their HTTP status. The first table is about one prompt, each a filter
 * of the provider's; the second is about anything else.
 */
export const FILTERED: readonly (readonly [provider: string, status: number, body: unknown])[] = [
  [
    'xAI',
    403,
    {
      code: 'The caller does not have permission to execute the specified operation',
      error:
        'Content violates usage guidelines. Team: t, API key ID: k, Model: a, Failed check: SAFETY_CHECK_TYPE_BIO',
    },
  ],
  [
    'DeepSeek',
    400,
    {
      error: { message: 'Content Exists Risk', type: 'invalid_request_error', code: 'invalid_request_error' },
    },
  ],
  [
    'DashScope',
    400,
    {
      error: {
        code: 'data_inspection_failed',
        message:
          '<400> InternalError.Algo.DataInspectionFailed: Input text data may contain inappropriate content.',
        type: 'data_inspection_failed',
      },
    },
  ],
  [
    'DashScope, its own form',
    400,
    { code: 'DataInspectionFailed', message: 'Output data may contain inappropriate content.' },
  ],
  [
    'Zhipu',
    400,
    {
      contentFilter: [{ level: 1, role: 'user' }],
      error: {
        code: '1301',
        message: '系统检测到输入或生成内容可能包含不安全或敏感内容，请您避免输入易产生敏感内容的提示语。',
      },
    },
  ],
  [
    'MiniMax, prompt',
    200,
    { choices: null, base_resp: { status_code: 1026, status_msg: 'input new_sensitive' } },
  ],
  [
    'MiniMax, answer',
    200,
    {
      choices: [],
      output_sensitive: true,
      base_resp: { status_code: 1027, status_msg: 'output new_sensitive' },
    },
  ],
  [
    'Moonshot',
    400,
    {
      error: {
        message: 'The request was rejected because it was considered high risk',
        type: 'content_filter',
      },
    },
  ],
  [
    'StepFun',
    451,
    {
      error: {
        message: 'The content you provided or machine outputted is blocked.',
        type: 'censorship_blocked',
      },
    },
  ],
  [
    'Volcengine',
    400,
    {
      error: {
        code: 'InputTextSensitiveContentDetected',
        message: 'The request failed because the input text may contain sensitive information.',
        type: 'BadRequest',
      },
    },
  ],
  ['iFlytek Spark', 400, { error: { message: '用户输入内容审核不通过', type: 'api_error', code: '10013' } }],
  [
    'Azure, prompt',
    400,
    {
      error: {
        code: 'content_filter',
        message:
          "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry.",
        status: 400,
        innererror: {
          code: 'ResponsibleAIPolicyViolation',
          content_filter_result: { hate: { filtered: true, severity: 'high' } },
        },
      },
    },
  ],
  [
    'Azure, answer',
    400,
    {
      object: 'chat.completion',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: '' },
          finish_reason: 'content_filter',
          content_filter_results: { error: { code: 'content_filter', message: 'blocked' } },
        },
      ],
    },
  ],
  [
    'OpenAI, moderation',
    400,
    {
      error: {
        message:
          'Invalid prompt: your prompt was flagged as potentially violating our usage policy. Please try again with a different prompt.',
        type: 'invalid_request_error',
        code: 'invalid_prompt',
      },
    },
  ],
  [
    'OpenAI, biology',
    400,
    {
      error: {
        message: "Invalid prompt: we've limited access to this content for safety reasons.",
        type: 'invalid_request_error',
        code: 'invalid_prompt',
      },
    },
  ],
  [
    'OpenAI, images',
    400,
    { error: { code: 'moderation_blocked', message: 'Your request was rejected by the safety system.' } },
  ],
  [
    'OpenAI, security',
    400,
    {
      error: {
        message: 'This request has been flagged for potentially high-risk cyber activity.',
        code: 'cyber_policy',
      },
    },
  ],
  [
    'Anthropic',
    400,
    {
      type: 'error',
      error: { type: 'invalid_request_error', message: 'Output blocked by content filtering policy' },
    },
  ],
  [
    'OpenRouter',
    403,
    {
      error: {
        code: 403,
        message: 'Provider returned error',
        metadata: { reasons: ['violence'], flagged_input: '…', provider_name: 'x' },
      },
    },
  ],
  [
    'OpenRouter, passing on an error',
    400,
    {
      error: {
        code: 400,
        message: 'Provider returned error',
        metadata: {
          raw: '{"error":{"message":"Content Exists Risk","code":"invalid_request_error"}}',
          provider_name: 'DeepSeek',
        },
      },
    },
  ],
  [
    'LiteLLM, passing on an error',
    400,
    {
      error: {
        message:
          "litellm.BadRequestError: litellm.ContentPolicyViolationError: AzureException - The response was filtered due to the prompt triggering Azure OpenAI's content management policy",
        type: null,
        param: null,
        code: '400',
      },
    },
  ],
  [
    'LiteLLM, guardrail',
    400,
    {
      error: {
        message: "{'error': 'Violated OpenAI moderation policy', 'moderation_result': {}}",
        type: 'None',
        param: 'None',
        code: '400',
      },
    },
  ],
  [
    'Cloudflare AI Gateway',
    424,
    {
      success: false,
      result: [],
      messages: [],
      error: [{ code: 2016, message: 'Prompt blocked due to security configurations' }],
    },
  ],
  [
    'Portkey',
    446,
    {
      error: {
        message: 'The guardrail checks defined in the config failed.',
        type: 'hooks_failed',
        code: null,
      },
    },
  ],
  [
    'one-api',
    500,
    {
      error: { message: 'sensitive words detected', type: 'one_api_error', code: 'sensitive_words_detected' },
    },
  ],
  [
    'Bedrock',
    400,
    {
      message:
        'The generated text has been blocked by our content filters. Our filters automatically flagged this prompt because it may conflict our AUP or AWS Responsible AI Policy.',
    },
  ],
  [
    'Vertex',
    400,
    {
      error: {
        code: 400,
        message:
          "The prompt could not be submitted. This prompt contains sensitive words that violate Google's Responsible AI practices.",
        status: 'INVALID_ARGUMENT',
      },
    },
  ],
  [
    'Databricks',
    400,
    { error_code: 'BAD_REQUEST', message: 'Model input flagged as unsafe by the safety filter' },
  ],
  [
    'Mistral',
    400,
    {
      object: 'error',
      message: 'Your input was flagged by our moderation system',
      type: 'invalid_request_error',
      code: 3051,
    },
  ],
  [
    'Copilot',
    422,
    { error: { message: 'Sorry, the response was filtered by the Responsible AI Service.', code: '' } },
  ],
  [
    'a list of details',
    422,
    { detail: [{ msg: 'The prompt was refused by the content moderation filter', type: 'value_error' }] },
  ],
  ['plain text', 400, 'Content violates usage guidelines.'],
  [
    'an error inside a choice',
    200,
    { choices: [{ error: { code: 403, message: 'Content flagged' }, finish_reason: 'error' }] },
  ],
  ['flagged', 403, { error: 'Request contains flagged content' }],
  ['banned words', 400, { error: { message: "Keyword 'x' blocked by banned keywords list" } }],
  ['NSFW', 422, { error: { message: 'NSFW content detected in prompt' } }],
  ['a safety model', 400, { error: { message: 'Request blocked by safety model' } }],
  ['a safety classifier', 400, { error: { message: 'Request rejected by safety classifier' } }],
  [
    'LiteLLM, as a failure',
    500,
    { error: { message: 'litellm.APIError: ContentPolicyViolationError: blocked', code: '500' } },
  ],
];

export const NOT_FILTERED: typeof FILTERED = [
  ['no key', 401, { error: { code: 'invalid_api_key', message: 'Incorrect API key provided' } }],
  [
    'a closed account',
    403,
    {
      error: {
        message: 'Your account was deactivated for violating our usage policies.',
        code: 'account_deactivated',
      },
    },
  ],
  [
    'an account that is flagged',
    403,
    {
      error: {
        message: 'Your organization has been flagged for a violation of our usage policy and is suspended.',
      },
    },
  ],
  [
    'no right to a model',
    403,
    { error: { message: 'Project `p` does not have access to model `m`', code: 'model_not_found' } },
  ],
  [
    'a country',
    403,
    {
      error: {
        message: 'Country, region, or territory not supported',
        code: 'unsupported_country_region_territory',
      },
    },
  ],
  [
    'a firewall’s page',
    403,
    '<!DOCTYPE html><html><title>Attention Required!</title><body>Sorry, you have been blocked. Harmful content detected.</body></html>',
  ],
  ['a firewall’s JSON', 403, { message: 'Forbidden' }],
  [
    'a firewall’s JSON with a rule',
    403,
    { error: 'Request blocked', message: 'Your request was blocked by the security rule 942100.', ray: 'x' },
  ],
  ['a firewall’s line', 403, 'error code: 1020'],
  [
    'context',
    400,
    {
      error: {
        message: 'This model’s maximum context length is 4096 tokens; your input has 5000',
        code: 'context_length_exceeded',
      },
    },
  ],
  [
    'a prompt that is empty',
    400,
    { error: { message: 'Messages must not be empty', code: 'invalid_prompt' } },
  ],
  [
    'a setting of the filter',
    400,
    { error: { message: 'Unknown parameter: safety_settings', type: 'invalid_request_error' } },
  ],
  [
    'a value of a setting',
    400,
    {
      error: {
        message: "Invalid value for 'moderation': content filter must be one of on, off",
        type: 'invalid_request_error',
      },
    },
  ],
  [
    'a filter that failed',
    500,
    { error: { message: 'The content filter is unavailable', code: 'content_filter_error' } },
  ],
  ['illegal characters', 400, { error: { message: 'Illegal input: the text contains illegal characters' } }],
  [
    'a prompt that is repeated',
    422,
    {
      detail: [
        {
          msg: 'Input should be a valid list',
          type: 'list_type',
          input: 'Why was my prompt flagged by the content filter? content_policy_violation',
        },
      ],
    },
  ],
  ['too many', 429, { error: { message: 'Too many flagged prompts', code: 'content_filter' } }],
  ['MiniMax, too many', 200, { choices: null, base_resp: { status_code: 1002, status_msg: 'rate limit' } }],
  ['busy', 503, { error: { message: 'Overloaded', type: 'overloaded_error' } }],
  ['tools', 400, { error: { message: 'registry.ollama.ai/library/m does not support tools' } }],
  [
    'a schema',
    400,
    {
      error: {
        message: "Invalid schema for response_format 'answer': In context=(), 'required' is required",
        code: 'invalid_json_schema',
      },
    },
  ],
];
