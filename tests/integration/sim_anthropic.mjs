// SPDX-License-Identifier: Apache-2.0
// The official Anthropic SDK reads the simulator's messages, whole and as events.
import assert from 'node:assert/strict'
import { KEY, drain, failure, install, run, start } from './sdk.mjs'

const { Anthropic } = install('@anthropic-ai/sdk')

const MODEL = 'claude-haiku-4-5-20251001'
const said = (content) => [{ role: 'user', content }]
const question = { model: MODEL, max_tokens: 64, messages: said('Reply with the word ok and no other text.') }
const options = (url) => ({ baseURL: url, maxRetries: 0, timeout: 10000 })
const connect = (url, apiKey) => new Anthropic({ apiKey, ...options(url) })
const types = (events) => events.map((event) => event.type)

async function whole(comet) {
  const { data, response } = await comet.client().messages.create(question).withResponse()
  assert.match(data.id, /^msg_01[0-9A-Za-z]{22}$/)
  assert.deepEqual([data.type, data.role, data.model, data.stop_reason, data.stop_sequence],
    ['message', 'assistant', MODEL, 'end_turn', null])
  assert.deepEqual(data.content, [{ type: 'text', text: 'ok' }])
  assert.deepEqual(data.usage, { input_tokens: 17, cache_creation_input_tokens: 0, cache_read_input_tokens: 0,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 }, output_tokens: 1,
    service_tier: 'standard' })
  assert.match(response.headers.get('x-cometapi-request-id'), /^20261122100000\d{9}[0-9A-Za-z]{8}$/)
}

async function forms(comet) {
  const blocks = said([{ type: 'text', text: 'Say the word ' }, { type: 'text', text: 'yes.' }])
  const answer = await comet.client().messages.create({ ...question, system: 'Be brief.', messages: blocks })
  assert.equal(answer.content[0].text, 'yes')
  assert.equal(answer.usage.input_tokens, 3 + 4 + 3 + 4 + 5)
  const stopped = await comet.client().messages.create({ ...question, stop_sequences: ['k'] })
  assert.deepEqual([stopped.content[0].text, stopped.stop_reason, stopped.stop_sequence], ['o', 'stop_sequence', 'k'])
}

async function events(comet) {
  const events = await drain(await comet.client().messages.create({ ...question, stream: true }))
  // the SDK keeps pings to itself
  assert.deepEqual(types(events), ['message_start', 'content_block_start', 'content_block_delta', 'content_block_stop',
    'message_delta', 'message_stop'])
  const [begin, , delta, , end] = events
  assert.match(begin.message.id, /^msg_01/)
  assert.deepEqual([begin.message.model, begin.message.stop_reason, begin.message.content], [MODEL, null, []])
  assert.deepEqual([begin.message.usage.input_tokens, begin.message.usage.output_tokens], [17, 1])
  assert.deepEqual(delta.delta, { type: 'text_delta', text: 'ok' })
  assert.deepEqual(end.delta, { stop_reason: 'end_turn', stop_sequence: null })
  assert.equal(end.usage.output_tokens, 1)
  const raw = await (await fetch(comet.url + '/v1/messages', { method: 'POST', headers: { 'x-api-key': KEY },
    body: JSON.stringify({ ...question, stream: true }) })).text()
  assert.match(raw, /\nevent: ping\ndata: {"type":"ping"}\n\n/)
  assert.ok(raw.endsWith('event: message_stop\ndata: {"type":"message_stop"}\n\n'))
}

async function helper(comet) {
  const ask = { ...question, max_tokens: 500, messages: said('Tell a story.') }
  const final = await comet.client().messages.stream(ask).finalMessage()
  assert.ok(final.content[0].text.length > 40)
  assert.equal(final.usage.output_tokens, final.content[0].text.match(/ ?[0-9A-Za-z]{1,8}| ?[^ ]/gu).length)
  assert.equal(final.stop_reason, 'end_turn')
  const short = await comet.client().messages.stream({ ...ask, max_tokens: 3 }).finalMessage()
  assert.deepEqual([short.stop_reason, short.usage.output_tokens], ['max_tokens', 3])
}

