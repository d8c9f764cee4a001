// SPDX-License-Identifier: Apache-2.0
// The official openai SDK reads the simulator's chat, embeddings and models, and gets the right values out of them.
import assert from 'node:assert/strict'
import { CLOCK, KEY, drain, failure, install, run, start } from './sdk.mjs'

const { OpenAI } = install('openai')

const PROMPT = 'Reply with the word ok and no other text.'
const SNAPSHOT = 'gpt-5.4-mini-2026-03-17'
const question = { model: 'gpt-5.4-mini', messages: [{ role: 'user', content: PROMPT }], max_tokens: 16 }
const options = (url) => ({ baseURL: url + '/v1', maxRetries: 0, timeout: 10000 })
const text = (chunks) => chunks.map((chunk) => chunk.choices[0]?.delta?.content ?? '').join('')

async function chatWhole(comet) {
  const { data, response } = await comet.client().chat.completions.create(question).withResponse()
  assert.match(data.id, /^chatcmpl-[0-9A-Za-z]{29}$/)
  assert.equal(data.object, 'chat.completion')
  assert.equal(data.created, CLOCK)
  assert.equal(data.model, SNAPSHOT)
  assert.equal(data.choices.length, 1)
  assert.deepEqual(data.choices[0], { index: 0, message: { role: 'assistant', content: 'ok', refusal: null, annotations: [] },
    logprobs: null, finish_reason: 'stop' })
  assert.deepEqual(data.usage, { prompt_tokens: 17, completion_tokens: 1, total_tokens: 18,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0, accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0 } })
  assert.equal(data.service_tier, 'default')
  assert.match(data.system_fingerprint, /^fp_[0-9a-f]{10}$/)
  assert.match(response.headers.get('x-cometapi-request-id'), /^20261122100000\d{9}[0-9A-Za-z]{8}$/)
  assert.equal(response.headers.get('x-ratelimit-limit-requests'), null)
}

async function chatCap(comet) {
  const answer = await comet.client().chat.completions.create({ ...question, max_tokens: undefined, max_completion_tokens: 3,
    messages: [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: [{ type: 'text', text: 'Tell a story.' }] }] })
  assert.equal(answer.choices[0].finish_reason, 'length')
  assert.equal(answer.usage.completion_tokens, 3)
  assert.equal(answer.usage.prompt_tokens, 3 + 4 + 3 + 4 + 4)
  assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens + 3)
  assert.ok(answer.choices[0].message.content.length > 0)
}

async function chatStream(comet) {
  const chunks = await drain(await comet.client().chat.completions.create(
    { ...question, stream: true, stream_options: { include_usage: true } }))
  assert.equal(new Set(chunks.map((chunk) => chunk.id)).size, 1)
  for (const chunk of chunks) {
    assert.equal(chunk.object, 'chat.completion.chunk')
    assert.equal(chunk.created, CLOCK)
    assert.equal(chunk.model, SNAPSHOT)
  }
  assert.deepEqual(chunks[0].choices[0].delta, { role: 'assistant', content: '', refusal: null })
  assert.equal(chunks[1].choices[0].logprobs, null)
  assert.equal(typeof chunks[1].obfuscation, 'string')
  assert.equal(text(chunks), 'ok')
  assert.deepEqual(chunks.map((chunk) => chunk.choices[0]?.finish_reason), [null, null, 'stop', undefined])
  assert.deepEqual(chunks.map((chunk) => chunk.usage && [chunk.usage.prompt_tokens, chunk.usage.completion_tokens,
    chunk.usage.total_tokens]), [null, null, null, [17, 1, 18]])
  assert.deepEqual(chunks.at(-1).choices, [])
}

async function chatStreamBare(comet) {
  const ask = { ...question, messages: [{ role: 'user', content: 'Tell a story.' }], max_tokens: 500 }
  const chunks = await drain(await comet.client().chat.completions.create({ ...ask, stream: true }))
  assert.ok(chunks.length > 15, 'a story has many chunks')
  assert.ok(chunks.every((chunk) => !('usage' in chunk)), 'no usage unless it was asked for')
  assert.equal(chunks.at(-1).choices[0].finish_reason, 'stop')
  const whole = await comet.client().chat.completions.create({ ...ask })
  assert.equal(whole.usage.completion_tokens, whole.choices[0].message.content.match(/ ?[0-9A-Za-z]{1,8}| ?[^ ]/gu).length)
}

async function chatHelper(comet) {
  const stream = comet.client().chat.completions.stream({ ...question, stream_options: { include_usage: true } })
  const final = await stream.finalChatCompletion()
  assert.equal(final.choices[0].message.content, 'ok')
  assert.equal(final.choices[0].finish_reason, 'stop')
  assert.equal(final.usage.total_tokens, 18)
  assert.equal(await stream.finalContent(), 'ok')
}

