import { execFileSync, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, test } from '@jest/globals'
import { build } from 'esbuild'

/** Where Chromium is; `undefined` if it is not on the PATH. */
function chromium(): string | undefined {
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    try {
      return execFileSync('which', [name], { encoding: 'utf8' }).trim()
    } catch {
      // Another name, perhaps.
    }
  }
  return undefined
}

/** `describe` with a browser. Without one the tests are skipped, and the reason is printed at once. */
export function describeInBrowser(title: string, tests: (browser: string) => void): void {
  const browser = chromium()
  if (browser !== undefined) return describe(title, () => tests(browser))
  const why = 'no Chromium on the PATH (Debian: apt-get install chromium)'
  process.stderr.write(`${title}: skipped, ${why}\n`)
  describe.skip(title, () => test(why, () => undefined))
}

const FLAGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync', '--no-first-run', '--disable-dev-shm-usage'],
]
/** A page that says nothing for so long has failed. Unit: ms. */
const PATIENCE_MS = 60_000

/** Serves pages that run one script, each opened in a browser of its own. */
export async function pageServer(script: string, browser: string) {
  const { outputFiles } = await build({
    entryPoints: [script],
    bundle: true,
    format: 'esm',
    write: false,
    logLevel: 'error',
  })
  const code = outputFiles[0]?.contents ?? new Uint8Array()
  let told: (text: string) => void = () => undefined
  const server = http.createServer((request, response) => {
    if (request.url === '/page.js') {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(code)
    } else if (request.method === 'POST') {
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', () => {
        response.end()
        told(Buffer.concat(parts).toString())
      })
    } else {
      const page = '<!doctype html><script type="module" src="/page.js"></script>'
      response.writeHead(200, { 'content-type': 'text/html' }).end(page)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    origin,
    /** What the page posts to its own server. */
    async open(query: Record<string, string>): Promise<unknown> {
      const profile = await mkdtemp(path.join(tmpdir(), 'page-'))
      const url = `${origin}/?${new URLSearchParams(query).toString()}`
      const running = spawn(browser, [...FLAGS, `--user-data-dir=${profile}`, url], {
        stdio: 'ignore',
        detached: true,
      })
      const ended = new Promise((resolve) => running.once('close', resolve))
      try {
        return JSON.parse(
          await new Promise<string>((resolve, reject) => {
            told = resolve
            running.once('exit', () => reject(new Error('the browser ended')))
            setTimeout(() => reject(new Error('the page says nothing')), PATIENCE_MS).unref()
          }),
        )
      } finally {
        // Its processes are a group of their own.
        if (running.pid !== undefined) process.kill(-running.pid, 'SIGKILL')
        await ended
        await rm(profile, { recursive: true, force: true, maxRetries: 5 })
      }
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
