// SPDX-License-Identifier: Apache-2.0
// The official openai SDK reads the simulator's responses, whole and as events.
import assert from 'node:assert/strict'
import { CLOCK, drain, failure, install, run, start } from './sdk.mjs'

const { OpenAI } = install('openai')

const SNAPSHOT = 'gpt-5.4-mini-2026-03-17'
const question = { model: 'gpt-5.4-mini', input: 'Reply with the word ok and no other text.', max_output_tokens: 64 }
const story = { ...question, input: 'Tell a story.' }
const connect = (url, apiKey) => new OpenAI({ apiKey, baseURL: url + '/v1', maxRetries: 0, timeout: 10000 })
const types = (events) => events.map((event) => event.type)

async function whole(comet) {
  const answer = await comet.client().responses.create(question)
  assert.match(answer.id, /^resp_[0-9A-Za-z]{48}$/)
  assert.deepEqual([answer.object, answer.created_at, answer.status, answer.model],
    ['response', CLOCK, 'completed', SNAPSHOT])
  assert.deepEqual([answer.error, answer.incomplete_details, answer.max_output_tokens], [null, null, 64])
  assert.equal(answer.output_text, 'ok')
  assert.equal(answer.output.length, 1)
  assert.match(answer.output[0].id, /^msg_[0-9A-Za-z]{48}$/)
  assert.deepEqual({ ...answer.output[0], id: '' }, { id: '', type: 'message', status: 'completed', role: 'assistant',
    content: [{ type: 'output_text', annotations: [], logprobs: [], text: 'ok' }] })
  assert.deepEqual(answer.usage, { input_tokens: 17, input_tokens_details: { cached_tokens: 0 }, output_tokens: 1,
    output_tokens_details: { reasoning_tokens: 0 }, total_tokens: 18 })
}

async function forms(comet) {
  const items = [{ role: 'user', content: [{ type: 'input_text', text: 'Say the word yes.' }] }]
  const answer = await comet.client().responses.create({ ...question, input: items, instructions: 'Be brief.' })
  assert.equal(answer.output_text, 'yes')
  assert.equal(answer.usage.input_tokens, 3 + 4 + 3 + 4 + 5)
}

async function events(comet) {
  const events = await drain(await comet.client().responses.create({ ...question, stream: true }))
  assert.deepEqual(types(events), ['response.created', 'response.in_progress', 'response.output_item.added',
    'response.content_part.added', 'response.output_text.delta', 'response.output_text.done',
    'response.content_part.done', 'response.output_item.done', 'response.completed'])
  assert.deepEqual(events.map((event) => event.sequence_number), [0, 1, 2, 3, 4, 5, 6, 7, 8])
  const [created, , added, part, delta, done, , item, completed] = events
  assert.deepEqual([created.response.status, created.response.usage, created.response.output], ['in_progress', null, []])
  assert.deepEqual([added.item.status, added.item.content], ['in_progress', []])
  assert.deepEqual([part.item_id, part.output_index, part.content_index], [added.item.id, 0, 0])
  assert.deepEqual([delta.delta, delta.item_id, done.text], ['ok', added.item.id, 'ok'])
  assert.deepEqual(completed.response.output, [item.item])
  assert.deepEqual([completed.response.id, completed.response.status, completed.response.usage.total_tokens],
    [created.response.id, 'completed', 18])
}

async function helper(comet) {
  const final = await comet.client().responses.stream({ ...story, max_output_tokens: 500 }).finalResponse()
  const same = await comet.client().responses.create({ ...story, max_output_tokens: 500 })
  assert.equal(final.output_text, final.output[0].content[0].text)
  assert.equal(final.usage.output_tokens, final.output_text.match(/ ?[0-9A-Za-z]{1,8}| ?[^ ]/gu).length)
  assert.ok(same.output_text.length > 40)
}

async function cap(comet) {
  const short = await comet.client().responses.create({ ...story, max_output_tokens: 16 })
  assert.deepEqual([short.status, short.incomplete_details, short.output[0].status],
    ['incomplete', { reason: 'max_output_tokens' }, 'incomplete'])
  assert.equal(short.usage.output_tokens, 16)
  assert.ok(short.output_text.length > 0)
  const eaten = { ...question, model: 'gpt-5' }
  const answer = await comet.client().responses.create(eaten)
  assert.deepEqual([answer.status, answer.output_text, answer.output.map((item) => item.type)],
    ['incomplete', '', ['reasoning']])
  assert.equal(answer.usage.output_tokens_details.reasoning_tokens, 64)
  const events = await drain(await comet.client().responses.create({ ...eaten, stream: true }))
  assert.deepEqual(types(events), ['response.created', 'response.in_progress', 'response.output_item.added',
    'response.output_item.done', 'response.incomplete'])
  assert.equal(events.at(-1).response.incomplete_details.reason, 'max_output_tokens')
}

