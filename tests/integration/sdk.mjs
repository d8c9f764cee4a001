// SPDX-License-Identifier: Apache-2.0
// For the tests of the simulator with an official SDK: starts cometcanary-sim, and runs points as TAP.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'

export const KEY = 'sk-test-of-the-sdk'
export const CLOCK = 1795341600

const require = createRequire(process.env.TEST_NPM + '/')

// A package of tests/npm.
export const install = (name) => require(name)

// A simulator; client(key) is what connect(url, key) makes, sim() a call of its own interface.
export async function start(connect, ...flags) {
  const child = spawn(process.env.TEST_BUILD + '/cometcanary-sim', ['--listen', '127.0.0.1:0', '--seed', '7',
    '--clock', String(CLOCK), '--key', 'test=' + KEY, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise((resolve) => child.on('exit', (code) => resolve(code)))
  const url = await new Promise((resolve, reject) => {
    let said = ''
    child.stdout.on('data', (data) => {
      said += data
      const line = said.match(/^listening (http:\S+)$/m)
      if (line) resolve(line[1])
    })
    child.on('error', reject)
    child.on('exit', () => reject(new Error('cometcanary-sim ended before it listened: ' + said)))
  })
  const client = (key = KEY) => connect(url, key)
  const sim = async (path, method = 'GET', value) => {
    const reply = await fetch(url + '/_sim/' + path, { method, body: value && JSON.stringify(value) })
    assert.ok(reply.ok, `${method} /_sim/${path}: ${reply.status}`)
    return reply.status === 204 ? undefined : reply.json()
  }
  const stop = async () => {
    child.kill('SIGTERM')
    assert.equal(await ended, 0, 'exit code after SIGTERM')
  }
  // The next request has this fault, and no other.
  const fault = (value) => sim('faults', 'POST', { count: 1, faults: [value] })
  return { url, client, sim, fault, stop }
}

export async function failure(promise) {
  try {
    await promise
  } catch (error) {
    return error
  }
  assert.fail('no error was thrown')
}

export async function drain(stream) {
  const chunks = []
  for await (const chunk of stream) chunks.push(chunk)
  return chunks
}

// Each point is [title, function of the simulators]; at the end these must end cleanly.
export async function run(sims, points) {
  const all = [...points, ['the simulators end cleanly', () => Promise.all(sims.map((sim) => sim.stop()))]]
  let failed = 0
  console.log(`1..${all.length}`)
  for (const [index, [title, point]] of all.entries()) {
    try {
      await point(...sims)
      console.log(`ok ${index + 1} - ${title}`)
    } catch (error) {
      failed++
      console.log(`not ok ${index + 1} - ${title}`)
      console.log(String(error.stack ?? error).replace(/^/gm, '# '))
    }
  }
  process.exit(failed ? 1 : 0)
}
