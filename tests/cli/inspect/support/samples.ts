import { privateKeyToAccount } from 'viem/accounts'
import { payerOf } from '../../../../src/client/index.js'
import { inspectText } from '../../../../src/cli/inspect/inspect-text.js'
import type { Finding, Inspected } from '../../../../src/cli/inspect/thing.js'
import { encodeHeader } from '../../../../src/wire/x402.js'

/** An account of a well-known development mnemonic. */
const BUYER = privateKeyToAccount(
  '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d',
)
export const PAYEE = '0x209693Bc6afc0C5328bA36FaF03C514EF312287C'
export const USDC = '0x036CbD53842c5426634e7929541eC2318f3dCF7e'

/** A JSON object whose members tests change. */
export type Json = Record<string, unknown>

export const WAY = {
  scheme: 'exact',
  network: 'eip155:84532',
  amount: '10000',
  asset: USDC,
  payTo: PAYEE,
  maxTimeoutSeconds: 300,
  extra: { name: 'USDC', version: '2' },
}

export const PLAN = {
  scheme: 'nvm:erc4337',
  network: 'eip155:84532',
  planId: '70423977160533745426542346313019709471269842654807877077193823324027390859705',
  extra: { version: '1', agentId: '42' },
}

export function challenge() {
  return structuredClone({
    x402Version: 2 as const,
    error: 'payment required',
    resource: { url: 'https://api.example.com/quote', description: 'A quote' },
    accepts: [WAY],
    extensions: {},
  })
}

export function challengeV1(): Json {
  const { amount, ...way } = structuredClone(WAY)
  return {
    x402Version: 1,
    error: 'payment required',
    accepts: [
      {
        ...way,
        network: 'base-sepolia',
        maxAmountRequired: amount,
        resource: 'https://api.example.com/quote',
        description: '',
        mimeType: '',
      },
    ],
  }
}

/** A payment that a viem account signed just now. */
export async function payment(): Promise<Json> {
  const { meta } = await payerOf(BUYER)(challenge(), { requirement: WAY })
  return structuredClone(meta?.['x402/payment']) as Json
}

export async function paymentV1(): Promise<Json> {
  const { payload } = await payment()
  return { x402Version: 1, scheme: 'exact', network: 'base-sepolia', payload }
}

export const receipt = (): Json => ({
  success: true,
  transaction: `0x${'5a'.repeat(32)}`,
  network: 'eip155:84532',
  payer: BUYER.address,
})

/** A text as one line of a header. */
export function header(name: string, value: unknown): string {
  return `${name}: ${typeof value === 'string' ? value : encodeHeader(value)}`
}

/** The only thing of a text. */
export function only(text: string, nowMs = Date.now()): Inspected {
  const { found } = inspectText(text, nowMs)
  const [one] = found
  if (one === undefined || found.length > 1) throw new Error(`${found.length} things were found`)
  return one
}

/** Findings as lines: `fail accepts[0].payTo: …`. */
export function linesOf(findings: readonly Finding[]): string[] {
  return findings.map(({ level, path, message }) => `${level} ${path}: ${message}`)
}

/** The facts of a thing, by their names. */
export function facts({ rows }: Inspected): Record<string, string> {
  return Object.fromEntries(rows.flatMap(([label, text]) => (text ? [[label, text]] : [])))
}

/**
 * A copy with another member. Names of the path are split at dots; numbers are places in a list. A function makes the new
 * value from the old one. With `undefined` the member is left out.
 */
export function changed(value: Json, path: string, to: unknown): Json {
  const names = path.split('.')
  const last = names.pop() ?? ''
  const copy = structuredClone(value)
  const place = names.reduce((outer, name) => outer[name] as Json, copy)
  place[last] = typeof to === 'function' ? (to as (old: unknown) => unknown)(place[last]) : to
  return copy
}

/** What is wrong with JSON, as lines. */
export function wrongWith(value: Json): string[] {
  return linesOf(only(JSON.stringify(value)).findings)
}

/** A time so many seconds from now, as the wire has it. */
export const seconds = (more: number): string => String(Math.floor(Date.now() / 1000) + more)