async function chatChoices(comet) {
  const answer = await comet.client().chat.completions.create({ ...question, n: 2 })
  assert.deepEqual(answer.choices.map((choice) => [choice.index, choice.message.content]), [[0, 'ok'], [1, 'ok']])
  assert.equal(answer.usage.completion_tokens, 2)
}

async function chatThinking(comet) {
  const ask = { ...question, model: 'gpt-5', max_tokens: 128 }
  const eaten = await comet.client().chat.completions.create(ask)
  assert.equal(eaten.choices[0].message.content, '')
  assert.equal(eaten.choices[0].finish_reason, 'length')
  assert.equal(eaten.usage.completion_tokens_details.reasoning_tokens, 128)
  const without = await comet.client().chat.completions.create({ ...ask, reasoning_effort: 'none' })
  assert.equal(without.choices[0].message.content, 'ok')
  assert.equal(without.model, 'gpt-5-2025-08-07')
}

async function embeddings(comet) {
  const ask = { model: 'text-embedding-3-small', input: ['alpha', 'beta'] }
  const numbers = await comet.client().embeddings.create({ ...ask, encoding_format: 'float' })
  assert.equal(numbers.object, 'list')
  assert.equal(numbers.model, 'text-embedding-3-small')
  assert.deepEqual(numbers.data.map((row) => [row.object, row.index, row.embedding.length]),
    [['embedding', 0, 1536], ['embedding', 1, 1536]])
  assert.deepEqual(numbers.usage, { prompt_tokens: 2, total_tokens: 2 })
  for (const row of numbers.data)
    assert.ok(Math.abs(row.embedding.reduce((sum, x) => sum + x * x, 0) - 1) < 1e-5, 'a unit vector')
  assert.notDeepEqual(numbers.data[0].embedding, numbers.data[1].embedding)

  // Without a format the SDK asks for base64 and decodes it by itself: the same values, as 32-bit floats.
  const decoded = await comet.client().embeddings.create(ask)
  assert.deepEqual(decoded.data[0].embedding, numbers.data[0].embedding.map(Math.fround))
  const raw = await comet.client().embeddings.create({ ...ask, encoding_format: 'base64' })
  const bytes = Buffer.from(raw.data[1].embedding, 'base64')
  assert.equal(bytes.length, 1536 * 4)
  assert.equal(bytes.readFloatLE(4 * 1535), Math.fround(numbers.data[1].embedding[1535]))

  const short = await comet.client().embeddings.create({ ...ask, input: [[1, 2, 3]], dimensions: 7, encoding_format: 'float' })
  assert.equal(short.data[0].embedding.length, 7)
  assert.equal(short.usage.prompt_tokens, 3)
}

async function models(comet) {
  const page = await comet.client().models.list()
  assert.equal(page.object, 'list')
  const found = new Map(page.data.map((model) => [model.id, model]))
  assert.deepEqual(found.get('gpt-5.4-mini'), { id: 'gpt-5.4-mini', object: 'model', created: 1773705600, owned_by: 'openai' })
  assert.ok(found.has('text-embedding-3-large'))
  const open = await (await fetch(comet.url + '/api/models')).json()
  assert.equal(open.success, true)
  assert.deepEqual(open.data.map((model) => model.id), [...found.keys()])
  assert.equal(open.data[0].pricing.currency, 'USD')
}

async function refusals(comet) {
  const { AuthenticationError, InternalServerError, BadRequestError } = OpenAI
  let error = await failure(comet.client('sk-unknown').chat.completions.create(question))
  assert.ok(error instanceof AuthenticationError, error.constructor.name)
  assert.deepEqual([error.status, error.code, error.type], [401, '', 'comet_api_error'])

  error = await failure(comet.client().chat.completions.create({ ...question, model: 'gpt-nonexistent' }))
  assert.ok(error instanceof InternalServerError, error.constructor.name)
  assert.deepEqual([error.status, error.code, error.type], [503, 'model_not_found', 'comet_api_error'])
  assert.match(error.message, /no available channel for group default and model gpt-nonexistent \(distributor\)/)
  assert.match(error.message, /\(request id: \d{23}[0-9A-Za-z]{8}\)/)

  error = await failure(comet.client().chat.completions.create({ ...question, messages: undefined }))
  assert.ok(error instanceof InternalServerError, error.constructor.name)
  assert.deepEqual([error.status, error.code, error.param], [500, 'invalid_request', ''])
  assert.match(error.message, /field messages is required/)

  error = await failure(comet.client().chat.completions.create({ ...question, model: undefined }))
  assert.ok(error instanceof BadRequestError, error.constructor.name)
  assert.deepEqual([error.status, error.code], [400, ''])
}