async function reasoning(comet) {
  const ask = { ...question, model: 'gpt-5', max_output_tokens: 400, reasoning: { summary: 'auto' } }
  const answer = await comet.client().responses.create(ask)
  assert.deepEqual(answer.output.map((item) => item.type), ['reasoning', 'message'])
  assert.match(answer.output[0].summary[0].text, /^Well so/)
  assert.deepEqual([answer.usage.output_tokens, answer.usage.output_tokens_details.reasoning_tokens], [193, 192])
  const events = await drain(await comet.client().responses.create({ ...ask, stream: true }))
  const summary = events.filter((event) => event.type === 'response.reasoning_summary_text.delta')
  assert.equal(summary.map((event) => event.delta).join(''), answer.output[0].summary[0].text)
  assert.deepEqual(events.map((event) => event.sequence_number), events.map((_, index) => index))
  const none = await comet.client().responses.create({ ...ask, reasoning: { effort: 'none' } })
  assert.deepEqual(none.output.map((item) => item.type), ['message'])
}

async function endings(comet) {
  const create = (more) => comet.client().responses.create({ ...question, ...more })
  await comet.fault('content-filter')
  assert.deepEqual((await create()).incomplete_details, { reason: 'content_filter' })
  await comet.fault('refusal')
  assert.equal((await create()).output[0].content[0].type, 'refusal')
  await comet.fault('failed')
  const failed = await create()
  assert.deepEqual([failed.status, failed.error.code], ['failed', 'server_error'])
  await comet.fault('failed')
  assert.equal((await drain(await create({ stream: true }))).at(-1).type, 'response.failed')
  await comet.fault('refusal')
  assert.equal((await drain(await create({ stream: true }))).at(-1).response.output[0].content[0].type, 'refusal')
}

async function faults(comet) {
  const stream = async () => drain(await comet.client().responses.create({ ...question, stream: true }))
  await comet.fault('error-event') // which is an event among others to the SDK
  const error = (await stream()).at(-1)
  assert.deepEqual([error.type, error.code, error.param, error.sequence_number], ['error', 'server_error', null, 5])
  await comet.fault({ fault: 'error-event', name: 'openai_overloaded' })
  assert.match((await failure(stream())).message, /currently overloaded/)
  await comet.fault('no-terminal')
  assert.ok(!types(await stream()).includes('response.completed'))
  await comet.fault('terminal-twice')
  const twice = await stream()
  assert.deepEqual(types(twice).slice(-2), ['response.completed', 'response.completed'])
  assert.deepEqual(twice.map((event) => event.sequence_number), twice.map((_, index) => index))
  await comet.fault('usage-null')
  assert.equal((await stream()).at(-1).response.usage, null)
  await comet.fault('model-renamed')
  assert.equal((await stream())[0].response.model, 'some-other-model')
}

async function refusals(comet, openai) {
  let error = await failure(comet.client().responses.create({ ...question, input: undefined }))
  assert.ok(error instanceof OpenAI.InternalServerError, error.constructor.name)
  assert.deepEqual([error.status, error.code, error.type], [500, 'invalid_request', 'comet_api_error'])
  error = await failure(openai.client().responses.create({ ...question, max_output_tokens: 8 }))
  assert.ok(error instanceof OpenAI.BadRequestError, error.constructor.name)
  assert.match(error.message, /Expected a value >= 16/)
  error = await failure(openai.client().responses.create({ ...question, model: 'text-embedding-3-small' }))
  assert.ok(error instanceof OpenAI.NotFoundError, error.constructor.name)
}

await run([await start(connect), await start(connect, '--profile', 'openai')], [
  ['whole', whole], ['forms of input', forms], ['events', events], ['the SDK adds up a stream', helper],
  ['token cap', cap], ['reasoning', reasoning], ['other endings', endings], ['faults', faults], ['refusals', refusals],
])
