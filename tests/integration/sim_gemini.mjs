// SPDX-License-Identifier: Apache-2.0
// The official Google SDK reads the simulator's generateContent, whole and streamed.
import assert from 'node:assert/strict'
import { KEY, drain, failure, install, run, start } from './sdk.mjs'

const { ApiError, GoogleGenAI } = install('@google/genai')

const MODEL = 'gemini-2.5-flash'
const question = { model: MODEL, contents: 'Reply with the word ok and no other text.', config: { maxOutputTokens: 64 } }
const connect = (baseUrl, apiKey) => new GoogleGenAI({ apiKey, httpOptions: { baseUrl, timeout: 10000 } })
const post = (sim, call, headers = { 'x-goog-api-key': KEY }) => fetch(`${sim.url}/v1beta/models/${MODEL}:${call}`, {
  method: 'POST', headers, body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: question.contents }] }] }) })

async function whole(comet) {
  const answer = await comet.client().models.generateContent(question)
  assert.equal(answer.text, 'ok')
  assert.deepEqual([answer.modelVersion, answer.responseId.length, answer.candidates.length], [MODEL, 22, 1])
  assert.deepEqual([answer.candidates[0].finishReason, answer.candidates[0].index], ['STOP', 0])
  assert.deepEqual(answer.candidates[0].content, { parts: [{ text: 'ok' }], role: 'model' })
  const { promptTokenCount, candidatesTokenCount, totalTokenCount, thoughtsTokenCount } = answer.usageMetadata
  assert.deepEqual([promptTokenCount, candidatesTokenCount, totalTokenCount, thoughtsTokenCount], [14, 1, 15, undefined])
}

async function forms(comet) {
  const answer = await comet.client().models.generateContent({ model: MODEL, contents: 'Say the word yes.',
    config: { systemInstruction: 'Be brief.', stopSequences: ['s'] } })
  assert.equal(answer.text, 'ye')
  assert.equal(answer.usageMetadata.promptTokenCount, 4 + 3 + 4 + 5)
  const json = await comet.client().models.generateContent({ ...question, config: { responseMimeType: 'application/json' } })
  assert.deepEqual(JSON.parse(json.text), { answer: 'ok' })
}

async function stream(comet) {
  const chunks = await drain(await comet.client().models.generateContentStream({ ...question, contents: 'Tell a story.',
    config: { maxOutputTokens: 500 } }))
  assert.ok(chunks.length > 15, 'a story has many chunks')
  assert.equal(new Set(chunks.map((chunk) => chunk.responseId)).size, 1)
  assert.ok(chunks.every((chunk) => chunk.usageMetadata.promptTokenCount === 8), 'usage in each chunk')
  assert.ok(chunks.slice(0, -1).every((chunk) => !('candidatesTokenCount' in chunk.usageMetadata)), '… as far as it is known')
  const last = chunks.at(-1)
  assert.deepEqual([last.candidates[0].finishReason, last.usageMetadata.totalTokenCount],
    ['STOP', 8 + last.usageMetadata.candidatesTokenCount])
  assert.equal(last.usageMetadata.candidatesTokenCount, chunks.length - 1)
  assert.ok(chunks.map((chunk) => chunk.text ?? '').join('').length > 40)
}

async function framing(comet) {
  const events = await post(comet, 'streamGenerateContent?alt=sse')
  assert.match(events.headers.get('content-type'), /^text\/event-stream/)
  const text = await events.text()
  assert.ok(!/^event:/m.test(text) && !text.includes('[DONE]') && text.endsWith('}\r\n\r\n'))
  const list = await post(comet, 'streamGenerateContent')
  assert.match(list.headers.get('content-type'), /^application\/json/)
  const chunks = await list.json()
  assert.deepEqual(chunks.map((chunk) => chunk.candidates[0].content.parts[0].text), ['ok', ''])
}

async function caps(comet) {
  const short = await comet.client().models.generateContent({ ...question, contents: 'Tell a story.',
    config: { maxOutputTokens: 3 } })
  assert.deepEqual([short.candidates[0].finishReason, short.usageMetadata.candidatesTokenCount], ['MAX_TOKENS', 3])
  const ask = { ...question, model: 'gemini-3-pro-preview' }
  const eaten = await comet.client().models.generateContent(ask)
  assert.deepEqual(eaten.candidates[0].content, { role: 'model' })
  assert.deepEqual([eaten.candidates[0].finishReason, eaten.usageMetadata.thoughtsTokenCount,
    eaten.usageMetadata.candidatesTokenCount, eaten.usageMetadata.totalTokenCount], ['MAX_TOKENS', 64, undefined, 78])
  const chunks = await drain(await comet.client().models.generateContentStream(ask))
  assert.deepEqual([chunks.length, chunks[0].candidates[0].content.parts], [1, undefined])
  const without = await comet.client().models.generateContent({ ...ask, config: { maxOutputTokens: 64,
    thinkingConfig: { thinkingBudget: 0 } } })
  assert.equal(without.text, 'ok')
}