async function openaiHabits(openai) {
  const { AuthenticationError, NotFoundError, BadRequestError } = OpenAI
  const { data, response } = await openai.client().chat.completions.create(question).withResponse()
  assert.match(data._request_id, /^req_[0-9A-Za-z]{32}$/)
  assert.equal(response.headers.get('x-ratelimit-limit-requests'), '10000')
  let error = await failure(openai.client('sk-unknown').chat.completions.create(question))
  assert.ok(error instanceof AuthenticationError, error.constructor.name)
  assert.deepEqual([error.status, error.code, error.type], [401, 'invalid_api_key', 'invalid_request_error'])
  error = await failure(openai.client().chat.completions.create({ ...question, model: 'gpt-nonexistent' }))
  assert.ok(error instanceof NotFoundError, error.constructor.name)
  assert.deepEqual([error.status, error.code], [404, 'model_not_found'])
  error = await failure(openai.client().chat.completions.create({ ...question, messages: undefined }))
  assert.ok(error instanceof BadRequestError, error.constructor.name)
  assert.deepEqual([error.status, error.code, error.param], [400, 'missing_required_parameter', 'messages'])
  error = await failure(openai.client().chat.completions.create({ ...question, model: 'gpt-5' }))
  assert.deepEqual([error.status, error.code, error.param], [400, 'unsupported_parameter', 'max_tokens'])
  error = await failure(openai.client().get('/nowhere'))
  assert.ok(error instanceof NotFoundError, error.constructor.name)
  assert.match(error.message, /Invalid URL \(GET \/v1\/nowhere\)/)
}

async function faults(comet) {
  const { RateLimitError, APIConnectionError } = OpenAI
  const cases = [
    [{ fault: 'error', name: 'retry_after_seconds' }, false, (error) => {
      assert.ok(error instanceof RateLimitError, error.constructor.name)
      assert.equal(error.code, 'rate_limit_exceeded')
      assert.equal(error.headers.get('retry-after'), '7')
    }],
    [{ fault: 'error-event' }, true, (error) => assert.match(error.message, /server had an error/)],
    [{ fault: 'bad-event' }, true, (error) => assert.ok(error instanceof SyntaxError, error.constructor.name)],
    [{ fault: 'reset-at', at: 0 }, false, (error) => assert.ok(error instanceof APIConnectionError, error.constructor.name)],
  ]
  for (const [fault, stream, check] of cases) {
    await comet.sim('faults', 'POST', { count: 1, faults: [fault] })
    check(await failure(comet.client().chat.completions.create({ ...question, stream }).then((answer) => stream && drain(answer))))
  }
  await comet.sim('faults', 'POST', { stream: true, count: 1, faults: ['usage-missing'] })
  const chunks = await drain(await comet.client().chat.completions.create(
    { ...question, stream: true, stream_options: { include_usage: true } }))
  assert.ok(chunks.every((chunk) => !('usage' in chunk)))
  assert.equal(text(chunks), 'ok')
}

async function journal(comet) {
  const entries = await comet.sim('journal')
  assert.ok(!JSON.stringify(entries).includes(KEY), 'a key in the journal')
  assert.deepEqual(entries.map((entry) => entry.sequence), entries.map((_, index) => index + 1))
  const first = entries[0]
  assert.deepEqual([first.method, first.path, first.key, first.model, first.stream, first.status, first.ended],
    ['POST', '/v1/chat/completions', 'test', 'gpt-5.4-mini', false, 200, 'complete'])
  assert.ok(entries.some((entry) => entry.key_present && !entry.key), 'the unknown key was seen, and is not named')
  assert.deepEqual(entries.filter((entry) => entry.faults).map((entry) => entry.faults),
    ['error', 'error-event', 'bad-event', 'reset-at', 'usage-missing'])
  const stats = await comet.sim('stats')
  assert.equal(stats.requests, entries.length)
  assert.equal(stats.faulted, 5)
}

async function usageToken(comet) {
  const reply = await (await fetch(comet.url + '/api/usage/token', { headers: { authorization: 'Bearer ' + KEY } })).json()
  assert.equal(reply.code, true)
  assert.equal(reply.data.object, 'token_usage')
  assert.equal(reply.data.total_granted, reply.data.total_used + reply.data.total_available)
  assert.ok(reply.data.total_used > 0)
}

const comet = await start((url, apiKey) => new OpenAI({ apiKey, ...options(url) }))
const openai = await start((url, apiKey) => new OpenAI({ apiKey, ...options(url) }), '--profile', 'openai')
await run([comet, openai], [
  ['chat, whole', chatWhole], ['chat, token cap', chatCap], ['chat, stream with usage', chatStream],
  ['chat, stream without usage', chatStreamBare], ['chat, the SDK adds up a stream', chatHelper],
  ['chat, two choices', chatChoices], ['chat, a model that thinks', chatThinking], ['embeddings', embeddings],
  ['models', models], ['refusals', refusals], ['faults', faults], ['journal', journal], ['usage of a key', usageToken],
  ['the habits of another provider', (_, other) => openaiHabits(other)],
])
