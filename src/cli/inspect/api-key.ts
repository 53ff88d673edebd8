import { KEY_PREFIXES } from '../../nevermined/environments.js'
import { timeAway } from '../output/times.js'
import { Findings } from './findings.js'
import type { Description, Thing } from './thing.js'

export function describeKey({ value }: Thing, nowMs: number): Description {
  const findings = new Findings()
  const prefix = String(value['prefix'])
  const claims = value['claims'] as Record<string, unknown>
  const account = value['account'] as string | undefined
  const expiry = timeOf(claims['exp'])
  checkPrefix(prefix, findings)
  if (value['isWhole'] !== true) {
    findings.fail('', 'The JWT of the key cannot be read: a part of it is missing.', COPY)
  } else if (account === undefined) {
    findings.fail('', 'The JWT names no account (sub), so no client of Nevermined takes it.', COPY)
  }
  if (expiry !== undefined && expiry <= nowMs) {
    const message = `The key ended at ${timeAway(expiry, nowMs)}.`
    findings.fail('', message, 'Make a new key in the Nevermined app.')
  }
  const issued = timeOf(claims['iat'])
  return {
    title:
      prefix === '' ? 'JWT, or an API key of Nevermined without its prefix' : 'Nevermined API key',
    rows: [
      ['Environment', environmentText(prefix)],
      ['Account', account],
      ['Issued', issued === undefined ? undefined : timeAway(issued, nowMs)],
      ['Expires', expiry === undefined ? 'it does not say' : timeAway(expiry, nowMs)],
    ],
    findings: findings.all,
  }
}

const COPY = 'Copy the key again from the Nevermined app.'

function checkPrefix(prefix: string, findings: Findings): void {
  if (prefix === '') {
    findings.warn(
      '',
      'No prefix stands before the JWT.',
      'If it is a key of Nevermined, give it with its prefix, such as sandbox: or live:.',
    )
  } else if (prefix !== 'local' && !Object.hasOwn(KEY_PREFIXES, prefix)) {
    const known = Object.keys(KEY_PREFIXES).join(', ')
    findings.warn(
      '',
      `The prefix '${prefix}:' is of no environment.`,
      `Known are ${known} and local.`,
    )
  }
}

function environmentText(prefix: string): string {
  if (prefix === '') return 'custom, since it has no prefix'
  if (prefix === 'local') return 'local (a local stack)'
  const name = Object.hasOwn(KEY_PREFIXES, prefix) ? KEY_PREFIXES[prefix] : undefined
  return name ?? 'custom, since its prefix is of no environment'
}

function timeOf(seconds: unknown): number | undefined {
  return typeof seconds === 'number' && seconds > 0 && seconds < 1e11 ? seconds * 1000 : undefined
}
