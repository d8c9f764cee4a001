// SPDX-License-Identifier: Apache-2.0
// The official openai SDK reads the simulator's images.
import assert from 'node:assert/strict'
import { inflateSync } from 'node:zlib'
import { CLOCK, failure, install, run, start } from './sdk.mjs'

const { OpenAI } = install('openai')

const question = { model: 'gpt-image-2', prompt: 'a grey cat' }
const connect = (url, apiKey) => new OpenAI({ apiKey, baseURL: url + '/v1', maxRetries: 0, timeout: 10000 })

async function base64(comet) {
  const answer = await comet.client().images.generate(question)
  assert.deepEqual([answer.created, answer.output_format, answer.size, answer.background],
    [CLOCK, 'png', '1024x1024', 'opaque'])
  assert.deepEqual(answer.usage, { input_tokens: 7, input_tokens_details: { image_tokens: 0, text_tokens: 7 },
    output_tokens: 272, output_tokens_details: { image_tokens: 272, text_tokens: 0 }, total_tokens: 279 })
  assert.equal(answer.data.length, 1)
  const png = Buffer.from(answer.data[0].b64_json, 'base64')
  assert.equal(png.subarray(0, 8).toString('latin1'), '\x89PNG\r\n\x1a\n')
  assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [1, 1])
  assert.equal(inflateSync(png.subarray(41, 41 + png.readUInt32BE(33))).length, 2)
  assert.equal(png.subarray(-8, -4).toString('latin1'), 'IEND')
}

async function several(comet) {
  const answer = await comet.client().images.generate({ ...question, n: 3, size: '1536x1024', quality: 'high' })
  assert.deepEqual([answer.data.length, answer.size, answer.quality, answer.usage.output_tokens],
    [3, '1536x1024', 'high', 816])
}

async function byUrl(comet) {
  const answer = await comet.client().images.generate({ ...question, model: 'dall-e-3' })
  assert.match(answer.data[0].url, /^https:\/\/images\.example\.org\/img-[0-9A-Za-z]{24}\.png\?/)
  assert.deepEqual([answer.data[0].revised_prompt, answer.data[0].b64_json, answer.usage], ['a grey cat', undefined, undefined])
  const other = await comet.client().images.generate({ ...question, model: 'dall-e-3', response_format: 'b64_json' })
  assert.equal(typeof other.data[0].b64_json, 'string')
}

async function refusals(comet, openai) {
  await comet.fault('content-filter')
  assert.deepEqual((await comet.client().images.generate(question)).data, [])
  let error = await failure(openai.client().images.generate({ ...question, prompt: undefined }))
  assert.ok(error instanceof OpenAI.BadRequestError, error.constructor.name)
  assert.deepEqual([error.code, error.param], ['missing_required_parameter', 'prompt'])
  error = await failure(comet.client().images.generate({ ...question, model: 'gpt-5.4-mini' }))
  assert.deepEqual([error.status, error.code], [503, 'model_not_found'])
}

await run([await start(connect), await start(connect, '--profile', 'openai')], [
  ['base64', base64], ['several', several], ['a URL', byUrl], ['refusals', refusals],
])
