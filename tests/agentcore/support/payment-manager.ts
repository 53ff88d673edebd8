import { randomUUID } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import path from 'node:path'
import { build } from 'esbuild'
import { PaymentManager, type PaymentManagerOptions } from '../../../src/agentcore/index.js'
import type { PaymentsCall, PaymentsServiceOptions } from '../../../src/local/agentcore/index.js'
import { decodeHeader } from '../../../src/wire/x402.js'
import { answering } from './answering.js'
import { run } from '../../support/built.js'
import { buyer, type Buyer } from '../../local/agentcore/support/payments-service.js'

/** Credentials whose secret is looked for in every output. */
export const CREDENTIALS = {
  accessKeyId: 'AKIDLOCALKEYID000001',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYLOCALKEY01',
  sessionToken: 'FwoGZXIvYXdzEBYaDLocalSessionToken0123456789abcdef',
}

/** A payment manager of a local service, and its user. */
export interface Setup {
  buyer: Buyer
  /** A manager with the credentials of `user-1`. */
  manager: PaymentManager
  /** Makes another manager of the same user, with further options. */
  managerWith: (options: Partial<PaymentManagerOptions>) => PaymentManager
  /** The calls that the service got, of one operation or of all. */
  calls: (operation?: string) => PaymentsCall[]
}

export async function setup(options: PaymentsServiceOptions = {}): Promise<Setup> {
  const one = await buyer(options)
  const { service, paymentManagerArn } = one
  const managerWith = (more: Partial<PaymentManagerOptions>) =>
    new PaymentManager({
      paymentManagerArn,
      endpoint: service.url,
      credentials: CREDENTIALS,
      userId: 'user-1',
      ...more,
    })
  return {
    buyer: one,
    manager: managerWith({}),
    managerWith,
    calls: (operation) =>
      service.calls.filter((call) => operation === undefined || call.operation === operation),
  }
}

/** Makes a manager that sends one attempt, to something else than the service. */
export async function instead(listener: RequestListener): Promise<PaymentManager> {
  const [{ managerWith }, { url }] = [await setup(), await answering(listener)]
  return managerWith({ endpoint: url, maxAttempts: 1 })
}

/** Makes an instrument, and a session of a dollar. */
export async function funded(
  options: PaymentsServiceOptions = {},
  network: 'ETHEREUM' | 'SOLANA' = 'ETHEREUM',
): Promise<Setup & { paymentInstrumentId: string; paymentSessionId: string }> {
  const one = await setup(options)
  const paymentInstrumentId = await one.buyer.instrument(network)
  const paymentSessionId = await one.buyer.session('1.00')
  return { ...one, paymentInstrumentId, paymentSessionId }
}

/** Makes a token of an identity provider. It is unsigned, since the service does not check. */
export function jwt(sub: string): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signature = Buffer.from(`signature of ${sub}, long enough to be one`).toString('base64url')
  return `${part({ alg: 'RS256' })}.${part({ sub })}.${signature}`
}

/** Decodes the one header of an answer. */
export function decoded(header: Record<string, string>): [name: string, payload: unknown] {
  const [[name, value] = ['', ''], ...more] = Object.entries(header)
  if (more.length > 0) throw new Error('more than one header')
  return [name, decodeHeader(value)]
}

/**
 * The error that a call fails with.
 *
 * @throws if it does not fail
 */
export async function failure(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => {
      throw new Error('did not fail')
    },
    (error: unknown) => error,
  )
}

/**
 * Runs a program in a process of its own. It may import `agentcore`, and has no environment but `env`.
 *
 * @param folder where it looks for packages. The default is this package.
 */
export async function runAlone(
  source: string,
  env: Record<string, string> = {},
  folder = '.cache/alone',
): Promise<{ stdout: string; stderr: string }> {
  await mkdir(folder, { recursive: true })
  const file = path.join(folder, `${randomUUID()}.mjs`)
  await build({
    stdin: { contents: source, resolveDir: process.cwd(), loader: 'ts' },
    alias: { agentcore: './src/agentcore/index.ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'es2022',
    external: ['@aws-sdk/*', 'zod'],
    tsconfigRaw: {},
    outfile: file,
    logLevel: 'error',
  })
  try {
    const quiet = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' }
    return await run(process.execPath, [file], { env: { ...quiet, ...env }, timeout: 20_000 })
  } finally {
    await rm(file, { force: true })
  }
}

/** Makes a function that rejects with what it is given. */
export function rejecting(thrown: unknown): () => Promise<never> {
  return async () => {
    throw thrown
  }
}