async function thinking(comet) {
  const ask = { ...question, max_tokens: 2000, thinking: { type: 'enabled', budget_tokens: 1024 } }
  const answer = await comet.client().messages.create(ask)
  assert.deepEqual(answer.content.map((block) => block.type), ['thinking', 'text'])
  assert.match(answer.content[0].thinking, /^Well so/)
  assert.equal(answer.content[0].signature.length, 64)
  assert.equal(answer.usage.output_tokens, 25)
  const final = await comet.client().messages.stream(ask).finalMessage()
  assert.deepEqual(final.content.map((block) => block.thinking ?? block.text), [answer.content[0].thinking, 'ok'])
  const eaten = await comet.client().messages.create({ ...question, max_tokens: 10, thinking: { type: 'adaptive' } })
  assert.deepEqual([eaten.stop_reason, eaten.usage.output_tokens], ['max_tokens', 10])
}

async function faults(comet) {
  const stream = async () => drain(await comet.client().messages.create({ ...question, stream: true }))
  await comet.fault('refusal')
  assert.deepEqual((({ content, stop_reason }) => [content, stop_reason])(await comet.client().messages.create(question)),
    [[], 'refusal'])
  await comet.fault('error-event')
  const error = await failure(stream())
  assert.ok(error instanceof Anthropic.APIError, error.constructor.name)
  assert.equal(error.type, 'overloaded_error')
  await comet.fault('no-terminal')
  assert.equal(types(await stream()).at(-1), 'message_delta')
  await comet.fault('no-finish')
  assert.ok(!types(await stream()).includes('message_delta'))
  await comet.fault('usage-missing')
  const bare = await stream()
  assert.deepEqual([bare[0].message.usage, bare.at(-2).usage], [undefined, undefined])
  await comet.fault('id-missing')
  assert.equal((await stream())[0].message.id, undefined)
  await comet.fault('model-renamed')
  assert.equal((await stream())[0].message.model, 'some-other-model')
}

async function cometHabits(comet) {
  let error = await failure(comet.client('sk-unknown').messages.create(question))
  assert.ok(error instanceof Anthropic.AuthenticationError, error.constructor.name)
  assert.deepEqual([error.status, error.error.error.type, error.error.type], [401, 'comet_api_error', undefined])
  error = await failure(comet.client().messages.create({ ...question, max_tokens: undefined }))
  assert.ok(error instanceof Anthropic.BadRequestError, error.constructor.name)
  assert.deepEqual(Object.keys(error.error.error), ['type', 'message'])
  error = await failure(comet.client().messages.create({ ...question, model: 'claude-none' }))
  assert.deepEqual([error.status, error.error.error.code], [503, 'model_not_found'])
  const bearer = new Anthropic({ apiKey: null, authToken: KEY, ...options(comet.url) })
  assert.equal((await bearer.messages.create(question)).content[0].text, 'ok')
  const bare = await fetch(comet.url + '/v1/messages', { method: 'POST', headers: { 'x-api-key': KEY },
    body: JSON.stringify(question) })
  assert.equal(bare.status, 200, 'without anthropic-version')
}

async function makersHabits(_, maker) {
  const { data, response } = await maker.client().messages.create(question).withResponse()
  assert.equal(data._request_id, response.headers.get('request-id'))
  assert.match(data._request_id, /^req_[0-9A-Za-z]{32}$/)
  assert.equal(response.headers.get('anthropic-ratelimit-requests-reset'), '2026-11-22T10:01:00.000Z')
  const cases = [
    [maker.client('sk-unknown'), {}, 401, 'authentication_error', /invalid x-api-key/],
    [maker.client(), { model: 'claude-none' }, 404, 'not_found_error', /model: claude-none/],
    [maker.client(), { messages: undefined }, 400, 'invalid_request_error', /messages: Field required/],
    [maker.client(), { max_tokens: undefined }, 400, 'invalid_request_error', /max_tokens: Field required/],
  ]
  for (const [client, change, status, type, message] of cases) {
    const error = await failure(client.messages.create({ ...question, ...change }))
    assert.deepEqual([error.status, error.error.type, error.type], [status, 'error', type])
    assert.match(error.message, message)
    assert.equal(error.error.request_id, error.requestID)
  }
  const bare = await fetch(maker.url + '/v1/messages', { method: 'POST', headers: { 'x-api-key': KEY },
    body: JSON.stringify(question) })
  assert.equal(bare.status, 400)
  assert.match((await bare.json()).error.message, /anthropic-version/)
  await maker.fault({ fault: 'error', name: 'anthropic_overloaded' })
  assert.equal((await failure(maker.client().messages.create(question))).status, 529)
}

await run([await start(connect), await start(connect, '--profile', 'anthropic')], [
  ['whole', whole], ['forms of input', forms], ['events', events], ['the SDK adds up a stream', helper],
  ['thinking', thinking], ['faults', faults], ["the gateway's habits", cometHabits], ["the maker's habits", makersHabits],
])