async function thoughts(comet) {
  const ask = { ...question, model: 'gemini-3-pro-preview', config: { thinkingConfig: { includeThoughts: true } } }
  const answer = await comet.client().models.generateContent(ask)
  const [thought, text] = answer.candidates[0].content.parts
  assert.deepEqual([thought.thought, text.text, answer.text], [true, 'ok', 'ok'])
  assert.equal(text.thoughtSignature.length, 64)
  const chunks = await drain(await comet.client().models.generateContentStream(ask))
  const parts = chunks.flatMap((chunk) => chunk.candidates[0].content.parts)
  assert.equal(parts.filter((part) => part.thought).map((part) => part.text).join(''), thought.text)
  assert.deepEqual([chunks.at(-1).usageMetadata.thoughtsTokenCount, chunks.at(-1).usageMetadata.totalTokenCount],
    [160, 14 + 160 + 1])
}

async function faults(comet) {
  const generate = () => comet.client().models.generateContent(question)
  const streamed = async () => drain(await comet.client().models.generateContentStream(question))
  await comet.fault('content-filter')
  const unsafe = (await generate()).candidates[0]
  assert.deepEqual([unsafe.finishReason, unsafe.content, unsafe.safetyRatings[0].blocked], ['SAFETY', undefined, true])
  await comet.fault('refusal')
  const refused = await generate()
  assert.deepEqual([refused.promptFeedback.blockReason, refused.candidates], ['PROHIBITED_CONTENT', undefined])
  await comet.fault('error-event')
  const error = await failure(streamed())
  assert.match(error.message, /"code":503,.*"status":"UNAVAILABLE"/)
  await comet.fault('no-finish')
  assert.ok((await streamed()).every((chunk) => !chunk.candidates[0].finishReason))
  await comet.fault('usage-missing')
  assert.ok((await streamed()).every((chunk) => !chunk.usageMetadata))
  await comet.fault('model-renamed')
  assert.equal((await generate()).modelVersion, 'some-other-model')
  await comet.fault('id-missing')
  assert.equal((await generate()).responseId, undefined)
}

async function cometHabits(comet) {
  let error = await failure(comet.client('sk-unknown').models.generateContent(question))
  assert.ok(error instanceof ApiError, error.constructor.name)
  assert.equal(error.status, 401)
  assert.equal(JSON.parse(error.message).error.type, 'comet_api_error')
  error = await failure(comet.client().models.generateContent({ ...question, model: 'gemini-none' }))
  assert.deepEqual([error.status, JSON.parse(error.message).error.code], [503, 'model_not_found'])
  assert.equal((await post(comet, 'generateContent', { authorization: 'Bearer ' + KEY })).status, 200)
}

async function makersHabits(_, maker) {
  const quotas = (error) => JSON.parse(error.message).error.details.flatMap((detail) => detail.violations ?? [])
  const told = (error) => (({ code, status, details }) => [code, status, details?.[0].reason])(JSON.parse(error.message).error)
  const generate = (change, key) => failure(maker.client(key).models.generateContent({ ...question, ...change }))
  let error = await generate({}, 'sk-unknown')
  assert.deepEqual([error.status, ...told(error)], [400, 400, 'INVALID_ARGUMENT', 'API_KEY_INVALID'])
  error = await generate({ model: 'gemini-none' })
  assert.deepEqual([error.status, ...told(error)], [404, 404, 'NOT_FOUND', undefined])
  error = await failure(maker.client().models.generateContent({ model: MODEL, contents: [{ role: 'user', parts: [] }] }))
  assert.deepEqual([error.status, ...told(error)], [400, 400, 'INVALID_ARGUMENT', undefined])
  assert.equal((await post(maker, 'generateContent', {})).status, 403)
  assert.equal((await post(maker, 'generateContent', { authorization: 'Bearer ' + KEY })).status, 403)
  for (const [name, quota] of [['gemini_minute_quota', /PerMinute/], ['gemini_daily_quota', /PerDay/]]) {
    await maker.fault({ fault: 'error', name })
    error = await generate({})
    assert.equal(error.status, 429)
    assert.match(quotas(error)[0].quotaId, quota)
  }
}

await run([await start(connect), await start(connect, '--profile', 'gemini')], [
  ['whole', whole], ['forms of input', forms], ['stream', stream], ['framing', framing], ['token caps', caps],
  ['thoughts', thoughts], ['faults', faults], ["the gateway's habits", cometHabits], ["the maker's habits", makersHabits],
])
