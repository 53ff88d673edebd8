import { moneyText } from '../../local/lines/prices.js'
import type { Challenge, Requirement } from '../../wire/x402-challenge.js'
import { inspectText } from '../inspect/inspect-text.js'
import { shortPlan } from '../output/short-plan.js'
import { type Finding, findingsOf } from './finding.js'

const { ok, warn } = findingsOf('challenge')

/** A challenge that was read, and where it came from. */
export interface ReadChallenge {
  readonly challenge: Challenge
  /** The challenge as its seller wrote it, e.g. the line of a header. */
  readonly written: string
  /** What was called. */
  readonly called: string
}

/** Says what a challenge asks for, and what `inspect` finds wrong with it. */
export function checkChallenge({ challenge, written, called }: ReadChallenge): Finding[] {
  const wrong = inspectText(written, Date.now()).found.flatMap(({ findings }) => findings)
  return [
    ...challenge.accepts.map(offerIn),
    ...wrong.map(({ level, path, message, cure }): Finding => {
      const where = path === '' ? '' : `${path}: `
      return { level, check: 'challenge', message: where + message.replace(/\.$/, ''), cure }
    }),
    ...checkResource(challenge.resource.url, called),
  ]
}

function offerIn({ scheme, network, planId, amount, asset }: Requirement): Finding {
  if (typeof planId === 'string') return ok(`it asks for credits of the plan ${shortPlan(planId)}`)
  const price = `it asks for ${scheme}: ${moneyText(String(amount), asset, network)} on ${network}`
  if (!TEST_NETWORKS.has(network)) return ok(price)
  const cure = 'Money there is worth nothing. Change network before you go live.'
  return warn(`${price}, a test network`, cure)
}

const TEST_NETWORKS = new Set([
  ...['eip155:84532', 'eip155:11155111', 'eip155:421614', 'eip155:80002', 'eip155:43113'],
  'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1',
])

/** Buyers compare the resource with what they called. */
function checkResource(resource: string, called: string): Finding[] {
  if (resource === called) return []
  const shown = resource.length > 200 ? `${resource.slice(0, 200)}…` : resource
  return [
    warn(
      `resource.url is ${shown}, and ${called} was called`,
      'Set the option endpoint to the public URL. Some buyers refuse another one.',
    ),
  ]
}
